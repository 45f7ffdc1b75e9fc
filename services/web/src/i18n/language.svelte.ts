/** Know which language the page speaks; every message follows at once. */
import type { Language } from "$/api/types";
import { overwriteGetLocale } from "./generated/runtime.js";

const KEY = "korrigo.language";

function remembered(): Language {
  const kept = localStorage.getItem(KEY);
  if (kept === "fr" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "fr";
}

class LanguageState {
  #current = $state<Language>(remembered());

  get current(): Language {
    return this.#current;
  }

  /** Speak `language` from now on, here and after a reload. */
  speak(language: Language): void {
    this.#current = language;
    localStorage.setItem(KEY, language);
    document.documentElement.lang = language;
  }
}

export const language = new LanguageState();
overwriteGetLocale(() => language.current);
