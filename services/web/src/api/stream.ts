/**
 * Read the gateway's stream of changes. The browser reconnects by itself with the last id that it saw and misses
 * nothing; only where it gave up is the stream opened anew, and everything read again.
 */
import type { Change } from "./types";

export type News =
  | { type: "change"; change: Change }
  | { type: "reset" }
  | { type: "open" }
  | { type: "lost" };

const REOPEN_AFTER = 15_000;

/** Open the stream and tell every piece of news until the returned function is called. */
export function openStream(url: string, tell: (news: News) => void): () => void {
  let source: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = (isAgain: boolean): void => {
    source = new EventSource(url);
    source.onopen = () => {
      if (isAgain) tell({ type: "reset" });
    };
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) again = setTimeout(() => open(true), REOPEN_AFTER);
    };
    source.addEventListener("reset", () => tell({ type: "reset" }));
    source.addEventListener("change", (event) => tell({ type: "change", change: JSON.parse(event.data) }));
  };
  open(false);
  return () => {
    clearTimeout(again);
    source.close();
  };
}
