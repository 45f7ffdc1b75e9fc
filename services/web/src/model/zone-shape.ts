/** Draw identity zones: rectangles in fractions of the displayed page, kept on it. */

export interface ZoneShape {
  page: number;
  every: number;
  x: number;
  y: number;
  width: number;
  height: number;
}
export type Corner = "nw" | "ne" | "sw" | "se";

export const SMALLEST = 0.01;

const HEADER = { x: 0, y: 0.03, width: 1, height: 0.28 };

/** Zones of forms that are in use. */
export const PRESETS = {
  a4_header: [{ page: 1, every: 0, ...HEADER }],
  a3_booklet: [
    { page: 1, every: 4, ...HEADER },
    { page: 2, every: 4, x: 0, y: 0.04, width: 1, height: 0.17 },
  ],
} as const satisfies Record<string, readonly ZoneShape[]>;

/** Tell whether a zone lies on the page at a position of a copy. */
export function coversPosition(zone: ZoneShape, position: number): boolean {
  if (!zone.every) return position === zone.page;
  return position >= zone.page && (position - zone.page) % zone.every === 0;
}

/** Make the rectangle between two points, cut off at the page's edges. */
export function between(a: [number, number], b: [number, number]): Omit<ZoneShape, "page" | "every"> {
  const [left, right] = sorted(onPage(a[0]), onPage(b[0]));
  const [top, bottom] = sorted(onPage(a[1]), onPage(b[1]));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export function isLargeEnough(zone: Pick<ZoneShape, "width" | "height">): boolean {
  return zone.width >= SMALLEST && zone.height >= SMALLEST;
}

/** Shift a zone without leaving the page. */
export function moved(zone: ZoneShape, dx: number, dy: number): ZoneShape {
  return {
    ...zone,
    x: Math.min(Math.max(0, zone.x + dx), 1 - zone.width),
    y: Math.min(Math.max(0, zone.y + dy), 1 - zone.height),
  };
}

/** Pull one corner; the opposite one stays. */
export function resized(zone: ZoneShape, corner: Corner, dx: number, dy: number): ZoneShape {
  const right = zone.x + zone.width;
  const bottom = zone.y + zone.height;
  const x = corner.endsWith("w") ? Math.min(zone.x + dx, right - SMALLEST) : zone.x;
  const y = corner.startsWith("n") ? Math.min(zone.y + dy, bottom - SMALLEST) : zone.y;
  const toX = corner.endsWith("e") ? Math.max(right + dx, zone.x + SMALLEST) : right;
  const toY = corner.startsWith("s") ? Math.max(bottom + dy, zone.y + SMALLEST) : bottom;
  return { ...zone, ...between([x, y], [toX, toY]) };
}

function onPage(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}

function sorted(a: number, b: number): [number, number] {
  return a < b ? [a, b] : [b, a];
}
