import { describe, expect, it } from "vitest";
import { type PageQuery, readAll } from "$/api/pages";

describe("a list of the gateway", () => {
  it("is read to its end, each page by the token of the one before", async () => {
    const asked: PageQuery[] = [];
    const pages = [
      { items: [1, 2], next_page_token: "a" },
      { items: [3], next_page_token: "b" },
      { items: [4], next_page_token: "" },
    ];

    const items = await readAll(async (query) => {
      asked.push(query);
      return pages[asked.length - 1]!;
    }, 2);

    expect(items).toEqual([1, 2, 3, 4]);
    expect(asked).toEqual([
      { page_size: 2, page_token: "" },
      { page_size: 2, page_token: "a" },
      { page_size: 2, page_token: "b" },
    ]);
  });

  it("without pages is one", async () => {
    expect(await readAll(async () => ({ items: ["only"] }))).toEqual(["only"]);
  });
});
