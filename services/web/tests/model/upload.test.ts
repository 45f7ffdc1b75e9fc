import { describe, expect, it } from "vitest";
import { LINES, Runner, type Wire } from "$/model/upload/runner";
import { advance, begin, bytesSent, jobsOf, type Upload } from "$/model/upload/upload";

const CHUNK = 8;
const file = (name: string, size: number, lastModified = 0) => ({
  name,
  size,
  lastModified,
  slice: (from: number, to: number) => new Blob(["x".repeat(to - from)]),
});

/** A gateway that keeps what it is given and answers when it is told to. */
class Gateway implements Wire {
  stored = new Map<string, Set<number>>();
  completed: string[] = [];
  running = 0;
  most = 0;
  waits: number[] = [];
  refuse: (what: string) => string = () => "";
  told: readonly Upload[] = [];
  #ids = 0;

  newId = () => `upload-${++this.#ids}`;
  describe = (thrown: unknown) => {
    const reason = (thrown as Error).message;
    return { isPassing: reason === "OFFLINE", reason };
  };
  wait = async (ms: number) => {
    this.waits.push(ms);
  };
  tell = (uploads: readonly Upload[]) => {
    this.told = uploads;
  };

  replaced: string[] = [];

  open = (upload: Upload) =>
    this.#answer(`open ${upload.fileName}`, () => {
      if (upload.replaces) this.replaced.push(upload.replaces);
      return this.#announce(upload.id);
    });
  cancelled: string[] = [];
  cancel = (id: string) =>
    this.#answer(`cancel ${id}`, () => {
      this.cancelled.push(id);
    });
  read = (id: string) => this.#answer(`read ${id}`, () => this.#announce(id));
  put = (upload: Upload, chunk: number) =>
    this.#answer(`put ${chunk}`, () => {
      this.stored.get(upload.id)!.add(chunk);
    });
  complete = (id: string) =>
    this.#answer("complete", () => {
      this.completed.push(id);
      return `scan of ${id}`;
    });

  #announce(id: string) {
    if (!this.stored.has(id)) this.stored.set(id, new Set());
    return { chunk_bytes: CHUNK, received: [...this.stored.get(id)!] };
  }

  async #answer<T>(what: string, act: () => T): Promise<T> {
    this.most = Math.max(this.most, ++this.running);
    await Promise.resolve();
    this.running--;
    const reason = this.refuse(what);
    if (reason) throw new Error(reason);
    return act();
  }
}

async function settled(runner: Runner): Promise<void> {
  await expect.poll(() => runner.uploads.every((upload) => upload.state !== "sending")).toBe(true);
}

describe("an upload", () => {
  const named = { fileName: "a.pdf", bytes: 20, lastModified: 0 };
  const begun = begin({ id: "u", examId: "e", batchId: "b", ...named, replaces: "" });
  const announced = advance(begun, {
    type: "opened",
    announced: { chunk_bytes: CHUNK, received: [1] },
  });

  it("asks only for the pieces that have not arrived", () => {
    expect(jobsOf(announced).map((job) => job.key)).toEqual(["0", "2"]);
  });

  it("ends its last piece at the end of the file", () => {
    expect(jobsOf(announced).at(-1)).toMatchObject({ from: 16, to: 20 });
  });

  it("counts pieces on their way as sent", () => {
    const sending = advance(announced, { type: "progressed", key: "0", bytes: 5 });

    expect(bytesSent(sending)).toBe(13);
  });

  it("completes only when every piece is stored", () => {
    let upload = advance(announced, { type: "stored", key: "0", chunk: 0 });
    upload = advance(upload, { type: "started", key: "2" });
    expect(jobsOf(upload)).toEqual([]);

    upload = advance(upload, { type: "stored", key: "2", chunk: 2 });
    expect(jobsOf(upload)).toEqual([{ kind: "complete", key: "complete" }]);
  });

  it("stays paused when a piece that was on its way fails", () => {
    const paused = advance(advance(announced, { type: "started", key: "0" }), { type: "paused" });
    const after = advance(paused, { type: "failed", key: "0", isPassing: true, reason: "OFFLINE" });

    expect(after.state).toBe("paused");
  });
});

