/** Send files up: three requests at once over all of them, each repeated until it is stored. */
import { type Announced, advance, begin, type Job, jobsOf, type Upload, type UploadNews } from "./upload";

export const LINES = 3;
const LONGEST_WAIT = 30_000;

export interface Source {
  readonly name: string;
  readonly size: number;
  readonly lastModified: number;
  slice(from: number, to: number): Blob;
}

/** What the runner needs of the outside. */
export interface Wire {
  newId(): string;
  open(upload: Upload): Promise<Announced>;
  /** Which pieces have arrived of an upload that began earlier. */
  read(uploadId: string): Promise<Announced>;
  put(upload: Upload, chunk: number, piece: Blob, progressed: (bytes: number) => void): Promise<void>;
  /** Take back what was announced. */
  cancel(uploadId: string): Promise<void>;
  /** Hand the whole file over; gives the id of its scan. */
  complete(uploadId: string): Promise<string>;
  wait(ms: number): Promise<void>;
  describe(thrown: unknown): { isPassing: boolean; reason: string };
  /** Show and remember the uploads as they are now. */
  tell(uploads: readonly Upload[]): void;
}

export class Runner {
  #uploads: Upload[];
  #sources = new Map<string, Source>();
  #begun = new Set<string>();
  #lines = 0;
  #wire: Wire;

  /** Take up what is remembered of earlier visits; it waits for its files. */
  constructor(wire: Wire, remembered: readonly Upload[] = []) {
    this.#wire = wire;
    this.#uploads = remembered.map((upload) => ({ ...upload, state: "interrupted" }));
    for (const upload of remembered) this.#begun.add(upload.id);
  }

  get uploads(): readonly Upload[] {
    return this.#uploads;
  }

  /** Send a file; the same file of an interrupted upload goes on where it stopped. */
  add(source: Source, examId: string, batchId: string, replaces = ""): Upload {
    const upload = this.#interrupted(source, batchId) ?? this.#fresh(source, { examId, batchId, replaces });
    this.#sources.set(upload.id, source);
    this.#change(upload.id, { type: "resumed" });
    this.#pump();
    return upload;
  }

  pause(id: string): void {
    this.#change(id, { type: "paused" });
  }

  resume(id: string): void {
    this.#change(id, { type: "resumed" });
    this.#pump();
  }

  /** Forget an upload and what of it has arrived; what cannot be taken back now is forgotten there later. */
  cancel(id: string): void {
    if (this.#begun.has(id)) this.#takeBack(id);
    this.#uploads = this.#uploads.filter((upload) => upload.id !== id);
    this.#sources.delete(id);
    this.#wire.tell(this.#uploads);
    this.#pump();
  }

  #interrupted(source: Source, batchId: string): Upload | undefined {
    return this.#uploads.find(
      ({ state, ...upload }) =>
        state === "interrupted" &&
        upload.batchId === batchId &&
        upload.fileName === source.name &&
        upload.bytes === source.size &&
        upload.lastModified === source.lastModified,
    );
  }

  #fresh(source: Source, place: Pick<Upload, "examId" | "batchId" | "replaces">): Upload {
    const { name: fileName, size: bytes, lastModified } = source;
    const upload = begin({ ...place, id: this.#wire.newId(), fileName, bytes, lastModified });
    this.#uploads = [...this.#uploads, upload];
    return upload;
  }

  #pump(): void {
    while (this.#lines < LINES) {
      const next = this.#next();
      if (!next) return;
      void this.#run(...next);
    }
  }

  #next(): [Upload, Source, Job] | undefined {
    for (const upload of this.#uploads) {
      const source = this.#sources.get(upload.id);
      const [job] = jobsOf(upload);
      if (source && job) return [upload, source, job];
    }
    return undefined;
  }

  async #run(upload: Upload, source: Source, job: Job): Promise<void> {
    this.#lines++;
    this.#change(upload.id, { type: "started", key: job.key });
    try {
      this.#change(upload.id, await this.#perform(upload, source, job));
    } catch (thrown) {
      this.#failed(upload.id, job.key, thrown);
    } finally {
      this.#lines--;
    }
    this.#pump();
  }

  async #perform(upload: Upload, source: Source, job: Job): Promise<UploadNews> {
    if (job.kind === "open") return { type: "opened", announced: await this.#announce(upload) };
    if (job.kind === "complete") return { type: "completed", scanId: await this.#wire.complete(upload.id) };
    const { key, chunk, from, to } = job;
    const progressed = (bytes: number): void => this.#change(upload.id, { type: "progressed", key, bytes });
    await this.#wire.put(upload, chunk, source.slice(from, to), progressed);
    return { type: "stored", key, chunk };
  }

  async #announce(upload: Upload): Promise<Announced> {
    if (this.#begun.has(upload.id)) return this.#wire.read(upload.id);
    const announced = await this.#wire.open(upload);
    this.#begun.add(upload.id);
    if (!this.#find(upload.id)) this.#takeBack(upload.id);
    return announced;
  }

  #takeBack(id: string): void {
    this.#wire.cancel(id).catch(() => undefined);
  }

  #failed(id: string, key: string, thrown: unknown): void {
    const before = this.#find(id)?.state;
    this.#change(id, { type: "failed", key, ...this.#wire.describe(thrown) });
    const upload = this.#find(id);
    if (upload?.state === "stalled" && before !== "stalled") void this.#retry(id, upload.failures);
  }

  async #retry(id: string, failures: number): Promise<void> {
    await this.#wire.wait(Math.min(500 * 2 ** failures, LONGEST_WAIT));
    if (this.#find(id)?.state === "stalled") this.resume(id);
  }

  #find(id: string): Upload | undefined {
    return this.#uploads.find((upload) => upload.id === id);
  }

  #change(id: string, news: UploadNews): void {
    if (!this.#find(id)) return;
    this.#uploads = this.#uploads.map((upload) => (upload.id === id ? advance(upload, news) : upload));
    this.#wire.tell(this.#uploads);
  }
}
