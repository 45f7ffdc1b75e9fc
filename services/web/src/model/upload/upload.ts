/** Follow one file on its way up: which pieces have arrived, and what can be done now. */

export type UploadState =
  /** Pieces are sent, or wait for a free line. */
  | "sending"
  | "paused"
  /** Nothing answers; it goes on by itself. */
  | "stalled"
  /** The page was reloaded: the same file must be given again. */
  | "interrupted"
  | "completed"
  | "refused";

export interface Upload {
  /** Chosen here, so that announcing it again is harmless. */
  readonly id: string;
  readonly examId: string;
  readonly batchId: string;
  readonly fileName: string;
  readonly bytes: number;
  /** Milliseconds since 1970: scanners use a name again, and pieces of two files must never become one. */
  readonly lastModified: number;
  /** The refused scan that it takes the place of, or empty. */
  readonly replaces: string;
  readonly state: UploadState;
  /** 0 until the file is announced. */
  readonly chunkBytes: number;
  readonly received: ReadonlySet<number>;
  /** Bytes sent so far of each job that runs. */
  readonly running: ReadonlyMap<string, number>;
  readonly failures: number;
  readonly reason: string;
  /** The scan that it became. */
  readonly scanId: string;
}

export interface Announced {
  chunk_bytes: number;
  received: readonly number[];
}

export type Job =
  | { kind: "open"; key: "open" }
  | { kind: "send"; key: string; chunk: number; from: number; to: number }
  | { kind: "complete"; key: "complete" };

export type UploadNews =
  | { type: "started"; key: string }
  | { type: "progressed"; key: string; bytes: number }
  | { type: "opened"; announced: Announced }
  | { type: "stored"; key: string; chunk: number }
  | { type: "completed"; scanId: string }
  | { type: "failed"; key: string; isPassing: boolean; reason: string }
  | { type: "paused" }
  | { type: "resumed" };

export type Beginning = Pick<
  Upload,
  "id" | "examId" | "batchId" | "fileName" | "bytes" | "lastModified" | "replaces"
>;

/** Start following a file. */
export function begin(file: Beginning): Upload {
  const nothing = { received: new Set<number>(), running: new Map<string, number>() };
  return { ...file, ...nothing, state: "sending", chunkBytes: 0, failures: 0, reason: "", scanId: "" };
}

/** List what may run now, in order, beside what already runs. */
export function jobsOf(upload: Upload): Job[] {
  if (upload.state !== "sending") return [];
  return candidates(upload).filter((job) => !upload.running.has(job.key));
}

/** Bytes that have left, counting pieces on their way. */
export function bytesSent(upload: Upload): number {
  let sent = 0;
  for (const chunk of upload.received) sent += sizeOf(upload, chunk);
  for (const bytes of upload.running.values()) sent += bytes;
  return Math.min(sent, upload.bytes);
}

/** Take in what happened. */
export function advance(upload: Upload, news: UploadNews): Upload {
  switch (news.type) {
    case "started":
    case "progressed":
      return { ...upload, running: noted(upload, news.key, news.type === "started" ? 0 : news.bytes) };
    case "opened":
      return opened(upload, news.announced);
    case "stored":
      return {
        ...without(upload, news.key),
        received: new Set([...upload.received, news.chunk]),
        failures: 0,
      };
    case "completed":
      return { ...without(upload, "complete"), state: "completed", failures: 0, scanId: news.scanId };
    case "failed":
      return failed(upload, news);
    case "paused":
      return upload.state === "sending" || upload.state === "stalled"
        ? { ...upload, state: "paused" }
        : upload;
    case "resumed":
      return resumed(upload);
  }
}

function candidates(upload: Upload): Job[] {
  if (!upload.chunkBytes) return [{ kind: "open", key: "open" }];
  const missing: Job[] = [];
  for (let chunk = 0; chunk * upload.chunkBytes < upload.bytes; chunk++) {
    if (upload.received.has(chunk)) continue;
    const from = chunk * upload.chunkBytes;
    missing.push({ kind: "send", key: `${chunk}`, chunk, from, to: from + sizeOf(upload, chunk) });
  }
  return missing.length ? missing : [{ kind: "complete", key: "complete" }];
}

function sizeOf(upload: Upload, chunk: number): number {
  return Math.min(upload.chunkBytes, upload.bytes - chunk * upload.chunkBytes);
}

function opened(upload: Upload, announced: Announced): Upload {
  const received = new Set(announced.received);
  return { ...without(upload, "open"), chunkBytes: announced.chunk_bytes, received, failures: 0 };
}

/** After a reload only the gateway knows what has arrived: it is asked again. */
function resumed(upload: Upload): Upload {
  if (upload.state === "completed") return upload;
  const chunkBytes = upload.state === "interrupted" ? 0 : upload.chunkBytes;
  return { ...upload, chunkBytes, state: "sending", reason: "" };
}

/** What may pass is tried again later; anything else ends the upload with its reason. */
function failed(upload: Upload, news: { key: string; isPassing: boolean; reason: string }): Upload {
  const left = { ...without(upload, news.key), failures: upload.failures + 1, reason: news.reason };
  if (upload.state === "paused") return left;
  return { ...left, state: news.isPassing ? "stalled" : "refused" };
}

function noted(upload: Upload, key: string, bytes: number): ReadonlyMap<string, number> {
  return new Map(upload.running).set(key, bytes);
}

function without(upload: Upload, key: string): Upload {
  const running = new Map(upload.running);
  running.delete(key);
  return { ...upload, running };
}
