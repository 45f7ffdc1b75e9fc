/** Follow a hand from the first touch to the last; each kind of gesture knows what it leaves behind. */
import { isTouched, moved, type Size } from "$/model/geometry";
import type { Annotation, AnnotationKind, Point } from "$/model/types";
import { drawn } from "./draw";
import { LiveStroke, type Pen } from "./LiveStroke";

/** A movement in progress. */
export interface Gesture {
  move: (event: PointerEvent) => void;
  end: (event: PointerEvent) => void;
  cancel: () => void;
}

/** The page under the hand. */
export interface Surface {
  pageId: string;
  /** In typographic points. */
  size: Size;
  /** Where the paper is on the screen, in pixels. */
  paper: DOMRect;
  canvas: HTMLCanvasElement;
  ink: string;
  annotations: readonly Annotation[];
  put: (annotation: Annotation) => void;
  remove: (id: string) => void;
  /** Show an annotation that is not kept yet, in place of the one with its id. */
  preview: (annotation: Annotation | null) => void;
}

/** How near the eraser must come, in points. */
const REACH = 5;
/** A hand that moves less than this, in pixels, has only touched. */
const STILL = 4;

export function placeOf(event: { clientX: number; clientY: number }, paper: DOMRect): Point {
  return { x: (event.clientX - paper.left) / paper.width, y: (event.clientY - paper.top) / paper.height };
}

/** Draw a line with pen or highlighter. */
export function stroke(kind: Pen["kind"], surface: Surface, first: PointerEvent): Gesture {
  const origin = surface.canvas.getBoundingClientRect();
  const scale = surface.paper.width / surface.size.width;
  const live = new LiveStroke(surface.canvas, { kind, ink: surface.ink, scale });
  live.extend(first, origin);
  return {
    move: (event) => live.extend(event, origin),
    end: () => {
      const places = live.places.map((place) =>
        placeOf({ clientX: place.x + origin.x, clientY: place.y + origin.y }, surface.paper),
      );
      keep(surface, kind, places, live.pressure);
      live.clear();
    },
    cancel: () => live.clear(),
  };
}

/** Pull a rectangle from corner to corner. */
export function rectangle(surface: Surface, first: PointerEvent): Gesture {
  const id = crypto.randomUUID();
  const from = placeOf(first, surface.paper);
  const pulled = (event: PointerEvent): Annotation | null =>
    drawn("rectangle", gestureOf(surface, id, [from, placeOf(event, surface.paper)]));
  return {
    move: (event) => surface.preview(pulled(event)),
    end: (event) => {
      const annotation = pulled(event);
      surface.preview(null);
      if (annotation) surface.put(annotation);
    },
    cancel: () => surface.preview(null),
  };
}

/** Put a tick, a cross or the beginning of a text where the hand lifts. */
export function placed(kind: "tick" | "cross", surface: Surface): Gesture {
  return {
    move: () => undefined,
    end: (event) => keep(surface, kind, [placeOf(event, surface.paper)], 0.5),
    cancel: () => undefined,
  };
}

/** Rub out whatever the hand touches; each goes once. */
export function erase(surface: Surface, first: PointerEvent): Gesture {
  const left = new Map(surface.annotations.map((annotation) => [annotation.id, annotation]));
  const rub = (event: PointerEvent): void => {
    const { x, y } = placeOf(event, surface.paper);
    const place = { x: x * surface.size.width, y: y * surface.size.height };
    for (const annotation of left.values()) {
      if (!isTouched(annotation, place, REACH, surface.size)) continue;
      left.delete(annotation.id);
      surface.remove(annotation.id);
    }
  };
  rub(first);
  return { move: rub, end: () => undefined, cancel: () => undefined };
}

/** Carry an annotation to another place. */
export function carry(annotation: Annotation, surface: Surface, first: PointerEvent): Gesture {
  const from = placeOf(first, surface.paper);
  const carried = (event: PointerEvent): Annotation => {
    const to = placeOf(event, surface.paper);
    return moved(annotation, { x: to.x - from.x, y: to.y - from.y });
  };
  return {
    move: (event) => surface.preview(carried(event)),
    end: (event) => {
      surface.preview(null);
      if (hasMoved(first, event)) surface.put(carried(event));
    },
    cancel: () => surface.preview(null),
  };
}

/** Push the page about. */
export function pan(scroller: HTMLElement, first: PointerEvent, onTouch: () => void): Gesture {
  const from = { x: scroller.scrollLeft, y: scroller.scrollTop };
  return {
    move: (event) =>
      scroller.scrollTo(from.x + first.clientX - event.clientX, from.y + first.clientY - event.clientY),
    end: (event) => {
      if (!hasMoved(first, event)) onTouch();
    },
    cancel: () => undefined,
  };
}

/** Make the annotation of what a hand did, where the page keeps it. */
export function keep(
  surface: Surface,
  kind: AnnotationKind,
  places: readonly Point[],
  pressure: number,
): void {
  const annotation = drawn(kind, { ...gestureOf(surface, crypto.randomUUID(), places), pressure });
  if (annotation) surface.put(annotation);
}

function gestureOf(surface: Surface, id: string, places: readonly Point[]) {
  return { id, pageId: surface.pageId, places, ink: surface.ink, pressure: 0.5 };
}

function hasMoved(first: PointerEvent, last: PointerEvent): boolean {
  return Math.hypot(last.clientX - first.clientX, last.clientY - first.clientY) > STILL;
}
