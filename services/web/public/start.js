/*
 * The app itself cannot be had: nothing answers, or this page belongs to a release whose files have gone. Say so, and
 * load the page again, with growing pauses. A plain script, so that it is here when modules are not.
 */
"use strict";
addEventListener(
  "error",
  ({ target }) => {
    const app = document.getElementById("app");
    const isStyle = target instanceof HTMLLinkElement && target.rel === "stylesheet";
    if (!(isStyle || target instanceof HTMLScriptElement) || !app || app.childElementCount > 0) return;
    const tries = Number(sessionStorage.getItem("korrigo.starts")) + 1;
    sessionStorage.setItem("korrigo.starts", String(tries));
    for (const [language, text] of [
      ["fr", "Korrigo n’a pas pu être chargé entièrement. Nouvel essai dans un instant…"],
      ["en", "Korrigo could not be loaded entirely. Trying again in a moment…"],
    ]) {
      const line = document.createElement("p");
      line.lang = language;
      line.textContent = text;
      line.style.cssText = "margin: 2rem; font: 1rem/1.5 system-ui, sans-serif";
      app.append(line);
    }
    setTimeout(() => location.reload(), Math.min(1000 * 2 ** tries, 30_000));
  },
  true,
);
