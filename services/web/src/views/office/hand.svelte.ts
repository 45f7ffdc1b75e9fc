/** What a person has in hand on the wall: the page they are at, the pages chosen, and what can be done with them. */
import type { Page, StagedCopy } from "$/api/types";
import { m } from "$/i18n/generated/messages.js";
import { type Act, reorder, rotate, setAside, swapFaces, transfer } from "$/model/staging/acts";
import type { Spot } from "$/model/staging/wall";
import type { Wall } from "./wall.svelte";

const ARRANGEABLE = new Set(["staged", "failed"]);

export function isArrangeable(copy: StagedCopy): boolean {
  return ARRANGEABLE.has(copy.state);
}

export class Hand {
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  #wall: Wall;
  #shown: () => readonly StagedCopy[];
  /** By id, so that it stays when the wall changes around it. */
  #wanted = $state("");
  #spot = $derived.by(() => this.#find(this.#wanted));

  /** Work on a wall of which some copies are shown. */
  constructor(wall: Wall, shown: () => readonly StagedCopy[]) {
    this.#wall = wall;
    this.#shown = shown;
  }

  get spot(): Spot {
    return this.#spot;
  }

  get activeId(): string {
    return this.page?.id ?? "";
  }

  get copy(): StagedCopy | undefined {
    return this.#shown()[this.spot.copy];
  }

  get page(): Page | undefined {
    return this.copy?.pages[this.spot.page];
  }

  /** The chosen pages, or the one at hand. */
  get pages(): ReadonlySet<string> {
    if (this.chosen.size) return this.chosen;
    return new Set(this.page ? [this.page.id] : []);
  }

  /** Why the pages in hand cannot be rearranged. */
  get blocked(): string | undefined {
    if (!this.page) return m.office_nothing_in_hand();
    return this.#touched().every(isArrangeable) ? undefined : m.office_copy_is_open();
  }

  at(spot: Spot): Page | undefined {
    return this.#shown()[spot.copy]?.pages[spot.page];
  }

  go(spot: Spot, options: { extends?: boolean } = {}): void {
    const page = this.at(spot);
    if (!page) return;
    if (options.extends) this.chosen = new Set([...this.pages, page.id]);
    this.show(page.id);
  }

  /** Go to a page by its id. */
  show(id: string): void {
    this.#wanted = id;
  }

  toggle(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.chosen = chosen;
  }

  drop(): void {
    this.chosen = new Set();
  }

  rotate(): void {
    this.#do(
      m.office_act_rotate(),
      this.#touched().map((copy) => rotate(copy, this.pages)),
    );
  }

  swap(): void {
    const act = this.copy && swapFaces(this.copy, this.activeId);
    this.#do(m.office_act_swap(), act ? [act] : []);
  }

  split(): void {
    if (!this.copy || this.spot.page === 0) return;
    this.#do(m.office_act_split(), [{ kind: "split", copy: this.copy.id, before: this.activeId }]);
  }

  merge(): void {
    const before = this.#shown()[this.spot.copy - 1];
    if (!this.copy || !before || !isArrangeable(before)) return;
    this.#do(m.office_act_merge(), [{ kind: "merge", copy: before.id, source: this.copy.id }]);
  }

  async setAside(reason: string): Promise<void> {
    const next = this.#afterPages();
    const acts = this.#touched().map((copy) => setAside(copy, this.pages, reason));
    await this.#do(m.office_act_set_aside(), acts);
    this.show(next);
  }

  /** Put the pages in hand before the page at a place of a copy. */
  moveTo(target: StagedCopy, at: number): void {
    const acts: Act[] = [];
    for (const copy of this.#touched()) {
      if (copy.id !== target.id)
        acts.push(...transfer(copy, target, this.pages, at, m.office_reason_moved()));
      else {
        const act = reorder(copy, this.pages, at);
        if (act) acts.push(act);
      }
    }
    if (this.#touched().length === 1 && isArrangeable(target)) this.#do(m.office_act_move(), acts);
  }

  async #do(label: string, acts: readonly Act[]): Promise<void> {
    if (this.blocked || !acts.length) return;
    await this.#wall.do(label, acts);
    this.drop();
  }

  /** Where a page is; the first one when it is not shown. */
  #find(id: string): Spot {
    for (const [copy, one] of this.#shown().entries()) {
      const page = one.pages.findIndex((candidate) => candidate.id === id);
      if (page >= 0) return { copy, page };
    }
    return { copy: 0, page: 0 };
  }

  #touched(): StagedCopy[] {
    return this.#shown().filter((copy) => copy.pages.some((page) => this.pages.has(page.id)));
  }

  #afterPages(): string {
    const { copy, page } = this.spot;
    const rest = [
      ...(this.#shown()[copy]?.pages.slice(page) ?? []),
      ...(this.#shown()[copy + 1]?.pages ?? []),
    ];
    return rest.find((one) => !this.pages.has(one.id))?.id ?? "";
  }
}
