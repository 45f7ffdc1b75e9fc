import { describe, expect, test } from "vitest";
import { fullMaximum, leafBeside, nextUnmarked, pointsOf, rowsOf, totalOf, unmarkedOf } from "$/model/scheme";
import type { Question } from "$/model/types";

const question = (id: string, parent_id: string, maximum = 0): Question => ({
  id,
  parent_id,
  label: id,
  title: "",
  maximum,
});
const scheme = [
  question("1", ""),
  question("1a", "1", 200),
  question("1b", "1", 300),
  question("2", "", 500),
];
const marks = new Map([
  ["1a", 200],
  ["1b", 0],
]);

describe("scheme", () => {
  test("a parent carries the sum of its leaves", () => {
    expect(rowsOf(scheme).map((row) => [row.question.id, row.depth, row.isLeaf, row.maximum])).toEqual([
      ["1", 0, false, 500],
      ["1a", 1, true, 200],
      ["1b", 1, true, 300],
      ["2", 0, true, 500],
    ]);
  });

  test("zero is a mark and nothing is not", () => {
    expect(unmarkedOf(scheme, marks).map((leaf) => leaf.id)).toEqual(["2"]);
    expect(pointsOf(scheme, marks, "2")).toBeNull();
    expect(pointsOf(scheme, marks, "1")).toBe(200);
  });

  test("totals are whole points of the scheme", () => {
    expect(totalOf(scheme, marks)).toBe(200);
    expect(fullMaximum(scheme)).toBe(1000);
  });

  test("the next unmarked question is looked for all around", () => {
    expect(nextUnmarked(scheme, new Map([["2", 100]]), "1b")?.id).toBe("1a");
    expect(nextUnmarked(scheme, new Map([...marks, ["2", 1]]), "1a")).toBeNull();
  });

  test("moving stays inside the list", () => {
    expect(leafBeside(scheme, "1a", -1)?.id).toBe("1a");
    expect(leafBeside(scheme, "1a", 1)?.id).toBe("1b");
  });
});
