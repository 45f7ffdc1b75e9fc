import { describe, expect, test } from "vitest";
import { fromFraction } from "$/model/geometry";
import { CROSS, LINE_HEIGHT, pathOf, TICK, textFrame } from "$/model/shapes";
import { fromStamped } from "$/model/stamped";
import type { Annotation } from "$/model/types";
import vectors from "../../../rasterizer/tests/vectors.json";

const size = { width: 600, height: 840 };
const annotation = (changes: Partial<Annotation>): Annotation => ({
  id: "a",
  page_id: "p",
  kind: "pen",
  points: [],
  color: "#c8102e",
  width: 1.5,
  size: 10,
  text: "",
  box_width: 0,
  question_id: "",
  version: 0,
  ...changes,
});

/** Where a displayed place lies in the user space of a whole page, as a viewer that turns the page shows it. */
function toUserSpace(
  [x0 = 0, y0 = 0, x1 = 0, y1 = 0]: number[],
  rotate: number,
  place: { x: number; y: number },
): number[] {
  switch (rotate) {
    case 90:
      return [x0 + place.y, y0 + place.x];
    case 180:
      return [x1 - place.x, y0 + place.y];
    case 270:
      return [x1 - place.y, y1 - place.x];
    default:
      return [x0 + place.x, y1 - place.y];
  }
}

describe("golden vectors, shared with the stamped PDF", () => {
  test.each(vectors.pages.filter((page) => page.crop === "full"))(
    "a fraction is the same place: $rotate° in $box",
    (page) => {
      const [width = 0, height = 0] = page.displayed;
      for (const [fraction, expected] of page.points) {
        const [x = 0, y = 0] = fraction ?? [];
        const place = fromFraction({ x, y }, { width, height });
        const [u = 0, v = 0] = toUserSpace(page.box, page.rotate, place);
        expect(u).toBeCloseTo(expected?.[0] ?? 0);
        expect(v).toBeCloseTo(expected?.[1] ?? 0);
      }
    },
  );

  test("ticks, crosses and lines of text have the same shape", () => {
    expect(TICK).toEqual(vectors.tick);
    expect(CROSS).toEqual(vectors.cross);
    expect(LINE_HEIGHT).toBe(vectors.text.line_height);
  });
});

describe("shapes", () => {
  test("a single touch is a dot", () => {
    expect(pathOf(annotation({ points: [{ x: 0.5, y: 0.5 }] }), size)).toBe("M300.00 420.00L300.00 420.00");
  });

  test("a rectangle is closed whichever corners it was pulled between", () => {
    const points = [
      { x: 0.5, y: 0.5 },
      { x: 0.1, y: 0.25 },
    ];
    expect(pathOf(annotation({ kind: "rectangle", points }), size)).toBe(
      "M60.00 210.00L300.00 210.00L300.00 420.00L60.00 420.00Z",
    );
  });

  test("a text that begins too far right is moved left until it fits", () => {
    const frame = textFrame(annotation({ kind: "text", points: [{ x: 0.99, y: 0.1 }] }), size);
    expect(frame.width).toBe(30);
    expect(frame.x + frame.width).toBe(600);
  });

  test("a stamped annotation is read back", () => {
    const stamped = {
      id: "s",
      kind: "text" as const,
      points: [[0.1, 0.2]] as [number, number][],
      color: "#111111",
      width: 0,
      size: 11,
      text: "Bien",
      box: [0.1, 0.2, 0.4] as [number, number, number],
    };
    expect(fromStamped(stamped, "p")).toMatchObject({
      page_id: "p",
      points: [{ x: 0.1, y: 0.2 }],
      box_width: 0.4,
      text: "Bien",
    });
  });
});
