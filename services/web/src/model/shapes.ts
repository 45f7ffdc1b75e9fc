/** Draw annotations as SVG paths in points of the page; the stamped PDF has the same shapes. */
import { cornersOf, fromFraction, type Size } from "./geometry";
import type { Annotation, Point } from "./types";

type Strokes = readonly (readonly (readonly [number, number])[])[];

/** Strokes in sizes around the centre, y downwards. */
export const TICK: Strokes = [
  [
    [-0.5, 0.05],
    [-0.15, 0.4],
    [0.5, -0.4],
  ],
];
export const CROSS: Strokes = [
  [
    [-0.4, -0.4],
    [0.4, 0.4],
  ],
  [
    [-0.4, 0.4],
    [0.4, -0.4],
  ],
];
/** In font sizes. */
export const LINE_HEIGHT = 1.25;
export const HIGHLIGHT_OPACITY = 0.35;

/** Narrowest text box, in font sizes. */
const LEAST_SIZES = 3;

/** The path of anything but a text. */
export function pathOf(annotation: Annotation, size: Size): string {
  const places = annotation.points.map((place) => fromFraction(place, size));
  switch (annotation.kind) {
    case "pen":
    case "highlighter":
      return line(places);
    case "rectangle":
      return `${line(cornersOf(places))}Z`;
    case "tick":
      return symbol(places[0], annotation.size, TICK);
    case "cross":
      return symbol(places[0], annotation.size, CROSS);
    case "text":
      return "";
  }
}

/** Where a text is written and how wide it may be, in points. */
export function textFrame(annotation: Annotation, size: Size): { x: number; y: number; width: number } {
  const place = annotation.points[0] ?? { x: 0, y: 0 };
  const fraction = annotation.box_width > 0 ? annotation.box_width : 1 - place.x;
  const width = Math.max(fraction * size.width, LEAST_SIZES * annotation.size);
  const x = Math.max(0, Math.min(place.x * size.width, size.width - width));
  return { x, y: place.y * size.height, width };
}

function symbol(centre: Point | undefined, size: number, strokes: Strokes): string {
  if (!centre) return "";
  return strokes
    .map((stroke) => line(stroke.map(([x, y]) => ({ x: centre.x + x * size, y: centre.y + y * size }))))
    .join("");
}

/** A single touch is a dot: a line of no length with round ends. */
function line(places: readonly Point[]): string {
  const [first, ...rest] = places.length === 1 ? [...places, ...places] : places;
  if (!first) return "";
  return `M${written(first)}${rest.map((place) => `L${written(place)}`).join("")}`;
}

function written(place: Point): string {
  return `${place.x.toFixed(2)} ${place.y.toFixed(2)}`;
}
