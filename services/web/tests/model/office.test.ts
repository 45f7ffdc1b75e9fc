import { describe, expect, it } from "vitest";
import { exceptionsOf, nextStep } from "$/model/next-step";
import { fold, isMatch } from "$/model/search";
import { between, coversPosition, isLargeEnough, moved, PRESETS, resized } from "$/model/zone-shape";

describe("the next step of an exam", () => {
  const ledger = {
    students: 30,
    sides: 120,
    scans_open: 0,
    sides_failed: 0,
    pages_waiting: 0,
    scans_refused: 0,
    copies_staged: 0,
    copies_preparing: 0,
    copies_failed: 0,
    copies_unlinked: 0,
  };
  const progress = { copies: 30, unassigned: 0, open: 0, finalizing: 0, failed: 0 };
  const exam = { state: "open" as const, scheme: [{}] };

  it("is the scheme as long as there is none", () => {
    expect(nextStep({ ...exam, scheme: [] }, ledger, progress).step).toBe("SCHEME");
  });

  it("puts pages that wait before everything that goes on by itself", () => {
    expect(nextStep(exam, { ...ledger, pages_waiting: 14, scans_open: 2 }, progress)).toEqual({
      step: "PAGES_WAITING",
      count: 14,
    });
  });

  it("is marking while copies are open", () => {
    expect(nextStep(exam, ledger, { ...progress, open: 7 })).toEqual({ step: "MARKING", count: 7 });
  });

  it("is the release once nothing is undecided, and nothing after it", () => {
    expect(nextStep(exam, ledger, progress).step).toBe("RELEASE");
    expect(nextStep({ ...exam, state: "released" }, ledger, progress).step).toBe("RELEASED");
  });

  it("counts exceptions of paper and of marking", () => {
    expect(exceptionsOf({ ...ledger, sides_failed: 2, copies_failed: 1 }, { ...progress, failed: 3 })).toBe(
      6,
    );
    expect(exceptionsOf(null, null)).toBe(0);
  });
});

describe("searching names", () => {
  it.each([
    ["Élodie de La Tour", "tour elo", true],
    ["NGUYEN-LÊ Hoàng", "le hoang", true],
    ["SØRENSEN Łukasz", "sor luk", true],
    ["Martin Zoé", "arti", false],
    ["Martin Zoé", "", true],
  ])("finds %s by %s: %s", (name, query, isFound) => {
    expect(isMatch(name, query)).toBe(isFound);
  });

  it("folds accents and punctuation", () => {
    expect(fold("  D’Été-Ñandú ")).toBe("d ete nandu");
  });
});

describe("identity zones", () => {
  const zone = { page: 1, every: 4, x: 0.1, y: 0.1, width: 0.4, height: 0.2 };

  it("repeat from their page on", () => {
    expect([1, 2, 5, 9].map((position) => coversPosition(zone, position))).toEqual([true, false, true, true]);
    expect(coversPosition({ ...zone, every: 0 }, 5)).toBe(false);
  });

  it("are drawn in any direction and cut off at the edge", () => {
    expect(between([0.5, 0.4], [-0.2, 0.1])).toEqual({
      x: 0,
      y: 0.1,
      width: 0.5,
      height: 0.30000000000000004,
    });
    expect(isLargeEnough(between([0.5, 0.5], [0.502, 0.9]))).toBe(false);
  });

  it("stay on the page when they are moved", () => {
    expect(moved(zone, 2, -2)).toMatchObject({ x: 0.6, y: 0 });
  });

  it("keep the opposite corner when one is pulled", () => {
    const pulled = resized(zone, "nw", 0.9, -1);

    expect(pulled.x + pulled.width).toBeCloseTo(0.5);
    expect(pulled.width).toBeGreaterThan(0);
    expect(pulled.y).toBe(0);
  });

  it("cover header and show-through of each A3 sheet", () => {
    const covered = (position: number) =>
      PRESETS.a3_booklet.filter((one) => coversPosition(one, position)).length;

    expect([1, 2, 3, 4, 5, 6].map(covered)).toEqual([1, 1, 0, 0, 1, 1]);
  });
});
