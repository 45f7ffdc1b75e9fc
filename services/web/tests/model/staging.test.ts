import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Act,
  placements,
  reorder,
  rotate,
  setAside,
  standAlone,
  swapFaces,
  transfer,
  type WallCopy,
  type WallPage,
} from "$/model/staging/acts";
import { nearestCopy, proposals } from "$/model/staging/placing";
import { type Desk as Sender, UndoStack } from "$/model/staging/undo";
import { heightOf, inView, layOut, lineOf, step } from "$/model/staging/wall";

const page = (id: string): WallPage => ({ id, rotation: 0, set_aside_reason: "" });
const copy = (id: string, pages: string, student_id = ""): WallCopy => ({
  id,
  pages: [...pages].map(page),
  student_id,
});

/** The rules of the service, as far as they matter to undoing. */
class Desk implements Sender {
  loose: WallPage[] = [];
  readonly undone = "placement undone";
  #made = 0;
  constructor(public copies: WallCopy[]) {}

  send = async (act: Act): Promise<{ created?: string }> => {
    const at = this.copies.findIndex((one) => one.id === act.copy);
    const target = this.copies[at];
    if (!target) throw new Error(`no copy ${act.copy}`);
    switch (act.kind) {
      case "link":
        this.copies[at] = { ...target, student_id: act.student ?? "" };
        return {};
      case "split":
        return this.#split(at, target, act.before);
      case "merge":
        return this.#merge(at, target, act.source);
      case "arrange":
        return this.#arrange(at, target, act);
    }
  };

  #split(at: number, target: WallCopy, before: string): { created: string } {
    const cut = target.pages.findIndex((one) => one.id === before);
    if (cut < 1) throw new Error("empty split");
    const created = { id: `made-${++this.#made}`, pages: target.pages.slice(cut), student_id: "" };
    this.copies.splice(at, 1, { ...target, pages: target.pages.slice(0, cut) }, created);
    return { created: created.id };
  }

  #merge(at: number, target: WallCopy, sourceId: string): object {
    const source = this.copies.find((one) => one.id === sourceId);
    if (!source || source === target) throw new Error(`no source ${sourceId}`);
    const pages = [...target.pages, ...source.pages];
    this.copies[at] = { ...target, pages, student_id: target.student_id || source.student_id };
    this.copies = this.copies.filter((one) => one !== source);
    return {};
  }

  #arrange(at: number, target: WallCopy, act: Act & { kind: "arrange" }): object {
    const known = new Map([...target.pages, ...this.loose].map((one) => [one.id, one]));
    const pages = act.pages.map((put) => {
      const found = known.get(put.page_id);
      if (!found) throw new Error(`page ${put.page_id} is elsewhere`);
      return { ...found, rotation: put.rotation, set_aside_reason: "" } as WallPage;
    });
    const named = new Set([...act.pages, ...act.setAside].map((one) => one.page_id));
    if (target.pages.some((one) => !named.has(one.id))) throw new Error("page unaccounted");
    this.loose = this.loose.filter((one) => !named.has(one.id));
    for (const aside of act.setAside)
      this.loose.push({ ...known.get(aside.page_id)!, set_aside_reason: aside.reason });
    this.copies[at] = { ...target, pages };
    if (!pages.length) this.copies.splice(at, 1);
    return {};
  }

  get picture(): string {
    const drawn = this.copies.map(
      (one) =>
        `${one.student_id}:${one.pages.map((p) => p.id + (p.rotation ? `@${p.rotation}` : "")).join("")}`,
    );
    return [...drawn.toSorted(), "|", ...this.loose.map((one) => one.id).toSorted()].join(" ");
  }
}

