/** Remember changes with their opposites, for undo and redo; typing in one field is one step. */
import { type Change, thingOf } from "./sheet";

interface Step {
  forward: Change;
  backward: Change;
}

export class History {
  #done: Step[] = [];
  #undone: Step[] = [];
  #isOpen = false;

  /** Remember a change; one of the same text field continues the open step. */
  record(forward: Change, backward: Change): void {
    const last = this.#done.at(-1);
    this.#undone = [];
    if (last && this.#isOpen && isText(forward) && thingOf(last.forward) === thingOf(forward)) {
      last.forward = forward;
      return;
    }
    this.#done.push({ forward, backward });
    this.#isOpen = true;
  }

  /** End the open step: the field lost the focus. */
  seal(): void {
    this.#isOpen = false;
  }

  /** Give the change that takes the last step back. */
  undo(): Change | null {
    this.seal();
    const step = this.#done.pop();
    if (!step) return null;
    this.#undone.push(step);
    return step.backward;
  }

  redo(): Change | null {
    const step = this.#undone.pop();
    if (!step) return null;
    this.#done.push(step);
    return step.forward;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }
}

function isText(change: Change): boolean {
  return change.kind === "remark" || change.kind === "appreciation";
}
