/** Know where the marker is: page, question, tool, zoom; it is all there again after a reload. */
import type { Marking } from "$/api/types";
import { leafBeside, leavesOf, nextUnmarked, unmarkedOf } from "$/model/scheme";
import type { Change } from "$/model/sheet";
import type { Point, Question } from "$/model/types";
import { FIRST_VIEW, type View } from "$/model/view";
import type { Tool } from "$/tools/draw";
import type { Writing } from "./writing.svelte";

interface Place {
  page: number;
  question: string;
  view: View;
}

export type Field = "mark" | "remark" | "appreciation";
export type DialogName = "keys" | "finalize" | "conflicts";

export class Room {
  page = $state(0);
  question = $state("");
  view = $state.raw<View>(FIRST_VIEW);
  tool = $state<Tool>("select");
  selected = $state<string | null>(null);
  dialog = $state<DialogName | null>(null);
  isRailOver = $state(false);
  isPanelOver = $state(false);
  /** The field that wants the focus, and what was typed to get there. */
  wanted = $state.raw<{ field: Field; text?: string } | null>(null);
  /** Where the pointer is on the page, in fractions; null beside it. */
  pointer: Point | null = null;
  #places = new Map<string, Pick<Place, "page" | "view">>();
  #key: string;

  constructor(readonly writing: Writing) {
    this.#key = `korrigo.desk.${writing.address.copy_id}`;
    const kept = JSON.parse(sessionStorage.getItem(this.#key) ?? "null") as Place | null;
    const isKnown = leavesOf(this.#scheme).some((leaf) => leaf.id === kept?.question);
    this.question = (isKnown && kept?.question) || this.#firstQuestion();
    if (!kept) return;
    this.page = Math.min(kept.page, Math.max(0, this.pages.length - 1));
    this.view = kept.view;
  }

  get pages(): Marking["pages"] {
    return this.writing.marking.pages;
  }

  /** Remember the place for a reload. */
  keep(): void {
    const place: Place = { page: this.page, question: this.question, view: this.view };
    sessionStorage.setItem(this.#key, JSON.stringify(place));
  }

  turnTo(page: number): void {
    const next = Math.min(Math.max(page, 0), this.pages.length - 1);
    if (next === this.page) return;
    this.page = next;
    this.selected = null;
    this.view = { ...this.view, at: { x: this.view.at.x, y: 0 } };
  }

  turn(by: number): void {
    this.turnTo(this.page + by);
  }

  /** Work on another question; the page and place where it was last worked on come back. */
  choose(question: string): void {
    if (question === this.question) return;
    this.#places.set(this.question, { page: this.page, view: this.view });
    this.question = question;
    const place = this.#places.get(question);
    if (place) Object.assign(this, place);
  }

  step(by: number): void {
    const leaf = leafBeside(this.#scheme, this.question, by);
    if (leaf) this.choose(leaf.id);
  }

  /** Go on to what is still unmarked; stay where everything is. */
  advance(): void {
    const next = nextUnmarked(this.#scheme, this.writing.sheet.marks, this.question);
    if (next) this.choose(next.id);
  }

  take(tool: Tool): void {
    this.tool = this.tool === tool ? "select" : tool;
    this.selected = null;
  }

  ask(field: Field, text?: string): void {
    this.isPanelOver = true;
    this.wanted = text === undefined ? { field } : { field, text };
  }

  mark(points: number | null, question = this.question): void {
    this.writing.change({ kind: "mark", question, points });
  }

  /** Show the thing that an undone or redone change is about. */
  show(change: Change | null): void {
    if (change?.kind === "mark" || change?.kind === "remark") this.choose(change.question);
    const annotation = change?.kind === "put" ? change.annotation : null;
    const page = this.pages.findIndex((one) => one.page_id === annotation?.page_id);
    if (page >= 0) this.turnTo(page);
  }

  get leaf(): Question | undefined {
    return this.#scheme.find((question) => question.id === this.question);
  }

  get unmarked(): Question[] {
    return unmarkedOf(this.#scheme, this.writing.sheet.marks);
  }

  get #scheme(): Question[] {
    return this.writing.marking.exam.scheme;
  }

  #firstQuestion(): string {
    return (this.unmarked[0] ?? leavesOf(this.#scheme)[0])?.id ?? "";
  }
}
