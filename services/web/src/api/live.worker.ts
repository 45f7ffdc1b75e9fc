/** Hold the one stream of changes for every tab of this browser. */
import { type News, openStream } from "./stream";

/** "close": the session has ended, for every tab. */
type Message = { type: "open"; url: string } | { type: "leave" } | { type: "close" };

const ports = new Set<MessagePort>();
let close: (() => void) | null = null;

function tell(news: News): void {
  for (const port of ports) port.postMessage(news);
}

function hear(port: MessagePort, message: Message): void {
  if (message.type === "open") {
    ports.add(port);
    close ??= openStream(message.url, tell);
    return;
  }
  ports.delete(port);
  if (message.type === "leave" && ports.size > 0) return;
  close?.();
  close = null;
}

self.addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0] as MessagePort;
  port.onmessage = (message) => hear(port, message.data);
});
