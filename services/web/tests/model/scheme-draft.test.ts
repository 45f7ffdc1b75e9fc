import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addAfter,
  branchPoints,
  type DraftLine,
  faultsOf,
  indent,
  moveBranch,
  outdent,
  removeBranch,
  toDraft,
  toQuestions,
  totalPoints,
} from "$/model/scheme-draft";

const line = (label: string, depth: number, points = "1"): DraftLine => ({
  id: `id-${label}`,
  label,
  title: "",
  points,
  depth,
});
const tree = [line("1", 0), line("1a", 1, "1,5"), line("1b", 1, "2.25"), line("2", 0, "5")];
const labels = (lines: readonly DraftLine[]) => lines.map(({ label, depth }) => `${depth}${label}`);

describe("a scheme being written", () => {
  it("sums leaves only, with comma or point", () => {
    expect(branchPoints(tree, 0)).toBe(375);
    expect(totalPoints(tree)).toBe(875);
  });

  it("comes back as it was read, with its ids", () => {
    const questions = toQuestions(tree);

    expect(questions.map((question) => question.parent_id)).toEqual(["", "id-1", "id-1", ""]);
    expect(toQuestions(toDraft(questions, "fr"))).toEqual(questions);
  });

  it("gives a new question the label that follows", () => {
    const [lines, at] = addAfter(tree, 2, "new");

    expect(lines[at]).toMatchObject({ label: "1c", depth: 1, id: "new" });
  });

  it("puts a question after the whole branch before it", () => {
    const [lines, at] = addAfter(tree, 0, "new");

    expect(at).toBe(3);
    expect(lines[at]).toMatchObject({ label: "2", depth: 0 });
  });

  it("takes a branch away with its question", () => {
    expect(labels(removeBranch(tree, 0)[0])).toEqual(["02"]);
  });

  it("changes places with the sibling, branch and all", () => {
    const [lines, at] = moveBranch(tree, 0, 1);

    expect(labels(lines)).toEqual(["02", "01", "11a", "11b"]);
    expect(at).toBe(1);
    expect(labels(moveBranch(lines, at, -1)[0])).toEqual(labels(tree));
  });

  it("keeps a question among its siblings", () => {
    expect(labels(moveBranch(tree, 2, 1)[0])).toEqual(labels(tree));
  });

  it("indents under the question before and back out", () => {
    expect(labels(indent(tree, 3))).toEqual(["01", "11a", "11b", "12"]);
    expect(labels(outdent(indent(tree, 3), 3))).toEqual(labels(tree));
  });

  it("names what is missing", () => {
    const wrong = [line("", 0), line("2", 0, ""), line("3", 0, "0"), line("4", 0), line("4", 0)];

    expect(faultsOf(wrong)).toEqual([
      "LABEL_MISSING",
      "POINTS_MISSING",
      "POINTS_MISSING",
      "LABEL_REPEATED",
      "LABEL_REPEATED",
    ]);
  });

  it("stays a tree whatever is done to it", () => {
    const edit = fc.tuple(fc.nat(4), fc.nat(20));
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 40 }), (edits) => {
        let lines: DraftLine[] = tree;
        for (const [what, where] of edits) {
          const at = where % Math.max(1, lines.length);
          if (what === 0) lines = addAfter(lines, at, crypto.randomUUID())[0];
          if (what === 1) lines = removeBranch(lines, at)[0];
          if (what === 2) lines = indent(lines, at);
          if (what === 3) lines = outdent(lines, at);
          if (what === 4) lines = moveBranch(lines, at, where % 2 ? 1 : -1)[0];
          const ids = new Set(lines.map((one) => one.id));
          expect(ids.size).toBe(lines.length);
          for (const [i, one] of lines.entries()) {
            expect(one.depth).toBeLessThanOrEqual((lines[i - 1]?.depth ?? -1) + 1);
            expect(one.depth).toBeLessThanOrEqual(4);
          }
        }
      }),
    );
  });
});
