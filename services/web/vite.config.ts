import { fileURLToPath } from "node:url";
import { paraglideVitePlugin } from "@inlang/paraglide-js";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const gateway = process.env["KORRIGO_GATEWAY"] ?? "http://127.0.0.1:8080";

/** Tests read the messages that `npm run messages` made: the plugin's watcher would keep them from ending. */
const messages = paraglideVitePlugin({
  project: "./project.inlang",
  outdir: "./src/i18n/generated",
  outputStructure: "message-modules",
  strategy: ["globalVariable", "baseLocale"],
});

export default defineConfig({
  plugins: [process.env["VITEST"] ? [] : messages, svelte()],
  resolve: {
    alias: { $: fileURLToPath(new URL("./src", import.meta.url)) },
    ...(process.env["VITEST"] ? { conditions: ["browser"] } : {}),
  },
  build: { target: "es2022", manifest: true, assetsInlineLimit: 0, sourcemap: false },
  server: { proxy: { "/api": gateway, "/i": gateway } },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    restoreMocks: true,
    testTimeout: 10_000,
  },
});
