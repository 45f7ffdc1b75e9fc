import { describe, expect, test } from "vitest";
import {
  commandOf,
  DEFAULT_BINDINGS,
  digitOf,
  type KeyPress,
  rebound,
  restoredBindings,
} from "$/model/keymap";

const press = (key: string, code: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});
const free = { isTyping: false, hasLetters: true };
const meaning = (one: KeyPress, situation = free) => commandOf(one, DEFAULT_BINDINGS, situation);

describe("keys", () => {
  test("the number row of AZERTY works without Shift", () => {
    expect(meaning(press("&", "Digit1"))).toBe("digit");
    expect(digitOf(press("&", "Digit1"))).toBe("1");
    expect(meaning(press("-", "Digit6"))).toBe("digit");
  });

  test("a letter is the one that is printed on the key", () => {
    expect(meaning(press("m", "Semicolon"))).toBe("full");
    expect(meaning(press("z", "KeyW"))).toBe("zero");
    expect(meaning(press(",", "KeyM"))).toBe("decimal");
    expect(meaning(press("?", "KeyM", { shiftKey: true }))).toBe("help");
    expect(meaning(press("?", "Slash", { shiftKey: true }))).toBe("help");
  });

  test("a layout without Latin letters goes by place", () => {
    expect(meaning(press("ь", "KeyM"))).toBe("full");
  });

  test("a symbol of the shifted number row is no digit", () => {
    expect(meaning(press("!", "Digit1", { shiftKey: true }))).toBeNull();
  });

  test("single letters never act in a text field, and undo is left to it", () => {
    const typing = { isTyping: true, hasLetters: true };
    expect(meaning(press("m", "KeyM"), typing)).toBeNull();
    expect(meaning(press("z", "KeyZ", { ctrlKey: true }), typing)).toBeNull();
    expect(meaning(press("Enter", "Enter", { ctrlKey: true }), typing)).toBe("finalize");
    expect(meaning(press("Escape", "Escape"), typing)).toBe("escape");
  });

  test("single letters can be switched off, digits and Ctrl stay", () => {
    const quiet = { isTyping: false, hasLetters: false };
    expect(meaning(press("m", "KeyM"), quiet)).toBeNull();
    expect(meaning(press("2", "Digit2"), quiet)).toBe("digit");
    expect(meaning(press("Z", "KeyZ", { ctrlKey: true, shiftKey: true }), quiet)).toBe("redo");
  });

  test("a key that is given away belongs to nobody else", () => {
    const bindings = rebound(DEFAULT_BINDINGS, "full", "z");
    expect(bindings.full).toEqual(["z"]);
    expect(bindings.zero).toEqual([]);
  });

  test("kept bindings that make no sense are ignored", () => {
    const bindings = restoredBindings({ full: ["y"], zero: 3, nonsense: ["q"], digit: ["q"] });
    expect(bindings.full).toEqual(["y"]);
    expect(bindings.zero).toEqual(["z"]);
    expect(bindings.digit).toEqual(DEFAULT_BINDINGS.digit);
  });
});
