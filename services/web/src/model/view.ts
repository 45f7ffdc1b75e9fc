/** Decide how large the page is shown and what of it, in pixels of the stage. */
import type { Size } from "./geometry";
import type { Point } from "./types";

export type Fit = "width" | "page" | "free";

export interface View {
  fit: Fit;
  /** Width of the page in pixels; what counts only when `fit` is free. */
  width: number;
  /** Where the stage is scrolled to, in fractions of the page. */
  at: Point;
}

export const FIRST_VIEW: View = { fit: "width", width: 0, at: { x: 0, y: 0 } };

const MARGIN = 16;
const SMALLEST = 160;
const LARGEST = 6_000;

/** The page's size on a stage. */
export function shownSize(view: View, page: Size, stage: Size): Size {
  const width = shownWidth(view, page, stage);
  return { width, height: (width * page.height) / page.width };
}

/** Zoom so that the place under the pointer stays under it; `pointer` is relative to the stage. */
export function zoomed(view: View, by: number, pointer: Point, page: Size, stage: Size): View {
  const old = shownSize(view, page, stage);
  const width = Math.min(Math.max(old.width * by, SMALLEST), LARGEST);
  const next: View = { ...view, fit: "free", width };
  const size = shownSize(next, page, stage);
  const place = placeUnder(view, pointer, page, stage);
  const corner = (axis: "x" | "y", side: "width" | "height"): number =>
    place[axis] - (pointer[axis] - inset(size[side], stage[side])) / size[side];
  return { ...next, at: { x: corner("x", "width"), y: corner("y", "height") } };
}

/** The place of the page, in fractions, that is shown at `pointer` of the stage. */
export function placeUnder(view: View, pointer: Point, page: Size, stage: Size): Point {
  const size = shownSize(view, page, stage);
  const at = scrolled(view, page, stage);
  return {
    x: (pointer.x - inset(size.width, stage.width) + at.x) / size.width,
    y: (pointer.y - inset(size.height, stage.height) + at.y) / size.height,
  };
}

/** The scroll position of the stage in pixels, kept where there is page. */
export function scrolled(view: View, page: Size, stage: Size): Point {
  const size = shownSize(view, page, stage);
  const limit = (at: number, shown: number, room: number): number =>
    Math.min(Math.max(at * shown, 0), Math.max(0, shown + 2 * MARGIN - room));
  return { x: limit(view.at.x, size.width, stage.width), y: limit(view.at.y, size.height, stage.height) };
}

/** Space before the page: it is centred while it is smaller than the stage. */
export function inset(shown: number, room: number): number {
  return Math.max(MARGIN, (room - shown) / 2);
}

function shownWidth(view: View, page: Size, stage: Size): number {
  const full = Math.max(stage.width - 2 * MARGIN, SMALLEST);
  if (view.fit === "width") return full;
  if (view.fit === "free") return view.width || full;
  const byHeight = ((stage.height - 2 * MARGIN) * page.width) / page.height;
  return Math.max(Math.min(full, byHeight), SMALLEST);
}
