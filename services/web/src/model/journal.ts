/**
 * Keep every act until the server has answered it.
 *
 * An act is stored on this device before it is sent. Acts leave in order, one batch at a time, and are repeated with
 * growing pauses while nothing answers. Text of the same field that has not left yet is replaced rather than appended,
 * so typing makes one act. Nothing here knows the browser.
 */
import { bodyOf, type Change, changeOf, thingOf } from "./sheet";
import type { Act, ActBody, ActOutcome } from "./types";

/** The acts of one journal on this device. */
export interface ActStore {
  put: (act: Act) => Promise<void>;
  remove: (sequences: readonly number[]) => Promise<void>;
}

export interface SavedJournal {
  journal_id: string;
  /** Sequence of the next act. */
  next: number;
  /** Acts without an answer, in order. */
  waiting: Act[];
}

export interface JournalPorts {
  store: ActStore;
  send: (acts: readonly Act[]) => Promise<readonly ActOutcome[]>;
  /** Tell whether waiting may help, or the journal must stop. */
  isPassing: (thrown: unknown) => boolean;
  /** Resolve after `ms`, or as soon as `hurry` resolves. */
  wait: (ms: number, hurry: Promise<void>) => Promise<void>;
  newId: () => string;
  onOutcome: (act: Act, outcome: ActOutcome) => void;
  onLight: (light: Light) => void;
}

export interface Light {
  state: "saved" | "waiting" | "offline" | "stopped";
  waiting: number;
  thrown?: unknown;
}

const BATCH = 50;
const QUIET = 400;
const LONGEST_PAUSE = 30_000;

export class Journal {
  readonly id: string;
  #next: number;
  #waiting: Act[];
  /** Acts up to here have left at least once: they may be on the server, so they never change again. */
  #left: number;
  #stored: Promise<void> = Promise.resolve();
  #isPumping = false;
  #hurry = signal();
  #flushes: ((isEmpty: boolean) => void)[] = [];

  constructor(
    private readonly ports: JournalPorts,
    saved: SavedJournal,
  ) {
    this.id = saved.journal_id;
    this.#next = saved.next;
    this.#left = saved.next - 1;
    this.#waiting = [...saved.waiting];
  }

  /** Sequence of the last act; 0 before the first. */
  get lastSequence(): number {
    return this.#next - 1;
  }

  get waiting(): readonly Act[] {
    return this.#waiting;
  }

  /** Store a change and let it leave soon. */
  append(change: Change, baseVersion: number, schemeVersion: number): void {
    const body = bodyOf(change, schemeVersion);
    const act = this.#continueLast(change, body) ?? this.#add(body, baseVersion);
    this.#store(() => this.ports.store.put(act));
    this.#shine("waiting");
    void this.pump();
  }

  /** Send everything now; true when all of it was answered, false as soon as a try fails. */
  async flush(): Promise<boolean> {
    if (this.#waiting.length === 0) return true;
    this.#hurry.fire();
    const done = new Promise<boolean>((resolve) => this.#flushes.push(resolve));
    void this.pump();
    return done;
  }

  /** Send until nothing waits; at most one run at a time. */
  async pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      await this.#run();
    } catch (thrown) {
      this.#endFlushes(false);
      this.ports.onLight({ state: "stopped", waiting: this.#waiting.length, thrown });
    } finally {
      this.#isPumping = false;
    }
  }

  async #run(): Promise<void> {
    for (let failures = 0; this.#waiting.length > 0; ) {
      await this.#pause(failures);
      failures = (await this.#attempt()) ? 0 : failures + 1;
    }
    this.#endFlushes(true);
    this.#shine("saved");
  }

  async #attempt(): Promise<boolean> {
    const batch = this.#waiting.slice(0, BATCH);
    this.#left = Math.max(this.#left, batch.at(-1)?.sequence ?? 0);
    try {
      await this.#stored;
      this.#settle(batch, await this.ports.send(batch));
      return true;
    } catch (thrown) {
      if (!this.ports.isPassing(thrown)) throw thrown;
      this.#endFlushes(false);
      this.#shine("offline");
      return false;
    }
  }

  #settle(batch: readonly Act[], outcomes: readonly ActOutcome[]): void {
    const answers = new Map(outcomes.map((outcome) => [outcome.act_id, outcome]));
    const settled = batch.filter((act) => answers.has(act.act_id));
    if (settled.length === 0) throw new Error("The answer names none of the acts.");
    this.#waiting = this.#waiting.filter((act) => !answers.has(act.act_id));
    this.#store(() => this.ports.store.remove(settled.map((act) => act.sequence)));
    for (const act of settled) this.ports.onOutcome(act, answers.get(act.act_id) as ActOutcome);
    if (this.#waiting.length > 0) this.#shine("waiting");
  }

  #continueLast(change: Change, body: ActBody): Act | null {
    const last = this.#waiting.at(-1);
    const earlier = last && last.sequence > this.#left && isText(change) ? changeOf(last) : null;
    if (!last || !earlier || thingOf(earlier) !== thingOf(change)) return null;
    const act = { ...last, ...body };
    this.#waiting[this.#waiting.length - 1] = act;
    return act;
  }

  #add(body: ActBody, baseVersion: number): Act {
    const act = {
      ...body,
      act_id: this.ports.newId(),
      journal_id: this.id,
      sequence: this.#next++,
      base_version: baseVersion,
    };
    this.#waiting.push(act);
    return act;
  }

  async #pause(failures: number): Promise<void> {
    if (this.#hurry.isFired) return;
    const ms = failures === 0 ? QUIET : Math.min(1000 * 2 ** (failures - 1), LONGEST_PAUSE);
    await this.ports.wait(ms, this.#hurry.promise);
  }

  /** Writes to this device happen in order; without its storage the acts are sent all the same. */
  #store(write: () => Promise<void>): void {
    this.#stored = this.#stored.then(write).catch(() => undefined);
  }

  #endFlushes(isEmpty: boolean): void {
    for (const resolve of this.#flushes.splice(0)) resolve(isEmpty);
    this.#hurry = signal();
  }

  #shine(state: Light["state"]): void {
    this.ports.onLight({ state, waiting: this.#waiting.length });
  }
}

interface Signal {
  isFired: boolean;
  promise: Promise<void>;
  fire: () => void;
}

function signal(): Signal {
  let resolve: () => void;
  const made: Signal = {
    isFired: false,
    promise: new Promise((done) => {
      resolve = done;
    }),
    fire: () => {
      made.isFired = true;
      resolve();
    },
  };
  return made;
}

function isText(change: Change): boolean {
  return change.kind === "remark" || change.kind === "appreciation";
}
