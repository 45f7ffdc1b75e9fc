/** Tell the gateway how long people waited: the only measure of what they feel. */
import { BASE, mutationHeaders } from "./client";

export type Felt = "autosave" | "page_turn";

const MOST = 100;
const EVERY = 30_000;

let waits: { what: Felt; seconds: number }[] = [];

/** Note a wait; it leaves with others, and nobody waits for that. */
export function noteWait(what: Felt, began: number): void {
  if (waits.length < MOST) waits.push({ what, seconds: (performance.now() - began) / 1000 });
}

/** Send what was noted, now and then and when the page goes away. */
export function tellWaits(): void {
  setInterval(tell, EVERY);
  addEventListener("pagehide", tell);
}

function tell(): void {
  if (waits.length === 0) return;
  const body = JSON.stringify({ items: waits });
  waits = [];
  const headers = { "Content-Type": "application/json", ...mutationHeaders() };
  fetch(`${BASE}/waits`, { method: "POST", keepalive: true, headers, body }).catch(() => undefined);
}
