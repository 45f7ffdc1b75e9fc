/** Hold the staged copies of an exam, send what is done to them, and follow what others do. */
import { answer, http, once, type Problem, problemOf } from "$/api/client";
import { onChange } from "$/api/live";
import type { Change, Exceptions, Page, StagedCopy } from "$/api/types";
import { tryAgain } from "$/app/outage.svelte";
import { toasts } from "$/app/toasts.svelte";
import { m } from "$/i18n/generated/messages.js";
import type { Act } from "$/model/staging/acts";
import { type Desk, UndoStack } from "$/model/staging/undo";
import { exceptionsOf, stagedCopies } from "./exam.svelte";

const GATHER = 300;
const AT_LEAST_BETWEEN = 1_500;
const ONE_BY_ONE = 4;
const GONE = "consumed";

export class Wall implements Desk {
  copies = $state.raw<StagedCopy[]>([]);
  exceptions = $state.raw<Exceptions | null>(null);
  isLoaded = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** What Ctrl-Z would undo. */
  undoable = $state<string>();
  #exam: string;
  #stack = new UndoStack();
  #turn: Promise<void> = Promise.resolve();

  constructor(exam: string) {
    this.#exam = exam;
  }

  get loose(): Page[] {
    return this.exceptions?.set_aside_pages ?? [];
  }

  get undone(): string {
    return m.office_reason_undone();
  }

  copy(id: string): StagedCopy | undefined {
    return this.copies.find((copy) => copy.id === id);
  }

  /** Do something; things done quickly one after another wait for each other. */
  do(label: string, acts: readonly Act[]): Promise<void> {
    return this.#inTurn(() => this.#stack.run(label, acts, this));
  }

  undo(): Promise<void> {
    return this.#inTurn(() => this.#stack.undo(this));
  }

  async load(): Promise<void> {
    try {
      await Promise.all([this.#loadCopies(), this.loadExceptions()]);
      this.problem = null;
      this.isLoaded = true;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  async loadExceptions(): Promise<void> {
    this.exceptions = await exceptionsOf(this.#exam);
  }

  /** Follow changes until the returned function is called. */
  follow(): () => void {
    const changed = new Set<string>();
    let soon: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const catchUp = (): void => {
      soon = undefined;
      last = Date.now();
      const ids = [...changed];
      changed.clear();
      void this.#catchUp(ids);
    };
    const stop = onChange(["staged_copy", "ledger", "scan"], (change) => {
      if (change !== "reset" && !this.#isNews(change)) return;
      changed.add(change === "reset" ? "" : change.kind === "staged_copy" ? change.id : "ledger");
      soon ??= setTimeout(catchUp, Math.max(GATHER, last + AT_LEAST_BETWEEN - Date.now()));
    });
    return () => {
      clearTimeout(soon);
      stop();
    };
  }

  async send(act: Act): Promise<{ created?: string }> {
    const params = { path: { exam_id: this.#exam, copy_id: act.copy } };
    const body = { ...once(), version: this.copy(act.copy)?.version ?? 0 };
    switch (act.kind) {
      case "link": {
        const linked = { ...body, student_id: act.student };
        return this.#adopt(
          await answer<StagedCopy>(
            http.PUT("/exams/{exam_id}/staged-copies/{copy_id}/student", { params, body: linked }),
          ),
        );
      }
      case "split":
        return this.#split(act.before, params, body);
      case "merge":
        return this.#merge(act.source, params, body);
      case "arrange": {
        const arranged = { ...body, pages: act.pages, set_aside: act.setAside };
        const call = http.PUT("/exams/{exam_id}/staged-copies/{copy_id}/pages", { params, body: arranged });
        this.#adopt(await answer<StagedCopy>(call));
        await this.loadExceptions();
        return {};
      }
    }
  }

  async #split(before_page_id: string, params: Placed, body: Versioned): Promise<{ created: string }> {
    const call = http.POST("/exams/{exam_id}/staged-copies/{copy_id}/split", {
      params,
      body: { ...body, before_page_id },
    });
    const { copy, created } = await answer<{ copy: StagedCopy; created: StagedCopy }>(call);
    this.#adopt(copy);
    const at = this.copies.findIndex((one) => one.id === copy.id);
    this.copies = this.copies.toSpliced(at + 1, 0, created);
    return { created: created.id };
  }

  async #merge(source_id: string, params: Placed, body: Versioned): Promise<object> {
    const source_version = this.copy(source_id)?.version ?? 0;
    const call = http.POST("/exams/{exam_id}/staged-copies/{copy_id}/merge", {
      params,
      body: { ...body, source_id, source_version },
    });
    const copy = await answer<StagedCopy>(call);
    this.copies = this.copies.filter((one) => one.id !== source_id);
    return this.#adopt(copy);
  }

  #adopt(copy: StagedCopy): object {
    if (copy.state === GONE) this.copies = this.copies.filter((one) => one.id !== copy.id);
    else this.copies = this.copies.map((one) => (one.id === copy.id ? copy : one));
    return {};
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch(async (thrown: unknown) => {
      toasts.failed(thrown);
      await this.load();
    });
    return this.#turn.finally(() => {
      this.undoable = this.#stack.last;
    });
  }

  #isNews(change: Change): boolean {
    if (change.exam_id !== this.#exam) return false;
    return change.kind !== "staged_copy" || (this.copy(change.id)?.version ?? -1) < change.version;
  }

  async #catchUp(ids: readonly string[]): Promise<void> {
    await this.#turn;
    const copies = ids.filter((id) => id !== "ledger");
    try {
      if (copies.some((id) => !this.copy(id)) || copies.length > ONE_BY_ONE) await this.#loadCopies();
      else await Promise.all(copies.map((id) => this.#reread(id)));
      await this.loadExceptions();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  async #reread(c: string): Promise<void> {
    const params = { path: { exam_id: this.#exam, copy_id: c } };
    this.#adopt(await answer<StagedCopy>(http.GET("/exams/{exam_id}/staged-copies/{copy_id}", { params })));
  }

  async #loadCopies(): Promise<void> {
    const copies = await stagedCopies(this.#exam);
    this.copies = copies.filter((copy) => copy.state !== GONE);
  }
}

type Placed = { path: { exam_id: string; copy_id: string } };
type Versioned = { request_id: string; version: number };

/** Make the wall of the component being set up. */
export function wallOf(exam: () => string): Wall {
  const wall = new Wall(exam());
  $effect(() => {
    void wall.load();
    return wall.follow();
  });
  $effect(() => tryAgain(wall.problem, () => void wall.load()));
  return wall;
}
