import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faultOf, formatPoints, parsePoints } from "$/model/points";

describe("points", () => {
  test.each([
    ["1,5", 150],
    ["1.5", 150],
    [" 15,45 ", 1545],
    [",5", 50],
    ["2,", 200],
    ["0", 0],
    ["007", 700],
  ])("%s is read as %i", (text, points) => {
    expect(parsePoints(text)).toBe(points);
  });

  test.each(["", ",", "1,555", "-1", "1e2", "a", "1 5", "1,5,5"])("%s is not a number of points", (text) => {
    expect(parsePoints(text)).toBeNull();
  });

  test("not marked is a dash and zero is a zero", () => {
    expect(formatPoints(null, "fr")).toBe("–");
    expect(formatPoints(0, "fr")).toBe("0");
  });

  test("French writes a comma, English a point", () => {
    expect(formatPoints(1545, "fr")).toBe("15,45");
    expect(formatPoints(50, "en")).toBe("0.5");
  });

  test("what is written is read back", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999 }),
        fc.constantFrom("fr" as const, "en" as const),
        (points, language) => {
          expect(parsePoints(formatPoints(points, language))).toBe(points);
        },
      ),
    );
  });

  test("bounds and step are hinted at", () => {
    expect(faultOf(301, 300, 25)).toBe("POINTS_OUT_OF_BOUNDS");
    expect(faultOf(110, 300, 25)).toBe("POINTS_OFF_STEP");
    expect(faultOf(300, 300, 25)).toBeNull();
  });
});
