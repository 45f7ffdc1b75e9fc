/** Lay out the wall of pages in lines, so that only those near the window are drawn. */

/** The head of a copy, or a row of its thumbnails. */
export interface WallLine {
  kind: "head" | "tiles";
  copy: number;
  /** Pages `from` to `to` (exclusive) of the copy. */
  from: number;
  to: number;
  left: number;
  top: number;
  width: number;
  height: number;
}
/** Everything in pixels; `pitch` is from one thumbnail to the next, `between` from one copy to the next. */
export interface WallSizes {
  head: number;
  tile: number;
  pitch: number;
  between: number;
}
/** A page by the position of its copy and its own. */
export interface Spot {
  copy: number;
  page: number;
}

export type Direction = "left" | "right" | "up" | "down" | "start" | "end";

/**
 * Lay out copies with these numbers of pages, from top to bottom.
 *
 * Copies stand beside each other as long as they fit; one that is wider than the wall has rows of its own.
 */
export function layOut(counts: readonly number[], width: number, sizes: WallSizes): WallLine[] {
  const columns = Math.max(1, Math.floor(width / sizes.pitch));
  const lines: WallLine[] = [];
  let top = 0;
  for (const shelf of shelves(counts, columns, width, sizes)) {
    for (const { copy, left } of shelf)
      lines.push({ kind: "head", copy, from: 0, to: 0, left, top, width: across(copy), height: sizes.head });
    top += sizes.head;
    top += addTiles(lines, shelf, counts, columns, top, sizes);
  }
  return lines;

  function across(copy: number): number {
    return Math.min(counts[copy] || 1, columns) * sizes.pitch;
  }
}

export function heightOf(lines: readonly WallLine[]): number {
  const last = lines.at(-1);
  return last ? last.top + last.height : 0;
}

/** The lines that touch the window, and a few around it. */
export function inView(lines: readonly WallLine[], top: number, height: number, around: number): WallLine[] {
  const first = firstEndingAfter(lines, top - around);
  const seen: WallLine[] = [];
  for (let i = first; i < lines.length; i++) {
    const line = lines[i] as WallLine;
    if (line.top > top + height + around) break;
    seen.push(line);
  }
  return seen;
}

/** The line that shows a page. */
export function lineOf(lines: readonly WallLine[], spot: Spot): WallLine | undefined {
  return lines.find((line) => line.copy === spot.copy && line.from <= spot.page && spot.page < line.to);
}

/** Where an arrow key leads; where there is nothing, one stays. */
export function step(lines: readonly WallLine[], spot: Spot, direction: Direction, pitch: number): Spot {
  const rows = lines.filter((line) => line.kind === "tiles");
  const row = lineOf(rows, spot);
  if (direction === "start") return firstOf(rows[0]) ?? spot;
  if (direction === "end") return lastOf(rows.at(-1)) ?? spot;
  if (!row) return spot;
  const at = rows.indexOf(row);
  if (direction === "left") return spot.page > row.from ? beside(spot, -1) : (lastOf(rows[at - 1]) ?? spot);
  if (direction === "right")
    return spot.page + 1 < row.to ? beside(spot, 1) : (firstOf(rows[at + 1]) ?? spot);
  const x = row.left + (spot.page - row.from) * pitch;
  return nearest(nextRow(rows, row.top, direction), x, pitch) ?? spot;
}

type Shelf = { copy: number; left: number }[];

function shelves(counts: readonly number[], columns: number, width: number, sizes: WallSizes): Shelf[] {
  const all: Shelf[] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const [copy, count] of counts.entries()) {
    const needed = (count || 1) * sizes.pitch;
    const left = used + sizes.between;
    if (left + needed <= width && count <= columns) all.at(-1)?.push({ copy, left });
    else all.push([{ copy, left: 0 }]);
    used = (all.at(-1)?.at(-1)?.left ?? 0) + needed;
  }
  return all;
}

/** Add the rows of thumbnails of a shelf; gives their height. */
function addTiles(
  lines: WallLine[],
  shelf: Shelf,
  counts: readonly number[],
  columns: number,
  top: number,
  { tile, pitch }: WallSizes,
): number {
  let height = 0;
  for (const { copy, left } of shelf) {
    const count = counts[copy] ?? 0;
    for (let from = 0; from < count; from += columns) {
      const to = Math.min(from + columns, count);
      const down = (from / columns) * tile;
      const box = { left, top: top + down, width: (to - from) * pitch, height: tile };
      lines.push({ kind: "tiles", copy, from, to, ...box });
      height = Math.max(height, down + tile);
    }
  }
  return height;
}

function beside(spot: Spot, by: number): Spot {
  return { ...spot, page: spot.page + by };
}
function firstOf(line: WallLine | undefined): Spot | undefined {
  return line && { copy: line.copy, page: line.from };
}
function lastOf(line: WallLine | undefined): Spot | undefined {
  return line && { copy: line.copy, page: line.to - 1 };
}

function nextRow(rows: readonly WallLine[], top: number, direction: "up" | "down"): readonly WallLine[] {
  const beyond = rows.filter((line) => (direction === "down" ? line.top > top : line.top < top));
  const next = direction === "down" ? beyond[0] : beyond.at(-1);
  return beyond.filter((line) => line.top === next?.top);
}

function nearest(rows: readonly WallLine[], x: number, pitch: number): Spot | undefined {
  let best: Spot | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    for (let page = row.from; page < row.to; page++) {
      const distance = Math.abs(row.left + (page - row.from) * pitch - x);
      if (distance < least) [best, least] = [{ copy: row.copy, page }, distance];
    }
  }
  return best;
}

function firstEndingAfter(lines: readonly WallLine[], y: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const line = lines[middle] as WallLine;
    if (line.top + line.height < y) low = middle + 1;
    else high = middle;
  }
  return low;
}
