/** Run what a form's button does: once at a time, with its problem beside the form. */
import { type Problem, problemOf } from "$/api/client";

export class Form {
  isBusy = $state(false);
  problem = $state.raw<Problem | null>(null);

  /** Run `work`; true when it succeeded. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  /** Make the handler of a form's submit event. */
  submit(work: () => Promise<unknown>): (event: SubmitEvent) => void {
    return (event) => {
      event.preventDefault();
      void this.run(work);
    };
  }
}
