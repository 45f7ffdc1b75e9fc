/** Decide which gesture begins where a pointer goes down: one finger or pen works, two fingers move the page. */
import type { Annotation, Point } from "$/model/types";
import type { Tool } from "./draw";
import {
  carry,
  erase,
  type Gesture,
  pan,
  placed,
  placeOf,
  rectangle,
  type Surface,
  stroke,
} from "./gestures";

export interface Ground {
  scroller: () => HTMLElement;
  surface: () => Surface;
  tool: () => Tool;
  canWrite: () => boolean;
  /** Space is held, or the page is only read. */
  isPanning: () => boolean;
  annotationAt: (event: PointerEvent) => Annotation | null;
  select: (annotation: Annotation | null) => void;
  write: (place: Point) => void;
  pinch: (by: number, centre: Point) => void;
}

const MIDDLE = 1;

export class Pointing {
  #gesture: Gesture | null = null;
  #active: number | null = null;
  #fingers = new Map<number, PointerEvent>();
  #hasPen = false;

  constructor(private readonly ground: Ground) {}

  down(event: PointerEvent): void {
    if (event.pointerType === "mouse" && event.button > MIDDLE) return;
    this.#hasPen ||= event.pointerType === "pen";
    if (event.pointerType === "touch") this.#fingers.set(event.pointerId, event);
    if (this.#fingers.size === 2) this.#giveUp();
    if (this.#fingers.size > 1 || this.#gesture) return;
    this.#gesture = this.#begin(event);
    this.#active = event.pointerId;
    this.ground.scroller().setPointerCapture(event.pointerId);
  }

  move(event: PointerEvent): void {
    if (this.#fingers.size === 2 && this.#fingers.has(event.pointerId)) this.#pinch(event);
    else if (event.pointerId === this.#active) this.#gesture?.move(event);
  }

  up(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    if (event.pointerId !== this.#active) return;
    const gesture = this.#gesture;
    this.#release();
    gesture?.end(event);
  }

  cancel(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    if (event.pointerId === this.#active) this.#giveUp();
  }

  #begin(event: PointerEvent): Gesture {
    const tool = this.ground.tool();
    const isPalm = event.pointerType === "touch" && this.#hasPen;
    if (this.ground.isPanning() || isPalm || event.button === MIDDLE || !this.ground.canWrite())
      return this.#pan(event);
    const surface = this.ground.surface();
    switch (tool) {
      case "pen":
      case "highlighter":
        return stroke(tool, surface, event);
      case "rectangle":
        return rectangle(surface, event);
      case "tick":
      case "cross":
        return placed(tool, surface);
      case "eraser":
        return erase(surface, event);
      case "text":
        return this.#text(surface);
      case "select":
        return this.#grasp(event, surface);
    }
  }

  #text(surface: Surface): Gesture {
    const end = (event: PointerEvent): void => this.ground.write(placeOf(event, surface.paper));
    return { move: () => undefined, end, cancel: () => undefined };
  }

  #grasp(event: PointerEvent, surface: Surface): Gesture {
    const annotation = this.ground.annotationAt(event);
    if (!annotation) return this.#pan(event);
    this.ground.select(annotation);
    return carry(annotation, surface, event);
  }

  #pan(event: PointerEvent): Gesture {
    return pan(this.ground.scroller(), event, () => this.ground.select(null));
  }

  /** Two fingers carry the page and spread it about their middle. */
  #pinch(event: PointerEvent): void {
    const before = [...this.#fingers.values()];
    this.#fingers.set(event.pointerId, event);
    const after = [...this.#fingers.values()];
    const from = middle(before);
    const to = middle(after);
    this.ground.scroller().scrollBy(from.x - to.x, from.y - to.y);
    this.ground.pinch(spread(after) / Math.max(spread(before), 1), to);
  }

  #giveUp(): void {
    this.#gesture?.cancel();
    this.#release();
  }

  #release(): void {
    this.#gesture = null;
    this.#active = null;
  }
}

function middle(fingers: readonly PointerEvent[]): Point {
  const [a, b] = fingers as [PointerEvent, PointerEvent];
  return { x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 };
}

function spread(fingers: readonly PointerEvent[]): number {
  const [a, b] = fingers as [PointerEvent, PointerEvent];
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}
