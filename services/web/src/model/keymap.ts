/**
 * Know which key does what.
 *
 * Digits are told by the place of the key, so that AZERTY's number row works without Shift; everything else by the
 * character that the key gives, so that the key with M on it is M on every layout (by its place where the layout
 * gives no Latin letter).
 */

export const COMMANDS = [
  "digit",
  "decimal",
  "accept",
  "full",
  "zero",
  "unmark",
  "nextQuestion",
  "previousQuestion",
  "nextPage",
  "previousPage",
  "nextCopy",
  "previousCopy",
  "remark",
  "appreciation",
  "pen",
  "highlighter",
  "rectangle",
  "text",
  "select",
  "eraser",
  "tick",
  "cross",
  "undo",
  "redo",
  "fold",
  "fitWidth",
  "fitPage",
  "zoomIn",
  "zoomOut",
  "finalize",
  "help",
  "escape",
] as const;

export type Command = (typeof COMMANDS)[number];

/** Written like "Ctrl+Shift+z": modifiers, then the character in lower case or the name of the key. */
export type Chord = string;
export type Bindings = Readonly<Record<Command, readonly Chord[]>>;

export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export const DEFAULT_BINDINGS: Bindings = {
  digit: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  decimal: [",", "."],
  accept: ["Enter"],
  full: ["m"],
  zero: ["z"],
  unmark: ["u"],
  nextQuestion: ["j", "ArrowDown"],
  previousQuestion: ["k", "ArrowUp"],
  nextPage: ["ArrowRight", "PageDown"],
  previousPage: ["ArrowLeft", "PageUp"],
  nextCopy: ["n"],
  previousCopy: ["p"],
  remark: ["r"],
  appreciation: ["a"],
  pen: ["d"],
  highlighter: ["h"],
  rectangle: ["b"],
  text: ["t"],
  select: ["v"],
  eraser: ["e"],
  tick: ["c"],
  cross: ["x"],
  undo: ["Ctrl+z"],
  redo: ["Ctrl+Shift+z", "Ctrl+y"],
  fold: ["f"],
  fitWidth: ["w"],
  fitPage: ["s"],
  zoomIn: ["+", "="],
  zoomOut: ["-"],
  finalize: ["Ctrl+Enter"],
  help: ["?"],
  escape: ["Escape"],
};

const LAST_LATIN = 0x24f;

/** The commands whose keys are fixed, because they are what is typed. */
export const FIXED: ReadonlySet<Command> = new Set(["digit", "decimal", "escape"]);

export interface Situation {
  /** A text field has the focus. */
  isTyping: boolean;
  /** False when the reader switched single letters off. */
  hasLetters: boolean;
}

/** Say what a key press means here; null when nothing. */
export function commandOf(press: KeyPress, bindings: Bindings, situation: Situation): Command | null {
  const chord = chordOf(press);
  const command = COMMANDS.find((name) => bindings[name].includes(chord));
  if (!command) return null;
  if (situation.isTyping && !isSafeWhileTyping(chord)) return null;
  if (!situation.hasLetters && isSingleLetter(chord)) return null;
  return command;
}

/** Write a key press as a chord. */
export function chordOf(press: KeyPress): Chord {
  const name = nameOf(press);
  const isShiftPartOfIt = name.length === 1 && !/[a-z]/.test(name);
  const modifiers = [
    (press.ctrlKey || press.metaKey) && "Ctrl",
    press.altKey && "Alt",
    press.shiftKey && !isShiftPartOfIt && "Shift",
  ];
  return [...modifiers.filter(Boolean), name].join("+");
}

/** The digit of a key by its place; null for any other key. */
export function digitOf(press: Pick<KeyPress, "code">): string | null {
  return /^(?:Digit|Numpad)(\d)$/.exec(press.code)?.[1] ?? null;
}

/** Give a command one other key; whoever had that key loses it. */
export function rebound(bindings: Bindings, command: Command, chord: Chord): Bindings {
  const others = COMMANDS.map((name) => [name, bindings[name].filter((one) => one !== chord)] as const);
  return { ...(Object.fromEntries(others) as Record<Command, Chord[]>), [command]: [chord] };
}

/** Take over what was kept earlier, ignoring what is not known any more. */
export function restoredBindings(kept: unknown): Bindings {
  const known = typeof kept === "object" && kept !== null ? (kept as Record<string, unknown>) : {};
  const entries = COMMANDS.map((name) => {
    const chords = known[name];
    const isUsable = Array.isArray(chords) && chords.every((chord) => typeof chord === "string");
    return [name, isUsable && !FIXED.has(name) ? chords : DEFAULT_BINDINGS[name]] as const;
  });
  return Object.fromEntries(entries) as Bindings;
}

function nameOf(press: KeyPress): string {
  const digit = digitOf(press);
  if (digit !== null && !(press.shiftKey && press.code.startsWith("Digit") && !/\d/.test(press.key)))
    return digit;
  if (press.code === "NumpadDecimal") return ",";
  if (press.code === "NumpadEnter") return "Enter";
  if (press.key.length > 1) return press.key;
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1];
  const isLatin = press.key.charCodeAt(0) <= LAST_LATIN;
  return (isLatin ? press.key : (letter ?? press.key)).toLowerCase();
}

function isSafeWhileTyping(chord: Chord): boolean {
  return chord === "Escape" || (chord.startsWith("Ctrl+") && !/^Ctrl\+(Shift\+)?[zy]$/.test(chord));
}

function isSingleLetter(chord: Chord): boolean {
  return chord.length === 1 && !/[\d,.]/.test(chord);
}
