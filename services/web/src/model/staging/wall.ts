/** Lay out the wall of pages: a line per copy's head and per row of thumbnails, so that only what is seen is drawn. */

export interface WallLine {
  kind: "head" | "tiles";
  copy: number;
  /** Pages `from` to `to` (exclusive) of the copy. */
  from: number;
  to: number;
  top: number;
  height: number;
}
export interface WallSizes {
  head: number;
  tile: number;
}
/** A page by the position of its copy and its own. */
export interface Spot {
  copy: number;
  page: number;
}

export type Direction = "left" | "right" | "up" | "down" | "start" | "end";

/** How many tiles fit beside each other. */
export function columnsFor(width: number, tile: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (tile + gap)));
}

/** Lay out copies with these numbers of pages. */
export function layOut(counts: readonly number[], columns: number, sizes: WallSizes): WallLine[] {
  const lines: WallLine[] = [];
  let top = 0;
  const add = (line: Omit<WallLine, "top">): void => {
    lines.push({ ...line, top });
    top += line.height;
  };
  for (const [copy, count] of counts.entries()) {
    add({ kind: "head", copy, from: 0, to: 0, height: sizes.head });
    for (let from = 0; from < count; from += columns)
      add({ kind: "tiles", copy, from, to: Math.min(from + columns, count), height: sizes.tile });
  }
  return lines;
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
  return lines.find(
    (line) =>
      line.kind === "tiles" && line.copy === spot.copy && line.from <= spot.page && spot.page < line.to,
  );
}

/** Where an arrow key leads. */
export function step(counts: readonly number[], columns: number, spot: Spot, direction: Direction): Spot {
  switch (direction) {
    case "left":
      return spot.page > 0
        ? { ...spot, page: spot.page - 1 }
        : (neighbour(counts, spot, -1, Infinity) ?? spot);
    case "right":
      return spot.page + 1 < (counts[spot.copy] ?? 0)
        ? { ...spot, page: spot.page + 1 }
        : (neighbour(counts, spot, 1, 0) ?? spot);
    case "up":
      return upwards(counts, columns, spot);
    case "down":
      return downwards(counts, columns, spot);
    case "start":
      return neighbour(counts, { copy: -1, page: 0 }, 1, 0) ?? spot;
    case "end":
      return neighbour(counts, { copy: counts.length, page: 0 }, -1, Infinity) ?? spot;
  }
}

function upwards(counts: readonly number[], columns: number, spot: Spot): Spot {
  if (spot.page >= columns) return { ...spot, page: spot.page - columns };
  const above = neighbour(counts, spot, -1, 0);
  if (!above) return spot;
  const last = (counts[above.copy] as number) - 1;
  return { copy: above.copy, page: Math.min(last - (last % columns) + (spot.page % columns), last) };
}

function downwards(counts: readonly number[], columns: number, spot: Spot): Spot {
  const last = (counts[spot.copy] ?? 0) - 1;
  if (spot.page - (spot.page % columns) + columns <= last)
    return { ...spot, page: Math.min(spot.page + columns, last) };
  return neighbour(counts, spot, 1, spot.page % columns) ?? spot;
}

/** The next copy that has pages, at a page of it or at its last one. */
function neighbour(counts: readonly number[], spot: Spot, by: 1 | -1, page: number): Spot | null {
  for (let copy = spot.copy + by; copy >= 0 && copy < counts.length; copy += by) {
    const count = counts[copy] as number;
    if (count) return { copy, page: Math.min(page, count - 1) };
  }
  return null;
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
