/** Tell every part of the page what changed, from one stream per browser. */
import { BASE } from "./client";
import { type News, openStream } from "./stream";
import type { Change, ChangeKind } from "./types";

const EVENTS = `${BASE}/events`;
const CHANNEL = "korrigo-live";

type Listener = (change: Change | "reset") => void;

const listeners = new Set<Listener>();
let stop: (() => void) | null = null;

/** Start listening for the session that has just begun. */
export function startLive(): void {
  stop ??= typeof SharedWorker === "undefined" ? shareByChannel() : shareByWorker();
}

/** The worker's code cannot be had, or not be run: go on without. */
function goOnWithoutWorker(): void {
  if (!stop) return;
  stop();
  stop = shareByChannel();
}

/** Stop listening: the session has ended. */
export function stopLive(): void {
  stop?.();
  stop = null;
}

/** Call `listener` for each change of these kinds, and with "reset" when anything may have changed. */
export function onChange(kinds: readonly ChangeKind[], listener: Listener): () => void {
  const chosen: Listener = (change) => {
    if (change === "reset" || kinds.includes(change.kind)) listener(change);
  };
  listeners.add(chosen);
  return () => listeners.delete(chosen);
}

function hear(news: News): void {
  for (const listener of listeners) listener(news.type === "change" ? news.change : "reset");
}

function shareByWorker(): () => void {
  const worker = new SharedWorker(new URL("./live.worker.ts", import.meta.url), {
    type: "module",
    name: CHANNEL,
  });
  const join = (): void => worker.port.postMessage({ type: "open", url: EVENTS });
  const leave = (): void => worker.port.postMessage({ type: "leave" });
  worker.port.onmessage = (message) => hear(message.data);
  worker.onerror = goOnWithoutWorker;
  addEventListener("pageshow", join);
  addEventListener("pagehide", leave);
  join();
  return () => {
    removeEventListener("pageshow", join);
    removeEventListener("pagehide", leave);
    worker.port.postMessage({ type: "close" });
    worker.port.close();
  };
}

/** Without shared workers the tab that holds the lock reads the stream and passes it on. */
function shareByChannel(): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  const ended = new AbortController();
  channel.onmessage = (message) => hear(message.data);
  const lead = async (): Promise<void> => {
    const close = openStream(EVENTS, (news) => {
      hear(news);
      channel.postMessage(news);
    });
    await new Promise((done) => ended.signal.addEventListener("abort", done));
    close();
  };
  navigator.locks.request(CHANNEL, { signal: ended.signal }, lead).catch(() => undefined);
  return () => {
    ended.abort();
    channel.close();
  };
}
