/**
 * Read the gateway's stream of changes. The browser reconnects by itself with the last id that it saw and misses
 * nothing; where it saw none yet, or gave up and the stream is opened anew, everything is read again.
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
    let hasPlace = false;
    source = new EventSource(url);
    source.onopen = () => {
      if (isAgain && !hasPlace) tell({ type: "reset" });
      isAgain = true;
    };
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) again = setTimeout(() => open(true), REOPEN_AFTER);
    };
    source.addEventListener("reset", () => tell({ type: "reset" }));
    source.addEventListener("change", (event) => {
      hasPlace = event.lastEventId !== "";
      tell({ type: "change", change: JSON.parse(event.data) });
    });
  };
  open(false);
  return () => {
    clearTimeout(again);
    source.close();
  };
}
