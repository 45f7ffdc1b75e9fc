/** Read something from the gateway, keep it fresh, and know how the reading went. */
import { type Problem, problemOf } from "$/api/client";
import { onChange } from "$/api/live";
import type { Change, ChangeKind } from "$/api/types";
import { tryAgain } from "./outage.svelte";

const GATHER = 150;

export interface Heard {
  kinds: readonly ChangeKind[];
  /** Leave out for every change of these kinds. */
  concerns?: (change: Change) => boolean;
}

export class Resource<T> {
  value = $state.raw<T | undefined>(undefined);
  problem = $state.raw<Problem | null>(null);
  isLoading = $state(true);
  #load: () => Promise<T>;
  #latest = 0;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** Read again; the value shown stays until the new one is here, and a late reply never wins. */
  async reload(): Promise<void> {
    const turn = ++this.#latest;
    this.isLoading = true;
    try {
      const value = await this.#load();
      if (turn === this.#latest) this.set(value);
    } catch (thrown) {
      if (turn === this.#latest) this.problem = problemOf(thrown);
    } finally {
      if (turn === this.#latest) this.isLoading = false;
    }
  }

  /** Show a value that a mutation answered with. */
  set(value: T): void {
    this.value = value;
    this.problem = null;
  }
}

/**
 * Make a resource for the component being set up: read now, again when what `load` reads changes, when a change is
 * heard, and as soon as what kept it from being read may have passed.
 */
export function resource<T>(load: () => Promise<T>, heard?: Heard): Resource<T> {
  const read = new Resource(load);
  $effect(() => {
    void read.reload();
  });
  $effect(() => tryAgain(read.problem, () => void read.reload()));
  if (heard) $effect(() => listen(read, heard));
  return read;
}

function listen(read: Resource<unknown>, heard: Heard): () => void {
  let soon: ReturnType<typeof setTimeout> | undefined;
  const stop = onChange(heard.kinds, (change) => {
    if (change !== "reset" && heard.concerns && !heard.concerns(change)) return;
    soon ??= setTimeout(() => {
      soon = undefined;
      void read.reload();
    }, GATHER);
  });
  return () => {
    clearTimeout(soon);
    stop();
  };
}
