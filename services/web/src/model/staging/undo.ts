/** Remember how to undo what was done to staged copies, latest first. */
import { type Act, CREATED, renamed } from "./acts";

export interface Done {
  label: string;
  acts: readonly Act[];
}

export class UndoStack {
  #done: Done[] = [];

  get last(): Done | undefined {
    return this.#done.at(-1);
  }

  push(done: Done): void {
    if (done.acts.length) this.#done.push(done);
  }

  pop(): Done | undefined {
    return this.#done.pop();
  }

  /** A copy came back under a new id: what was done to it before can still be undone. */
  rename(from: string, to: string): void {
    this.#done = this.#done.map((done) => ({
      ...done,
      acts: done.acts.map((act) => renamed(act, from, to)),
    }));
  }

  clear(): void {
    this.#done = [];
  }
}

/** Send acts one after another; an act may speak of the copy that the split before it made. */
export async function perform(
  acts: readonly Act[],
  send: (act: Act) => Promise<{ created?: string }>,
): Promise<{ act: Act; created?: string }[]> {
  const sent: { act: Act; created?: string }[] = [];
  let created = "";
  for (const act of acts) {
    const named = renamed(act, CREATED, created);
    const outcome = await send(named);
    created = outcome.created ?? created;
    sent.push({ act: named, ...outcome });
  }
  return sent;
}
