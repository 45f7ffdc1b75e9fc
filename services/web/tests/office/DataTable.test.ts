import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { afterEach, describe, expect, it } from "vitest";
import { router } from "$/app/router.svelte";
import DataTable from "$/ui/DataTable.svelte";

interface Row {
  id: string;
  name: string;
  pages: number;
}

const row = createRawSnippet<[Row]>((get) => ({ render: () => `<td>${get().name}</td>` }));

function show(rows: Row[]): void {
  render(DataTable<Row>, {
    label: "Copies",
    rows,
    columns: [
      { key: "name", label: "Name", sortBy: (one: Row) => one.name },
      { key: "pages", label: "Pages", sortBy: (one: Row) => one.pages },
    ],
    keyOf: (one: Row) => one.id,
    searchOf: (one: Row) => one.name,
    row,
  });
}

const names = (): string[] => screen.getAllByRole("cell").map((cell) => cell.textContent ?? "");
const many = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${i}`, name: `Copy ${i}`, pages: count - i }));

afterEach(() => {
  cleanup();
  router.go("/", { replace: true });
});

describe("a table", () => {
  it("sorts numbers as numbers, names as people do, and back", async () => {
    show(many(11));
    await fireEvent.click(screen.getByRole("button", { name: "Name" }));
    expect(names().slice(0, 3)).toEqual(["Copy 0", "Copy 1", "Copy 2"]);

    await fireEvent.click(screen.getByRole("button", { name: /Pages/ }));
    expect(names()[0]).toBe("Copy 10");
    await fireEvent.click(screen.getByRole("button", { name: /Pages/ }));
    expect(names()[0]).toBe("Copy 0");
  });

  it("keeps sort and search in the address", async () => {
    show(many(11));
    await fireEvent.click(screen.getByRole("button", { name: "Pages" }));
    await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "copy 10" } });

    expect(names()).toEqual(["Copy 10"]);
    expect(location.search).toBe("?sort=pages&q=copy+10");
  });

  it("draws only the rows in view of a long list, and says how many there are", () => {
    show(many(4_000));

    expect(names().length).toBeLessThan(80);
    expect(screen.getByRole("table").getAttribute("aria-rowcount")).toBe("4001");
  });
});