describe("what is done to staged copies", () => {
  const both = (): WallCopy[] => [copy("A", "abcd", "léa"), copy("B", "ef", "tom"), copy("C", "g")];

  it("turns only the chosen pages", () => {
    expect(rotate(copy("A", "ab"), new Set("b"))).toMatchObject({
      pages: [
        { page_id: "a", rotation: 0 },
        { page_id: "b", rotation: 90 },
      ],
    });
  });

  it("swaps the two faces of the sheet that a page is on", () => {
    const act = swapFaces(copy("A", "abcd"), "d") as Act & { kind: "arrange" };

    expect(act.pages.map((one) => one.page_id).join("")).toBe("abdc");
  });

  it("has no face to swap with on the last single page", () => {
    expect(swapFaces(copy("A", "abc"), "c")).toBeNull();
  });

  it("moves pages before the page that they are dropped on", () => {
    const act = reorder(copy("A", "abcd"), new Set("cd"), 1) as Act & { kind: "arrange" };

    expect(act.pages.map((one) => one.page_id).join("")).toBe("acdb");
    expect(reorder(copy("A", "abcd"), new Set("b"), 2)).toBeNull();
  });

  it.each<[string, (copies: WallCopy[]) => readonly Act[]]>([
    ["rotating", (copies) => [rotate(copies[0]!, new Set("ab"))]],
    ["setting pages aside", (copies) => [setAside(copies[0]!, new Set("bd"), "blank")]],
    ["setting the last page of a copy aside", (copies) => [setAside(copies[1]!, new Set("ef"), "blank")]],
    ["splitting", () => [{ kind: "split", copy: "A", before: "c" }]],
    ["merging", () => [{ kind: "merge", copy: "C", source: "B" }]],
    ["moving a page to another copy", (copies) => transfer(copies[0]!, copies[1]!, new Set("b"), 1, "moved")],
    ["moving every page", (copies) => transfer(copies[1]!, copies[0]!, new Set("ef"), 2, "moved")],
    ["linking", () => [{ kind: "link", copy: "C", student: "zoé" }]],
  ])("undoes %s", async (_, acts) => {
    const desk = new Desk(both());
    const stack = new UndoStack();
    const before = desk.picture;
    await stack.run("", acts(desk.copies), desk);
    expect(desk.picture).not.toBe(before);

    await stack.undo(desk);
    expect(desk.picture).toBe(before);
  });

  it("makes a copy of its own of pages that were on none", async () => {
    const desk = new Desk([copy("A", "ab")]);
    desk.loose = [page("x"), page("y")];
    await new UndoStack().run("", standAlone(desk.copies[0]!, desk.loose), desk);

    expect(desk.picture).toBe(":ab :xy |");
  });

  it("can undo what was sent before an act failed", async () => {
    const desk = new Desk(both());
    const stack = new UndoStack();
    const acts: Act[] = [
      { kind: "split", copy: "A", before: "c" },
      { kind: "merge", copy: "gone", source: "B" },
    ];
    await expect(stack.run("", acts, desk)).rejects.toThrow("no copy gone");

    await stack.undo(desk);
    expect(desk.picture).toBe(new Desk(both()).picture);
  });

  it("undoes any sequence, latest first", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(4), fc.nat(30)), { maxLength: 12 }), async (edits) => {
        const desk = new Desk(both());
        const stack = new UndoStack();
        const pictures: string[] = [];
        for (const [what, where] of edits) {
          const acts = pick(desk, what, where);
          if (!acts.length) continue;
          pictures.push(desk.picture);
          await stack.run("", acts, desk);
        }
        for (const picture of pictures.reverse()) {
          await stack.undo(desk);
          expect(desk.picture).toBe(picture);
        }
      }),
      { numRuns: 60 },
    );
  });

  function pick(desk: Desk, what: number, where: number): readonly Act[] {
    const one = desk.copies[where % desk.copies.length]!;
    const other = desk.copies[(where + 1) % desk.copies.length]!;
    const chosen = one.pages[where % one.pages.length]!;
    if (what === 0) return [rotate(one, new Set([chosen.id]))];
    if (what === 1 && desk.copies.length > 1) return [setAside(one, new Set([chosen.id]), "blank")];
    if (what === 2 && one.pages[1]) return [{ kind: "split", copy: one.id, before: one.pages[1].id }];
    const isMergeable = one !== other && (!one.student_id || !other.student_id);
    if (what === 3 && isMergeable) return [{ kind: "merge", copy: one.id, source: other.id }];
    if (what === 4 && one !== other && one.pages[1])
      return transfer(one, other, new Set([chosen.id]), 0, "moved");
    return [];
  }
});

