/** Turn places on a page between fractions, typographic points and pixels. */
import type { Annotation, Point } from "./types";

/** The short side of A4 in typographic points; strokes and letters keep their size on paper. */
export const A4_SHORT_SIDE = 595.28;

export interface Size {
  width: number;
  height: number;
}

/** A page's size in typographic points, from pixels of any resolution. */
export function sizeInPoints(page: Size): Size {
  const scale = A4_SHORT_SIDE / Math.min(page.width, page.height);
  return { width: page.width * scale, height: page.height * scale };
}

export function toFraction(place: Point, size: Size): Point {
  return { x: place.x / size.width, y: place.y / size.height };
}

export function fromFraction(place: Point, size: Size): Point {
  return { x: place.x * size.width, y: place.y * size.height };
}

/** Keep a place on the page. */
export function onPage(place: Point): Point {
  return { x: Math.min(Math.max(place.x, 0), 1), y: Math.min(Math.max(place.y, 0), 1) };
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The smallest box around some places. */
export function boxAround(places: readonly Point[]): Box {
  const xs = places.map((place) => place.x);
  const ys = places.map((place) => place.y);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** The box that a reader would see as the annotation, in points of a page of `size`. */
export function extentOf(annotation: Annotation, size: Size): Box {
  const box = boxAround(annotation.points.map((place) => fromFraction(place, size)));
  if (annotation.kind === "text") return textBox(annotation, box, size);
  const isSymbol = annotation.kind === "tick" || annotation.kind === "cross";
  const margin = isSymbol ? annotation.size / 2 : annotation.width / 2;
  return grow(box, margin);
}

/** Tell whether an eraser at `place` (in points) touches the annotation. */
export function isTouched(annotation: Annotation, place: Point, reach: number, size: Size): boolean {
  const outline = outlineOf(annotation, size);
  if (outline.length < 2) return contains(grow(extentOf(annotation, size), reach), place);
  const near = reach + annotation.width / 2;
  return outline.some((end, i) => i > 0 && distance(place, outline[i - 1] as Point, end) <= near);
}

/** Move an annotation by a fraction of the page, as a whole and not off the page. */
export function moved(annotation: Annotation, by: Point): Annotation {
  const box = boxAround(annotation.points);
  const x = Math.min(Math.max(by.x, -box.x), 1 - box.x - box.width);
  const y = Math.min(Math.max(by.y, -box.y), 1 - box.y - box.height);
  return { ...annotation, points: annotation.points.map((place) => ({ x: place.x + x, y: place.y + y })) };
}

/** The four corners of a rectangle given by two opposite ones. */
export function cornersOf(points: readonly Point[]): Point[] {
  const { x, y, width, height } = boxAround(points);
  return [
    { x, y },
    { x: x + width, y },
    { x: x + width, y: y + height },
    { x, y: y + height },
  ];
}

export function contains(box: Box, place: Point): boolean {
  return (
    place.x >= box.x && place.x <= box.x + box.width && place.y >= box.y && place.y <= box.y + box.height
  );
}

/** Distance of a place from the segment a–b. */
export function distance(place: Point, a: Point, b: Point): number {
  const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
  const along = length === 0 ? 0 : ((place.x - a.x) * (b.x - a.x) + (place.y - a.y) * (b.y - a.y)) / length;
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(place.x - a.x - t * (b.x - a.x), place.y - a.y - t * (b.y - a.y));
}

function outlineOf(annotation: Annotation, size: Size): Point[] {
  if (annotation.kind !== "rectangle") {
    return annotation.kind === "pen" || annotation.kind === "highlighter"
      ? annotation.points.map((place) => fromFraction(place, size))
      : [];
  }
  const corners = cornersOf(annotation.points).map((place) => fromFraction(place, size));
  return [...corners, corners[0] as Point];
}

function textBox(annotation: Annotation, box: Box, size: Size): Box {
  const width = annotation.box_width > 0 ? annotation.box_width * size.width : size.width - box.x;
  const letters = Math.max(1, Math.floor(width / (annotation.size * 0.52)));
  const lines = annotation.text
    .split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / letters)), 0);
  return { ...box, width, height: lines * annotation.size * 1.35 };
}

function grow(box: Box, by: number): Box {
  return { x: box.x - by, y: box.y - by, width: box.width + 2 * by, height: box.height + 2 * by };
}
