import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxAround, distance, isTouched, moved, sizeInPoints, toFraction } from "$/model/geometry";
import { simplified } from "$/model/stroke";
import type { Annotation, Point } from "$/model/types";
import { FIRST_VIEW, placeUnder, scrolled, shownSize, type View, zoomed } from "$/model/view";

const page = { width: 1240, height: 1754 };
const stage = { width: 900, height: 700 };
const place = fc.record({
  x: fc.double({ min: 0, max: 1, noNaN: true }),
  y: fc.double({ min: 0, max: 1, noNaN: true }),
});
const drawn = (points: Point[], kind: Annotation["kind"] = "pen"): Annotation => ({
  id: "a",
  page_id: "p",
  kind,
  points,
  color: "#c8102e",
  width: 2,
  size: 14,
  text: "",
  box_width: 0,
  question_id: "",
  version: 0,
});

describe("geometry", () => {
  test("an A4 scan of any resolution is A4 in points", () => {
    expect(sizeInPoints(page).width).toBeCloseTo(595.28);
    expect(sizeInPoints({ width: 2339, height: 1654 }).height).toBeCloseTo(595.28);
  });

  test("a moved annotation keeps its shape and stays on the page", () => {
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 1, maxLength: 9 }),
        place,
        fc.boolean(),
        (points, by, isBack) => {
          const step = isBack ? { x: -by.x, y: -by.y } : by;
          const after = boxAround(moved(drawn(points), step).points);
          const before = boxAround(points);
          expect(after.width).toBeCloseTo(before.width);
          expect(after.x).toBeGreaterThanOrEqual(-1e-9);
          expect(after.y + after.height).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
    );
  });

  test("the eraser touches the line of a rectangle and not its inside", () => {
    const size = sizeInPoints(page);
    const rectangle = drawn(
      [
        { x: 0.2, y: 0.2 },
        { x: 0.6, y: 0.6 },
      ],
      "rectangle",
    );
    expect(isTouched(rectangle, { x: 0.2 * size.width, y: 0.4 * size.height }, 4, size)).toBe(true);
    expect(isTouched(rectangle, { x: 0.4 * size.width, y: 0.4 * size.height }, 4, size)).toBe(false);
  });

  test("the eraser touches a tick within its size", () => {
    const size = sizeInPoints(page);
    const tick = drawn([{ x: 0.5, y: 0.5 }], "tick");
    expect(isTouched(tick, { x: 0.5 * size.width + 6, y: 0.5 * size.height }, 1, size)).toBe(true);
    expect(isTouched(tick, { x: 0.5 * size.width + 60, y: 0.5 * size.height }, 1, size)).toBe(false);
  });

  test("a pixel becomes the fraction that it is", () => {
    expect(toFraction({ x: 310, y: 877 }, page)).toEqual({ x: 0.25, y: 0.5 });
  });
});

describe("a stroke", () => {
  test("keeps its ends and its line", () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 2, maxLength: 60 }), (points) => {
        const thin = simplified(points, 0.01);
        expect(thin[0]).toEqual(points[0]);
        expect(thin.at(-1)).toEqual(points.at(-1));
        for (const point of points) {
          const away = thin.slice(1).map((end, i) => distance(point, thin[i] as Point, end));
          expect(Math.min(...away)).toBeLessThanOrEqual(0.0100001);
        }
      }),
    );
  });

  test("a straight line is two places", () => {
    const line = Array.from({ length: 500 }, (_, i) => ({ x: i / 500, y: i / 500 }));
    expect(simplified(line, 0.001)).toHaveLength(2);
  });
});

describe("the view", () => {
  test("fits the width, or the whole page", () => {
    expect(shownSize(FIRST_VIEW, page, stage).width).toBe(868);
    expect(shownSize({ ...FIRST_VIEW, fit: "page" }, page, stage).height).toBeCloseTo(668);
  });

  test("zooming keeps the place under the pointer there", () => {
    fc.assert(
      fc.property(place, fc.double({ min: 1.1, max: 3, noNaN: true }), place, (pointer, by, at) => {
        const view: View = { fit: "free", width: 2000, at };
        const spot = { x: pointer.x * stage.width, y: pointer.y * stage.height };
        const before = placeUnder(view, spot, page, stage);
        const after = placeUnder(zoomed(view, by, spot, page, stage), spot, page, stage);
        const isInside = before.x > 0.1 && before.x < 0.9 && before.y > 0.1 && before.y < 0.9;
        if (isInside) {
          expect(after.x).toBeCloseTo(before.x, 1);
          expect(after.y).toBeCloseTo(before.y, 1);
        }
      }),
    );
  });

  test("never scrolls past the page", () => {
    const far: View = { fit: "free", width: 1800, at: { x: 5, y: -5 } };
    const { x, y } = scrolled(far, page, stage);
    expect(x).toBeLessThanOrEqual(1800 + 32 - stage.width);
    expect(y).toBe(0);
  });
});
