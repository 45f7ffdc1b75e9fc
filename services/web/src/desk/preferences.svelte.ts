/** Remember how this person likes the desk, on this device. */
import {
  type Bindings,
  type Chord,
  type Command,
  DEFAULT_BINDINGS,
  rebound,
  restoredBindings,
} from "$/model/keymap";
import { INKS, RED_INK } from "$/tools/draw";

const KEY = "korrigo.desk";

interface Kept {
  hasLetters: boolean;
  hasPanels: boolean;
  isDimmed: boolean;
  ink: string;
  bindings: Bindings;
}

function restored(): Kept {
  const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Kept>;
  return {
    hasLetters: kept.hasLetters !== false,
    hasPanels: kept.hasPanels !== false,
    isDimmed: kept.isDimmed === true,
    ink: INKS.includes(kept.ink ?? "") ? (kept.ink as string) : RED_INK,
    bindings: restoredBindings(kept.bindings),
  };
}

class Preferences {
  #kept = $state.raw<Kept>(restored());

  get hasLetters(): boolean {
    return this.#kept.hasLetters;
  }

  get hasPanels(): boolean {
    return this.#kept.hasPanels;
  }

  get isDimmed(): boolean {
    return this.#kept.isDimmed;
  }

  get ink(): string {
    return this.#kept.ink;
  }

  get bindings(): Bindings {
    return this.#kept.bindings;
  }

  change(changes: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...changes };
    localStorage.setItem(KEY, JSON.stringify(this.#kept));
  }

  rebind(command: Command, chord: Chord): void {
    this.change({ bindings: rebound(this.bindings, command, chord) });
  }

  restoreKeys(): void {
    this.change({ bindings: DEFAULT_BINDINGS });
  }
}

export const preferences = new Preferences();
