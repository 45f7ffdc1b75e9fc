/** Hold the one stream of changes for every tab of this browser. */
import { type News, openStream } from "./stream";

const ports = new Set<MessagePort>();
let close: (() => void) | null = null;

function tell(news: News): void {
  for (const port of ports) port.postMessage(news);
}

function hear(port: MessagePort, message: { type: "open" | "close" | "leave"; url?: string }): void {
  if (message.type === "leave") ports.delete(port);
  if (message.type === "close" || ports.size === 0) {
    close?.();
    close = null;
  }
  if (message.type === "open") close ??= openStream(message.url ?? "", tell);
}

self.addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0] as MessagePort;
  ports.add(port);
  port.onmessage = (message) => hear(port, message.data);
});
