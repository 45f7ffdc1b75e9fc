import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import Combobox from "$/ui/Combobox.svelte";

const choices = [
  { id: "1", label: "SØRENSEN Zoë", detail: "TG2 · 03/04/2008" },
  { id: "2", label: "SØRENSEN Zoë", detail: "TG3 · 11/09/2008" },
  { id: "3", label: "DUBOIS Léa", blocked: "has a copy already" },
];

function show(value = "") {
  const onchoose = vi.fn();
  render(Combobox, { label: "Written by", choices, value, onchoose });
  return { onchoose, input: screen.getByRole("combobox", { name: "Written by" }) };
}

async function type(input: HTMLElement, text: string): Promise<void> {
  await fireEvent.input(input, { target: { value: text } });
}

afterEach(cleanup);

describe("choosing by typing", () => {
  it("takes the first match with Enter", async () => {
    const { input, onchoose } = show();
    await type(input, "zoe sor");
    await fireEvent.keyDown(input, { key: "Enter" });

    expect(onchoose).toHaveBeenCalledExactlyOnceWith("1");
  });

  it("tells homonyms apart by what else is typed, or by the arrows", async () => {
    const { input, onchoose } = show();
    await type(input, "sor tg3");
    expect(screen.getAllByRole("option")).toHaveLength(1);

    await type(input, "sor");
    await fireEvent.keyDown(input, { key: "ArrowDown" });
    await fireEvent.keyDown(input, { key: "Enter" });
    expect(onchoose).toHaveBeenCalledExactlyOnceWith("2");
  });

  it("does not choose who cannot be chosen, and says why", async () => {
    const { input, onchoose } = show();
    await type(input, "dubois");
    await fireEvent.keyDown(input, { key: "Enter" });

    expect(screen.getByRole("option").textContent).toContain("has a copy already");
    expect(onchoose).not.toHaveBeenCalled();
  });

  it("shows what is chosen again after Escape", async () => {
    const { input } = show("3");
    await type(input, "zo");
    await fireEvent.keyDown(input, { key: "Escape" });

    expect((input as HTMLInputElement).value).toBe("DUBOIS Léa");
  });
});
