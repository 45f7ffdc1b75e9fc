/** Make a hand's movement small enough to keep: fewer places, same line. */
import { distance } from "./geometry";
import type { Point } from "./types";

const MOST_PLACES = 2_000;

/** Leave out the places that are within `tolerance` of the line through the others. */
export function simplified(places: readonly Point[], tolerance: number): Point[] {
  const thin = outline(places, tolerance);
  return thin.length <= MOST_PLACES ? thin : simplified(thin, tolerance * 2);
}

/** Round fractions to about a hundredth of a millimetre. */
export function rounded(place: Point): Point {
  return { x: Math.round(place.x * 1e5) / 1e5, y: Math.round(place.y * 1e5) / 1e5 };
}

/** Ramer–Douglas–Peucker, with its own stack: a long stroke must not exhaust the call stack. */
function outline(places: readonly Point[], tolerance: number): Point[] {
  if (places.length < 3) return [...places];
  const kept = new Set([0, places.length - 1]);
  const spans: [number, number][] = [[0, places.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    const far = farthest(places, from, to);
    if (far.distance <= tolerance) continue;
    kept.add(far.index);
    spans.push([from, far.index], [far.index, to]);
  }
  return places.filter((_, i) => kept.has(i));
}

function farthest(places: readonly Point[], from: number, to: number): { index: number; distance: number } {
  const best = { index: from, distance: -1 };
  for (let i = from + 1; i < to; i++) {
    const away = distance(places[i] as Point, places[from] as Point, places[to] as Point);
    if (away > best.distance) Object.assign(best, { index: i, distance: away });
  }
  return best;
}
