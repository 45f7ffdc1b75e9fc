/** Know what could not be read because nothing answers; read it again after a while, or as soon as one asks. */
import { untrack } from "svelte";
import { onSession, type Problem } from "$/api/client";

const TRIED_AGAIN_AFTER = 5_000;

class Outage {
  /** What goes on as soon as something answers. */
  waiting = $state.raw<readonly (() => void)[]>([]);
  problem = $state.raw<Problem | null>(null);

  /** Try everything again now. */
  retry = (): void => {
    for (const retry of this.waiting) retry();
  };

  /** Let something wait until the returned function is called. */
  add(problem: Problem, retry: () => void): () => void {
    this.problem = problem;
    // Whoever waits does not wait for the others.
    this.waiting = [...untrack(() => this.waiting), retry];
    return () => {
      this.waiting = this.waiting.filter((one) => one !== retry);
    };
  }
}

export const outage = new Outage();

/** Tell whether a problem is said, and tried again, outside the screen: an outage, or an ended session. */
export function isElsewhere(problem: Problem): boolean {
  return problem.isPassing || problem.isOfSession;
}

/** Try again when the problem may have passed: after a while, at the network's return, or at the session's. */
export function tryAgain(problem: Problem | null, retry: () => void): (() => void) | undefined {
  if (problem?.isOfSession) return onSession(retry);
  if (!problem?.isPassing) return undefined;
  const remove = outage.add(problem, retry);
  const timer = setTimeout(retry, TRIED_AGAIN_AFTER);
  return () => {
    clearTimeout(timer);
    remove();
  };
}
