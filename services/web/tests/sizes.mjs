/** Hold the build against its budgets: what a screen loads at first, in gzip kilobytes. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const BUDGETS = { "index.html": 60, "src/desk/Desk.svelte": 120 };

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));

function filesOf(entry, seen = new Set()) {
  const chunk = manifest[entry];
  if (seen.has(chunk.file)) return seen;
  for (const file of [chunk.file, ...(chunk.css ?? [])]) seen.add(file);
  for (const imported of chunk.imports ?? []) filesOf(imported, seen);
  return seen;
}

const weigh = (file) => gzipSync(readFileSync(new URL(file, DIST))).length / 1024;

let isOver = false;
for (const [entry, budget] of Object.entries(BUDGETS)) {
  const files = new Set([...filesOf("index.html"), ...filesOf(entry)]);
  const weight = [...files].reduce((sum, file) => sum + weigh(file), 0);
  isOver ||= weight > budget;
  console.log(`${entry}: ${weight.toFixed(1)} KB of ${budget} KB`);
}
process.exitCode = isOver ? 1 : 0;
