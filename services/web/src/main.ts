import { mount } from "svelte";
import "$/ui/tokens.css";
import "$/ui/base.css";
import { tellWaits } from "$/api/waits";
import App from "$/app/App.svelte";
import { applyTheme } from "$/app/theme";
import { language } from "$/i18n/language.svelte";

language.speak(language.current);
applyTheme();
tellWaits();
sessionStorage.removeItem("korrigo.starts");
document.getElementById("app")?.replaceChildren();
mount(App, { target: document.getElementById("app") as HTMLElement });
