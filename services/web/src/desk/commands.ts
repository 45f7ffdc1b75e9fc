/** Tie commands to what they do; a key, a button and a menu all come here. */
import { type Command, commandOf, digitOf } from "$/model/keymap";
import { preferences } from "./preferences.svelte";
import type { Room } from "./room.svelte";

/** What only the screen around the desk can do. */
export interface Surroundings {
  goToCopy: (by: number) => void;
  /** Put a tick or a cross where the pointer is; false when it is beside the page. */
  place: (kind: "tick" | "cross") => boolean;
  zoom: (by: number) => void;
}

type Acts = Record<Exclude<Command, "digit" | "decimal">, (room: Room, around: Surroundings) => void>;

const ACTS: Acts = {
  accept: (room) => room.advance(),
  full: (room) => room.mark(room.leaf?.maximum ?? null),
  zero: (room) => room.mark(0),
  unmark: (room) => room.mark(null),
  nextQuestion: (room) => room.step(1),
  previousQuestion: (room) => room.step(-1),
  nextPage: (room) => room.turn(1),
  previousPage: (room) => room.turn(-1),
  nextCopy: (_, around) => around.goToCopy(1),
  previousCopy: (_, around) => around.goToCopy(-1),
  remark: (room) => room.ask("remark"),
  appreciation: (room) => room.ask("appreciation"),
  pen: (room) => room.take("pen"),
  highlighter: (room) => room.take("highlighter"),
  rectangle: (room) => room.take("rectangle"),
  text: (room) => room.take("text"),
  select: (room) => room.take("select"),
  eraser: (room) => room.take("eraser"),
  tick: (room, around) => around.place("tick") || room.take("tick"),
  cross: (room, around) => around.place("cross") || room.take("cross"),
  undo: (room) => room.show(room.writing.undo()),
  redo: (room) => room.show(room.writing.redo()),
  fold: (room) => {
    room.isRailOver = room.isPanelOver = false;
    preferences.change({ hasPanels: !preferences.hasPanels });
  },
  fitWidth: (room) => {
    room.view = { ...room.view, fit: "width" };
  },
  fitPage: (room) => {
    room.view = { ...room.view, fit: "page" };
  },
  zoomIn: (_, around) => around.zoom(1.25),
  zoomOut: (_, around) => around.zoom(0.8),
  finalize: (room) => {
    room.dialog = "finalize";
  },
  help: (room) => {
    room.dialog = "keys";
  },
  escape: leave,
};

export function perform(command: keyof Acts, room: Room, around: Surroundings): void {
  ACTS[command](room, around);
}

/** Do what a key press means; leave every other press alone. */
export function press(event: KeyboardEvent, room: Room, around: Surroundings): void {
  if (event.defaultPrevented || event.isComposing) return;
  const target = event.target as HTMLElement;
  const situation = { isTyping: isField(target), hasLetters: preferences.hasLetters };
  const command = commandOf(event, preferences.bindings, situation);
  if (!command || isOwn(target, command)) return;
  event.preventDefault();
  if (command === "digit") room.ask("mark", digitOf(event) ?? "");
  else if (command === "decimal") room.ask("mark", ",");
  else perform(command, room, around);
}

/** Leave the field, then the selection, then the tool, then what slid over the page. */
function leave(room: Room): void {
  const field = document.activeElement;
  if (field instanceof HTMLElement && isField(field)) field.blur();
  else if (room.selected) room.selected = null;
  else if (room.tool !== "select") room.tool = "select";
  else room.isPanelOver = room.isRailOver = false;
}

function isField(target: HTMLElement): boolean {
  return target.matches?.("input, textarea, select, [contenteditable]") ?? false;
}

/** Enter and Space press a focused button; arrows move a focused annotation. */
function isOwn(target: HTMLElement, command: Command): boolean {
  if (command === "accept") return target.matches?.("button, a, summary, [data-annotation]") ?? false;
  const isArrow = command.endsWith("Page") || command.endsWith("Question");
  return isArrow && (target.matches?.("[data-annotation]") ?? false);
}
