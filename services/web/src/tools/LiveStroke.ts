/** Show the stroke that is being drawn on a canvas over the stage, as soon as the pen moves. */
import { getStrokePoints } from "perfect-freehand";
import { HIGHLIGHT_OPACITY } from "$/model/shapes";
import type { Point } from "$/model/types";
import { strokeColor, strokeWidth } from "./draw";

export interface Pen {
  kind: "pen" | "highlighter";
  ink: string;
  /** Pixels of one typographic point at the present zoom. */
  scale: number;
}

const STREAMLINE = 0.35;

export class LiveStroke {
  #touched: [number, number, number][] = [];
  #pressure = 0;
  #frame = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly pen: Pen,
  ) {}

  /** Add every place that the device saw since the last event. */
  extend(event: PointerEvent, origin: Point): void {
    const seen = event.getCoalescedEvents?.() ?? [];
    for (const one of seen.length ? seen : [event]) {
      const pressure = one.pointerType === "pen" ? one.pressure : 0.5;
      this.#touched.push([one.clientX - origin.x, one.clientY - origin.y, pressure]);
      this.#pressure += pressure;
    }
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  get pressure(): number {
    return this.#touched.length ? this.#pressure / this.#touched.length : 0.5;
  }

  /** The places of the stroke, steadied, in pixels of the canvas. */
  get places(): Point[] {
    const steadied = getStrokePoints(this.#touched, { streamline: STREAMLINE, last: true });
    return steadied.map(({ point: [x = 0, y = 0] }) => ({ x, y }));
  }

  /** Take the stroke off the canvas. */
  clear(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.canvas.getContext("2d")?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  #draw(): void {
    this.clear();
    const context = this.canvas.getContext("2d");
    if (!context) return;
    const { kind, ink, scale } = this.pen;
    const ratio = this.canvas.width / this.canvas.clientWidth;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = strokeWidth(kind, this.pressure) * scale;
    context.strokeStyle = strokeColor(kind, ink);
    context.globalAlpha = kind === "highlighter" ? HIGHLIGHT_OPACITY : 1;
    context.stroke(pathThrough(this.places));
    context.setTransform(1, 0, 0, 1, 0, 0);
  }
}

function pathThrough(places: readonly Point[]): Path2D {
  const path = new Path2D();
  const [first, ...rest] = places;
  if (!first) return path;
  path.moveTo(first.x, first.y);
  for (const place of rest) path.lineTo(place.x, place.y);
  if (rest.length === 0) path.lineTo(first.x, first.y);
  return path;
}
