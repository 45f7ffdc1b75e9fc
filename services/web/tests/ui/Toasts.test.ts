import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toasts } from "$/app/toasts.svelte";
import { language } from "$/i18n/language.svelte";
import Toasts from "$/ui/Toasts.svelte";

beforeEach(() => {
  language.speak("en");
  for (const text of ["first", "second", "third", "fourth"]) toasts.done(text);
});
afterEach(() => {
  toasts.dismissAll();
  cleanup();
});

describe("passing messages", () => {
  test("show the two newest, the newest on top, and count the rest", () => {
    render(Toasts);

    expect(screen.getAllByText(/first|second|third|fourth/).map((one) => one.textContent)).toEqual([
      "fourth",
      "third",
    ]);
    expect(screen.getByText(/2 more messages/)).toBeTruthy();
  });

  test("come up again as the newer ones are dismissed", async () => {
    render(Toasts);
    await fireEvent.click(screen.getAllByRole("button", { name: "Dismiss the message" })[0] as HTMLElement);

    expect(screen.getByText("second")).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Dismiss all" }));
    expect(toasts.shown).toEqual([]);
  });
});
