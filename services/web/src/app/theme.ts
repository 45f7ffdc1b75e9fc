/** Remember how the page should look: as the device does, light or dark. */
export type Theme = "system" | "light" | "dark";

const KEY = "korrigo.theme";

function remembered(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** Put the remembered look on the page. */
export function applyTheme(theme: Theme = remembered()): void {
  localStorage.setItem(KEY, theme);
  document.documentElement.dataset["theme"] = theme;
}

export { remembered as rememberedTheme };
