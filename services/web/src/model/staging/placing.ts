/** Propose where a loose page belongs, and who wrote a copy. */

export interface LoosePage {
  scan_id: string;
  side: number;
}
export interface SidedCopy {
  id: string;
  pages: readonly LoosePage[];
}

/** The copy whose pages lie nearest in the pile; undefined when no copy is of the same scan. */
export function nearestCopy<C extends SidedCopy>(page: LoosePage, copies: readonly C[]): C | undefined {
  let best: C | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const copy of copies) {
    const distance = distanceTo(page, copy);
    if (distance < least) [best, least] = [copy, distance];
  }
  return best;
}

function distanceTo(page: LoosePage, copy: SidedCopy): number {
  const sides = copy.pages.filter((other) => other.scan_id === page.scan_id).map((other) => other.side);
  return Math.min(Number.POSITIVE_INFINITY, ...sides.map((side) => Math.abs(side - page.side)));
}

/**
 * The students who come next on the roster after whoever wrote the copy before: piles are often in roster order.
 */
export function proposals<S extends { id: string; copy_id: string; presence: string }>(
  students: readonly S[],
  writerBefore: string,
  count: number,
): S[] {
  const start = students.findIndex((student) => student.id === writerBefore) + 1;
  const inTurn = [...students.slice(start), ...students.slice(0, start)];
  return inTurn.filter((student) => !student.copy_id && student.presence === "present").slice(0, count);
}
