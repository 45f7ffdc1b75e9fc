/** Do things to staged copies and remember how to undo them, latest first. */
import { type Act, CREATED, inverse, renamed, type Snapshot } from "./acts";

/** What acts are sent through; what it shows is up to date after each. */
export interface Desk extends Snapshot {
  send(act: Act): Promise<{ created?: string }>;
}

interface Done {
  label: string;
  acts: readonly Act[];
}

export class UndoStack {
  #done: Done[] = [];

  /** What would be undone next. */
  get last(): string | undefined {
    return this.#done.at(-1)?.label;
  }

  /** Send acts one after another; what was sent before one fails can be undone. */
  async run(label: string, acts: readonly Act[], desk: Desk): Promise<void> {
    const undoing: Act[] = [];
    try {
      await inTurn(acts, async (act) => {
        const back = inverse(act, desk);
        const outcome = await desk.send(act);
        undoing.unshift(...(act.kind === "split" ? speakingOf(back, outcome.created) : back));
        return outcome;
      });
    } finally {
      if (undoing.length) this.#done.push({ label, acts: undoing });
    }
  }

  /** Undo the latest; a copy that comes back under a new id keeps its history. */
  async undo(desk: Desk): Promise<void> {
    const done = this.#done.pop();
    if (!done) return;
    await inTurn(done.acts, async (act) => {
      const outcome = await desk.send(act);
      if (act.kind === "split" && act.as) this.#rename(act.as, outcome.created ?? act.as);
      return outcome;
    });
  }

  #rename(from: string, to: string): void {
    this.#done = this.#done.map((done) => ({
      ...done,
      acts: done.acts.map((act) => renamed(act, from, to)),
    }));
  }
}

type Send = Desk["send"];

/** An act may speak of the copy that the split before it made. */
async function inTurn(acts: readonly Act[], send: Send): Promise<void> {
  let created = "";
  for (const act of acts) created = (await send(renamed(act, CREATED, created))).created ?? created;
}

function speakingOf(acts: readonly Act[], created = ""): Act[] {
  return acts.map((act) => renamed(act, CREATED, created));
}