describe("the runner", () => {
  it("sends every piece of every file, three requests at a time", async () => {
    const gateway = new Gateway();
    const runner = new Runner(gateway);
    for (let i = 0; i < 5; i++) runner.add(file(`${i}.pdf`, 30), "e", "b");
    await settled(runner);

    expect(gateway.completed).toHaveLength(5);
    expect([...gateway.stored.values()].map((chunks) => chunks.size)).toEqual([4, 4, 4, 4, 4]);
    expect(gateway.most).toBe(LINES);
  });

  it("says which refused scan a file takes the place of", async () => {
    const gateway = new Gateway();
    const runner = new Runner(gateway);
    runner.add(file("again.pdf", 8), "e", "b", "refused-scan");
    await settled(runner);

    expect(gateway.replaced).toEqual(["refused-scan"]);
  });

  it("takes back a file that is cancelled, also one that is just being announced", async () => {
    const gateway = new Gateway();
    const runner = new Runner(gateway);
    const early = runner.add(file("early.pdf", 8), "e", "b");
    runner.cancel(early.id);
    await expect.poll(() => gateway.cancelled).toEqual([early.id]);

    gateway.refuse = (what) => (what.startsWith("put") ? "CHUNK_INVALID" : "");
    const late = runner.add(file("late.pdf", 8), "e", "b");
    await settled(runner);
    runner.cancel(late.id);

    await expect.poll(() => gateway.cancelled).toEqual([early.id, late.id]);
    expect(runner.uploads).toEqual([]);
  });

  it("goes on by itself after the line was down, waiting longer each time", async () => {
    const gateway = new Gateway();
    let failures = 4;
    gateway.refuse = (what) => (what === "put 0" && failures-- > 0 ? "OFFLINE" : "");
    const runner = new Runner(gateway);
    runner.add(file("a.pdf", 5), "e", "b");
    await expect.poll(() => gateway.completed).toHaveLength(1);

    expect(gateway.waits).toEqual([1000, 2000, 4000, 8000]);
  });

  it("ends with the reason when the file is refused, and the others go on", async () => {
    const gateway = new Gateway();
    gateway.refuse = (what) => (what === "open big.pdf" ? "FILE_TOO_LARGE" : "");
    const runner = new Runner(gateway);
    runner.add(file("big.pdf", 99), "e", "b");
    runner.add(file("small.pdf", 9), "e", "b");
    await settled(runner);

    expect(runner.uploads.map(({ state, reason }) => [state, reason])).toEqual([
      ["refused", "FILE_TOO_LARGE"],
      ["completed", ""],
    ]);
  });

  it("resumes after a reload with the same file, sending only what is missing", async () => {
    const gateway = new Gateway();
    gateway.refuse = (what) => (what === "put 2" ? "OUT_OF_ORDER" : "");
    const first = new Runner(gateway);
    first.add(file("a.pdf", 30), "e", "b");
    await expect.poll(() => gateway.stored.get("upload-1")?.size).toBeGreaterThan(1);
    const sent: string[] = [];
    gateway.refuse = (what) => {
      sent.push(what);
      return "";
    };

    const second = new Runner(gateway, first.uploads);
    expect(second.uploads[0]?.state).toBe("interrupted");
    const resumed = second.add(file("a.pdf", 30), "e", "b");
    await settled(second);

    expect(resumed.id).toBe("upload-1");
    expect(sent[0]).toBe("read upload-1");
    expect(sent).not.toContain("put 0");
    expect(gateway.completed).toEqual(["upload-1"]);
  });

  it("never goes on with another file of the same name and size", async () => {
    const gateway = new Gateway();
    gateway.refuse = (what) => (what === "put 2" ? "OUT_OF_ORDER" : "");
    const first = new Runner(gateway);
    first.add(file("SKM_1.pdf", 30, 1), "e", "b");
    await settled(first);
    gateway.refuse = () => "";

    const second = new Runner(gateway, first.uploads);
    const other = second.add(file("SKM_1.pdf", 30, 2), "e", "b");
    await expect.poll(() => gateway.completed).toEqual([other.id]);

    expect(second.uploads.map(({ state }) => state)).toEqual(["interrupted", "completed"]);
  });

  it("pauses and resumes", async () => {
    const gateway = new Gateway();
    const runner = new Runner(gateway);
    const { id } = runner.add(file("a.pdf", 100), "e", "b");
    runner.pause(id);
    await expect.poll(() => gateway.running).toBe(0);
    expect(runner.uploads[0]?.state).toBe("paused");

    runner.resume(id);
    await settled(runner);
    expect(gateway.completed).toEqual([id]);
  });

  it("forgets a cancelled file", async () => {
    const gateway = new Gateway();
    const runner = new Runner(gateway);
    runner.cancel(runner.add(file("a.pdf", 100), "e", "b").id);

    expect(runner.uploads).toEqual([]);
    expect(gateway.told).toEqual([]);
  });
});
