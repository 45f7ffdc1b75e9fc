/** Write on one copy: every change shows at once, can be undone, and is kept until the server has it. */
import { Problem, problemOf } from "$/api/client";
import type { OpenedJournal } from "$/api/device";
import type { ActOutcome, Copy, Marking } from "$/api/types";
import { noteWait } from "$/api/waits";
import { type Aside, asidesOf } from "$/model/aside";
import { History } from "$/model/history";
import { Journal, type Light } from "$/model/journal";
import {
  apply,
  type Change,
  changeOf,
  inverse,
  isDone,
  type Sheet,
  sheetOf,
  thingOf,
  versionsOf,
} from "$/model/sheet";
import type { Act } from "$/model/types";
import { type CopyAddress, dismissAct, finalizeCopy, readMarking, sendActs, sendFarewell } from "./calls";
import { LeaseKeeper } from "./lease.svelte";

/** Waiting or signing in again is enough: the acts go on waiting. */
const mayPass = (problem: Problem): boolean => problem.isPassing || problem.isOfSession;

/** A change that the server keeps beside the copy, and what stands in its place. */
export interface Conflict {
  actIds: string[];
  reason: string;
  mine: Change;
  theirs: Change | null;
}

export interface Listener {
  onRefused: (change: Change, reason: string) => void;
  onStopped: (thrown: unknown) => void;
}

const pause = (ms: number, hurry: Promise<void>): Promise<void> =>
  Promise.race([hurry, new Promise<void>((done) => setTimeout(done, ms))]);

export class Writing {
  marking = $state.raw() as Marking;
  sheet = $state.raw() as Sheet;
  light = $state.raw<Light>({ state: "saved", waiting: 0 });
  conflicts = $state.raw<Conflict[]>([]);
  canUndo = $state(false);
  canRedo = $state(false);
  readonly lease: LeaseKeeper;
  readonly address: CopyAddress;
  #journal: Journal;
  #history = new History();
  #versions = new Map<string, number>();
  #refreshing: Promise<void> | null = null;

