import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import MarkField from "$/desk/MarkField.svelte";
import type { Room } from "$/desk/room.svelte";
import { language } from "$/i18n/language.svelte";

const question = { id: "q", parent_id: "", label: "1b", title: "", maximum: 300 };

function show() {
  const mark = vi.fn();
  const room = {
    question: "q",
    wanted: null,
    writing: {
      sheet: { marks: new Map() },
      marking: { exam: { mark_step: 25 } },
      canWrite: true,
      seal: vi.fn(),
    },
    choose: vi.fn(),
    mark,
    advance: vi.fn(),
    step: vi.fn(),
  };
  render(MarkField, { room: room as unknown as Room, question });
  return { mark, room, field: screen.getByRole<HTMLInputElement>("textbox") };
}

beforeEach(() => language.speak("fr"));
afterEach(cleanup);

describe("the field of a mark", () => {
  test("is named by its question and maximum", () => {
    expect(show().field.getAttribute("aria-label")).toBe("Note de la question 1b, sur 3");
  });

  test.each([
    ["1,5", 150],
    ["1.5", 150],
    ["3", 300],
    ["", null],
  ])("takes %j on Enter and goes on", async (text, points) => {
    const { field, mark, room } = show();
    await fireEvent.input(field, { target: { value: text } });
    await fireEvent.keyDown(field, { key: "Enter" });

    expect(mark).toHaveBeenCalledWith(points, "q");
    expect(room.advance).toHaveBeenCalledOnce();
  });

  test.each(["4", "1,1", "abc"])("says what is wrong with %j and stays", async (text) => {
    const { field, mark, room } = show();
    await fireEvent.input(field, { target: { value: text } });
    await fireEvent.keyDown(field, { key: "Enter" });

    expect(screen.getByRole("alert").textContent).not.toBe("");
    expect(mark).not.toHaveBeenCalled();
    expect(room.advance).not.toHaveBeenCalled();
  });

  test.each([
    ["m", 300],
    ["z", 0],
    ["u", null],
  ])("%s is a mark in one key", async (key, points) => {
    const { field, mark } = show();
    await fireEvent.keyDown(field, { key });

    expect(mark).toHaveBeenCalledWith(points, "q");
  });
});
