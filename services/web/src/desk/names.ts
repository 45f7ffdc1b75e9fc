/** Say in words what each command of the desk does, and write its keys. */
import { m } from "$/i18n/generated/messages.js";
import type { Chord, Command } from "$/model/keymap";

export const COMMAND_NAMES: Record<Command, () => string> = {
  digit: m.key_digit,
  decimal: m.key_decimal,
  accept: m.key_accept,
  full: m.key_full,
  zero: m.key_zero,
  unmark: m.key_unmark,
  nextQuestion: m.key_next_question,
  previousQuestion: m.key_previous_question,
  nextPage: m.key_next_page,
  previousPage: m.key_previous_page,
  nextCopy: m.desk_next_copy,
  previousCopy: m.desk_previous_copy,
  remark: m.key_remark,
  appreciation: m.desk_appreciation,
  pen: m.tool_pen,
  highlighter: m.tool_highlighter,
  rectangle: m.tool_rectangle,
  text: m.tool_text,
  select: m.tool_select,
  eraser: m.tool_eraser,
  tick: m.key_tick,
  cross: m.key_cross,
  undo: m.undo,
  redo: m.redo,
  fold: m.desk_fold,
  fitWidth: m.fit_width,
  fitPage: m.fit_page,
  zoomIn: m.zoom_in,
  zoomOut: m.zoom_out,
  finalize: m.desk_finalize,
  help: m.desk_keys,
  escape: m.key_escape,
};

const KEY_NAMES: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  PageUp: "PgUp",
  PageDown: "PgDn",
  Escape: "Esc",
};

/** Write a chord the way keys are labelled. */
export function written(chord: Chord): string {
  return chord
    .split(/\+(?=.)/)
    .map((part) => (part.length === 1 ? part.toUpperCase() : (KEY_NAMES[part] ?? part)))
    .join("-");
}