  constructor(
    marking: Marking,
    private readonly kept: OpenedJournal,
    private readonly listener: Listener,
  ) {
    this.address = { exam_id: marking.exam.id, copy_id: marking.copy.id };
    this.lease = new LeaseKeeper(this.address);
    this.#journal = new Journal(
      {
        store: kept.store,
        send: (acts) => this.#send(acts),
        isPassing: (thrown) => mayPass(problemOf(thrown)),
        wait: pause,
        newId: () => crypto.randomUUID(),
        onOutcome: (act, outcome) => this.#hear(act, outcome),
        onLight: (light) => this.#shine(light),
      },
      kept.saved,
    );
    this.#show(marking);
  }

  get isOpen(): boolean {
    return this.marking.copy.state === "open";
  }

  get canWrite(): boolean {
    return this.isOpen && this.lease.state !== "elsewhere" && this.lease.state !== "gone";
  }

  /** Take the lease and send what earlier visits left behind. */
  async start(): Promise<void> {
    if (this.isOpen) await this.lease.start();
    void this.#journal.pump();
  }

  /** The session is there again: go on where it had ended. */
  async resume(): Promise<void> {
    void this.flush();
    if (this.isOpen) await this.lease.beat();
  }

  /** Make a change; nothing happens when it would change nothing or nobody may write. */
  change(change: Change): void {
    if (!this.canWrite || isDone(this.sheet, change)) return;
    const back = inverse(this.sheet, change);
    if (back) this.#history.record(change, back);
    this.#perform(change);
  }

  /** The field lost the focus: what follows is another step. */
  seal(): void {
    this.#history.seal();
    void this.#journal.flush();
  }

  undo(): Change | null {
    return this.#again(this.#history.undo());
  }

  redo(): Change | null {
    return this.#again(this.#history.redo());
  }

  flush(): Promise<boolean> {
    return this.#journal.flush();
  }

  /** The page goes away: send what waits without waiting. */
  farewell(): void {
    if (this.lease.id) sendFarewell(this.address, this.lease.id, this.#journal.waiting);
  }

  /** Send everything and freeze the copy. */
  async finalize(): Promise<Copy> {
    if (!(await this.flush())) throw new Problem({ reason: "ACTS_MISSING" });
    const copy = await finalizeCopy(this.address, this.#journal.id, this.#journal.lastSequence);
    this.marking = { ...this.marking, copy };
    return copy;
  }

  /** Settle a conflict: write one's own change again, or leave what stands. */
  async decide(conflict: Conflict, keep: "mine" | "theirs"): Promise<void> {
    this.conflicts = this.conflicts.filter((one) => one !== conflict);
    await this.kept.decide(conflict.actIds);
    if (keep === "mine") this.change(conflict.mine);
    this.#dismiss(conflict.actIds);
  }

  /** Read the copy again; what still waits here stays on top. */
  refresh(): Promise<void> {
    this.#refreshing ??= readMarking(this.address)
      .then((marking) => this.#show(marking))
      .catch((thrown: unknown) => this.lease.readRefusal(problemOf(thrown)))
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  }

  /** Send the rest, give the lease back, let another tab have the journal. */
  async leave(): Promise<void> {
    if (await this.flush()) await this.lease.stop();
    this.kept.release();
  }

  #perform(change: Change): void {
    this.sheet = apply(this.sheet, change);
    const version = this.#versions.get(thingOf(change)) ?? 0;
    this.#journal.append(change, version, this.marking.exam.scheme_version);
    this.#tellHistory();
  }

  #again(change: Change | null): Change | null {
    if (change && this.canWrite) this.#perform(change);
    this.#tellHistory();
    return change;
  }

  #tellHistory(): void {
    this.canUndo = this.#history.canUndo;
    this.canRedo = this.#history.canRedo;
  }

  async #send(acts: readonly Act[]): Promise<readonly ActOutcome[]> {
    const began = performance.now();
    const answer = await sendActs(this.address, this.lease.id, acts);
    noteWait("autosave", began);
    this.lease.adopt(answer.lease);
    this.#noteVersion(answer.copy_version);
    return answer.outcomes;
  }

  #hear(act: Act, outcome: ActOutcome): void {
    const change = changeOf(act);
    if (!change) return;
    const known = this.#versions.get(thingOf(change)) ?? 0;
    if (outcome.state === "accepted") this.#versions.set(thingOf(change), Math.max(known, outcome.version));
    else void this.refresh();
    if (outcome.state === "refused") this.listener.onRefused(change, outcome.reason);
  }

  #show(marking: Marking): void {
    const stored = sheetOf(marking);
    this.marking = marking;
    this.#versions = versionsOf(marking);
    this.conflicts = asidesOf(marking.set_aside).flatMap((aside) => this.#conflictOf(aside, stored));
    const waiting = this.#journal.waiting.map(changeOf).filter((change) => change !== null);
    this.sheet = waiting.reduce(apply, stored);
  }

  /** What was decided here, or stands on the copy anyhow, needs no decision: the server may hear of it late. */
  #conflictOf({ mine, last, actIds }: Aside, stored: Sheet): Conflict[] {
    const isSettled = this.kept.decided.has(last.act.act_id) || isDone(stored, mine);
    if (!isSettled) return [{ actIds, reason: last.reason, mine, theirs: inverse(stored, mine) }];
    this.#dismiss(actIds);
    return [];
  }

  #dismiss(actIds: readonly string[]): void {
    for (const id of actIds) dismissAct(this.address, id).catch(() => undefined);
  }

  #noteVersion(version: number): void {
    if (version > this.marking.copy.version)
      this.marking = { ...this.marking, copy: { ...this.marking.copy, version } };
  }

  #shine(light: Light): void {
    this.light = light;
    if (light.state !== "stopped") return;
    const problem = problemOf(light.thrown);
    if (problem.status === 404) this.lease.readRefusal(problem);
    else this.listener.onStopped(problem);
  }
}
