/** Make annotations from the places that a hand touched. */
import { onPage } from "$/model/geometry";
import { rounded, simplified } from "$/model/stroke";
import type { Annotation, AnnotationKind, Point } from "$/model/types";

export type Tool = "select" | AnnotationKind | "eraser";

export const TOOLS: readonly Tool[] = [
  "select",
  "pen",
  "highlighter",
  "rectangle",
  "tick",
  "cross",
  "text",
  "eraser",
];

export const RED_INK = "#c8102e";
export const INKS: readonly string[] = [RED_INK, "#1d4ed8", "#15803d", "#7c3aed"];
const HIGHLIGHT = "#facc15";

const STYLES: Record<AnnotationKind, { width: number; size: number }> = {
  pen: { width: 1.5, size: 0 },
  highlighter: { width: 12, size: 0 },
  rectangle: { width: 1.5, size: 0 },
  tick: { width: 2, size: 16 },
  cross: { width: 2, size: 14 },
  text: { width: 0, size: 11 },
};

/** A text is this wide unless the page ends before. */
const TEXT_WIDTH = 0.42;
/** In fractions of the page: about a third of a point. */
const TOLERANCE = 0.0006;
/** A rectangle that is smaller was a slip of the hand. */
const SMALLEST = 0.004;

/** What a hand did: where, with which ink, how hard. */
export interface Gesture {
  id: string;
  pageId: string;
  places: readonly Point[];
  ink: string;
  /** Mean pressure of a pen, 0.5 for anything else. */
  pressure: number;
}

/** Make the annotation of a finished gesture; null when it was a slip. */
export function drawn(kind: AnnotationKind, gesture: Gesture): Annotation | null {
  const points = pointsOf(kind, gesture.places.map(onPage));
  if (!points) return null;
  const { width, size } = STYLES[kind];
  return {
    id: gesture.id,
    page_id: gesture.pageId,
    kind,
    points: points.map(rounded),
    color: kind === "highlighter" ? HIGHLIGHT : gesture.ink,
    width: kind === "pen" ? pressed(width, gesture.pressure) : width,
    size,
    text: "",
    box_width: kind === "text" ? Math.min(TEXT_WIDTH, 1 - (points[0]?.x ?? 0)) : 0,
    question_id: "",
    version: 0,
  };
}

/** Width of a stroke in points while it is drawn. */
export function strokeWidth(kind: "pen" | "highlighter", pressure: number): number {
  return kind === "pen" ? pressed(STYLES.pen.width, pressure) : STYLES.highlighter.width;
}

export function strokeColor(kind: "pen" | "highlighter", ink: string): string {
  return kind === "pen" ? ink : HIGHLIGHT;
}

function pressed(width: number, pressure: number): number {
  return Math.round(width * (0.5 + pressure) * 10) / 10;
}

function pointsOf(kind: AnnotationKind, places: readonly Point[]): readonly Point[] | null {
  const [first] = places;
  const last = places.at(-1);
  if (!first || !last) return null;
  if (kind === "pen" || kind === "highlighter") return simplified(places, TOLERANCE);
  if (kind !== "rectangle") return [first];
  const isSlip = Math.abs(first.x - last.x) < SMALLEST || Math.abs(first.y - last.y) < SMALLEST;
  return isSlip ? null : [first, last];
}