describe("the wall", () => {
  const sizes = { head: 40, tile: 200, pitch: 100, between: 20 };
  const lines = layOut([2, 3, 7, 0, 1], 560, sizes);
  const drawn = (seen: typeof lines) => seen.map((one) => `${one.kind}${one.copy}@${one.left},${one.top}`);

  it("puts copies beside each other, and a long one in rows of its own", () => {
    expect(drawn(lines)).toEqual([
      "head0@0,0",
      "head1@220,0",
      "tiles0@0,40",
      "tiles1@220,40",
      "head2@0,240",
      "tiles2@0,280",
      "tiles2@0,480",
      "head3@0,680",
      "head4@120,680",
      "tiles4@120,720",
    ]);
    expect(heightOf(lines)).toBe(920);
  });

  it("shows every page exactly once, from top to bottom, whatever the sizes", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30)), fc.integer({ min: 50, max: 2000 }), (counts, width) => {
        const all = layOut(counts, width, sizes);
        const shown = counts.map((_, copy) =>
          all.filter((one) => one.copy === copy).reduce((sum, one) => sum + one.to - one.from, 0),
        );
        expect(shown).toEqual(counts);
        expect(all.every((one, i) => one.top >= (all[i - 1]?.top ?? 0))).toBe(true);
      }),
    );
  });

  it("draws only what is near the window", () => {
    expect(drawn(inView(lines, 500, 100, 0))).toEqual(["tiles2@0,480"]);
    const many = layOut(Array(5000).fill(4), 560, sizes);
    expect(inView(many, 600_000, 800, 400)).toHaveLength(14);
  });

  it.each([
    ["right", { copy: 0, page: 1 }, { copy: 1, page: 0 }],
    ["left", { copy: 2, page: 0 }, { copy: 1, page: 2 }],
    ["down", { copy: 1, page: 0 }, { copy: 2, page: 2 }],
    ["down", { copy: 2, page: 4 }, { copy: 2, page: 6 }],
    ["down", { copy: 2, page: 6 }, { copy: 4, page: 0 }],
    ["up", { copy: 2, page: 3 }, { copy: 1, page: 1 }],
    ["up", { copy: 0, page: 1 }, { copy: 0, page: 1 }],
    ["end", { copy: 0, page: 1 }, { copy: 4, page: 0 }],
    ["start", { copy: 2, page: 1 }, { copy: 0, page: 0 }],
  ] as const)("goes %s from %o to %o", (direction, from, to) => {
    expect(step(lines, from, direction, sizes.pitch)).toEqual(to);
  });

  it("finds the line of a page", () => {
    expect(lineOf(lines, { copy: 2, page: 6 })?.top).toBe(480);
  });
});

describe("proposals", () => {
  it("places a loose page where the pile would", () => {
    const copies = [
      { id: "A", pages: [{ scan_id: "s", side: 1 }] },
      { id: "B", pages: [{ scan_id: "s", side: 9 }] },
      { id: "C", pages: [{ scan_id: "t", side: 6 }] },
    ];

    expect(nearestCopy({ scan_id: "s", side: 6 }, copies)?.id).toBe("B");
    expect(nearestCopy({ scan_id: "u", side: 6 }, copies)).toBeUndefined();
  });

  it("names who comes next on the roster", () => {
    const student = (id: string, copy_id = "", presence = "present") => ({ id, copy_id, presence });
    const roster = [student("a"), student("b", "x"), student("c"), student("d", "", "absent"), student("e")];

    expect(proposals(roster, "b", 3).map((one) => one.id)).toEqual(["c", "e", "a"]);
    expect(placements([])).toEqual([]);
  });
});
