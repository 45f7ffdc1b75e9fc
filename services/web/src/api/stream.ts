/** Read the gateway's stream of changes; the browser reconnects by itself with the last id it saw. */
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
  const open = (): void => {
    source = new EventSource(url);
    source.onopen = () => tell({ type: "open" });
    source.onerror = () => {
      tell({ type: "lost" });
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, REOPEN_AFTER);
    };
    source.addEventListener("reset", () => tell({ type: "reset" }));
    source.addEventListener("change", (event) => tell({ type: "change", change: JSON.parse(event.data) }));
  };
  open();
  return () => {
    clearTimeout(again);
    source.close();
  };
}
