import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { History } from "$/model/history";
import { apply, bodyOf, type Change, changeOf, inverse, type Sheet, sheetOf } from "$/model/sheet";
import type { Annotation } from "$/model/types";

const blank = sheetOf({ marks: [], remarks: [], appreciation: "", appreciation_version: 0, annotations: [] });
const id = fc.constantFrom("a", "b", "c");
const annotation = fc.record({ id, text: fc.string() }).map(
  ({ id, text }): Annotation => ({
    id,
    page_id: "p",
    kind: "text",
    points: [{ x: 0.5, y: 0.5 }],
    color: "#c8102e",
    width: 1,
    size: 12,
    text,
    box_width: 0,
    question_id: "",
    version: 0,
  }),
);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant("mark" as const), question: id, points: fc.option(fc.nat(500)) }),
  fc.record({ kind: fc.constant("remark" as const), question: id, text: fc.string() }),
  fc.record({ kind: fc.constant("appreciation" as const), text: fc.string() }),
  fc.record({ kind: fc.constant("put" as const), annotation }),
  fc.record({ kind: fc.constant("delete" as const), annotation: id }),
);

function said(sheet: Sheet): unknown {
  const marked = [...sheet.marks].filter(([, points]) => points !== null).sort();
  const remarked = [...sheet.remarks].filter(([, text]) => text !== "").sort();
  return [marked, remarked, sheet.appreciation, [...sheet.annotations].sort()];
}

describe("a sheet", () => {
  test("every change can be taken back", () => {
    fc.assert(
      fc.property(fc.array(change), change, (before, last) => {
        const sheet = before.reduce(apply, blank);
        const back = inverse(sheet, last);
        const after = apply(sheet, last);

        expect(said(back ? apply(after, back) : after)).toEqual(said(sheet));
      }),
    );
  });

  test("an act says the same as its change", () => {
    fc.assert(
      fc.property(change, (one) => {
        expect(changeOf(bodyOf(one, 3))).toEqual(one);
      }),
    );
  });
});

describe("history", () => {
  test("undoing everything and doing it again ends where it was", () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const history = new History();
        let sheet = blank;
        for (const one of changes) {
          const back = inverse(sheet, one);
          if (back) history.record(one, back);
          sheet = apply(sheet, one);
        }
        const end = said(sheet);
        for (let back = history.undo(); back; back = history.undo()) sheet = apply(sheet, back);
        expect(said(sheet)).toEqual(said(blank));
        for (let again = history.redo(); again; again = history.redo()) sheet = apply(sheet, again);
        expect(said(sheet)).toEqual(end);
      }),
    );
  });

  test("typing in one field is one step until the field is left", () => {
    const history = new History();
    const typed = (text: string): Change => ({ kind: "remark", question: "a", text });
    history.record(typed("b"), typed(""));
    history.record(typed("bo"), typed("b"));
    history.seal();
    history.record(typed("bon"), typed("bo"));

    expect([history.undo(), history.undo(), history.undo()]).toEqual([typed("bo"), typed(""), null]);
  });

  test("a new change forgets what was undone", () => {
    const history = new History();
    const mark = (points: number): Change => ({ kind: "mark", question: "a", points });
    history.record(mark(1), mark(0));
    history.undo();
    history.record(mark(2), mark(0));

    expect(history.canRedo).toBe(false);
  });
});
