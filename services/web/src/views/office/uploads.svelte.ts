/** Keep the uploads of this browser: they go on while one walks through the screens, and are remembered. */
import type { Scan } from "$/api/types";
import { Runner } from "$/model/upload/runner";
import { type Beginning, begin, type Upload } from "$/model/upload/upload";
import { uploadWire } from "./upload-wire";

const KEY = "korrigo.uploads";
const SOON = 400;

type Kept = Beginning & { chunkBytes: number; received: number[] };

class Uploads {
  all = $state.raw<readonly Upload[]>([]);
  #runner = new Runner(
    uploadWire((uploads) => this.#adopt(uploads)),
    remembered(),
  );
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.all = this.#runner.uploads;
    addEventListener("beforeunload", (event) => {
      if (this.isBusy) event.preventDefault();
    });
    addEventListener("pagehide", () => this.#remember());
  }

  get isBusy(): boolean {
    return this.all.some((upload) => upload.state === "sending" || upload.state === "stalled");
  }

  of(batchId: string): Upload[] {
    return this.all.filter((upload) => upload.batchId === batchId);
  }

  add(files: readonly File[], examId: string, batchId: string): void {
    for (const file of files) this.#runner.add(file, examId, batchId);
  }

  /** Send a file in place of a scan that was refused. */
  replace(scan: Scan, file: File): void {
    this.#runner.add(file, scan.exam_id, scan.batch_id, scan.id);
  }

  pause = (id: string): void => this.#runner.pause(id);
  resume = (id: string): void => this.#runner.resume(id);
  cancel = (id: string): void => this.#runner.cancel(id);

  #adopt(uploads: readonly Upload[]): void {
    this.all = uploads;
    this.#soon ??= setTimeout(() => this.#remember(), SOON);
  }

  /** Write down what changed here, and nothing otherwise: another tab may know better. */
  #remember(): void {
    if (this.#soon === undefined) return;
    clearTimeout(this.#soon);
    this.#soon = undefined;
    remember(this.all);
  }
}

function remember(uploads: readonly Upload[]): void {
  const kept: Kept[] = uploads
    .filter((upload) => upload.state !== "refused" && upload.state !== "completed")
    .map(({ id, examId, batchId, fileName, bytes, lastModified, replaces, chunkBytes, received }) => ({
      ...{ id, examId, batchId, fileName, bytes, lastModified, replaces, chunkBytes },
      received: [...received],
    }));
  if (kept.length) localStorage.setItem(KEY, JSON.stringify(kept));
  else localStorage.removeItem(KEY);
}

function remembered(): Upload[] {
  const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]") as Kept[];
  return kept.map((one) => ({
    ...begin(one),
    chunkBytes: one.chunkBytes,
    received: new Set(one.received),
  }));
}

export const uploads = new Uploads();
