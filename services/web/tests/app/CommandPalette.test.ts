import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import CommandPalette from "$/app/CommandPalette.svelte";
import { palette } from "$/app/palette.svelte";
import { language } from "$/i18n/language.svelte";

const run = vi.fn();
let leave: (() => void)[] = [];

beforeEach(() => {
  language.speak("en");
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
  leave = [
    palette.offer(() => [{ id: "/lots", label: "My lots", run: () => run("/lots") }]),
    palette.offer(() => [
      { id: "pen", label: "Pen", detail: "D", run: () => run("pen") },
      { id: "copy", label: "Copy 14/27", detail: "K7Q2PX", run: () => run("copy") },
    ]),
  ];
  palette.isOpen = true;
});
afterEach(() => {
  for (const stop of leave) stop();
  cleanup();
  run.mockClear();
});

const options = () => screen.getAllByRole("option").map((one) => one.textContent?.trim());
const search = () => screen.getByRole("combobox");

describe("the command palette", () => {
  test("lists what the innermost screen offers first", () => {
    render(CommandPalette);

    expect(options()).toEqual(["Pen D", "Copy 14/27 K7Q2PX", "My lots"]);
  });

  test.each([
    ["14", "copy"],
    ["k7q2", "copy"],
    ["lots", "/lots"],
  ])("typing %j and Enter does what was meant", async (typed, done) => {
    render(CommandPalette);
    await fireEvent.input(search(), { target: { value: typed } });
    await fireEvent.keyDown(search(), { key: "Enter" });

    await waitFor(() => expect(run).toHaveBeenCalledWith(done));
    expect(palette.isOpen).toBe(false);
  });

  test("arrows go round", async () => {
    render(CommandPalette);
    await fireEvent.keyDown(search(), { key: "ArrowUp" });
    await fireEvent.keyDown(search(), { key: "Enter" });

    await waitFor(() => expect(run).toHaveBeenCalledWith("/lots"));
  });

  test("says when nothing is called that", async () => {
    render(CommandPalette);
    await fireEvent.input(search(), { target: { value: "zzz" } });

    expect(options()).toEqual(["Nothing by that name."]);
    await fireEvent.keyDown(search(), { key: "Enter" });
    expect(run).not.toHaveBeenCalled();
  });
});
