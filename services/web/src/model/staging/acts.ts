/** Say what a person does to staged copies, and what undoes it. */

export interface WallPage {
  readonly id: string;
  readonly rotation: 0 | 90 | 180 | 270;
  readonly set_aside_reason: string;
}
export interface WallCopy {
  readonly id: string;
  readonly pages: readonly WallPage[];
  readonly student_id: string;
}
export interface Placement {
  page_id: string;
  rotation: WallPage["rotation"];
}
export interface SetAside {
  page_id: string;
  reason: string;
}

/** `as` names the copy that an undone merge brings back under a new id. */
export type Act =
  | { kind: "arrange"; copy: string; pages: Placement[]; setAside: SetAside[] }
  | { kind: "split"; copy: string; before: string; as?: string }
  | { kind: "merge"; copy: string; source: string }
  | { kind: "link"; copy: string; student: string | null };

/** Copies and loose pages as they are before an act. */
export interface Snapshot {
  readonly copies: readonly WallCopy[];
  /** Pages that are on no copy. */
  readonly loose: readonly WallPage[];
  /** The reason given when undoing sets aside a page that only waited before. */
  readonly undone: string;
}

/** Stands for the copy that the split just before made. */
export const CREATED = "created";

export function placements(pages: readonly WallPage[]): Placement[] {
  return pages.map(({ id, rotation }) => ({ page_id: id, rotation }));
}

const QUARTER_ON = { 0: 90, 90: 180, 180: 270, 270: 0 } as const;

/** Turn pages clockwise by a quarter. */
export function rotate(copy: WallCopy, ids: ReadonlySet<string>): Act {
  const pages = copy.pages.map(({ id, rotation }) => ({
    page_id: id,
    rotation: ids.has(id) ? QUARTER_ON[rotation] : rotation,
  }));
  return { kind: "arrange", copy: copy.id, pages, setAside: [] };
}

/** Change recto and verso of the sheet that a page is on. */
export function swapFaces(copy: WallCopy, pageId: string): Act | null {
  const at = copy.pages.findIndex((page) => page.id === pageId);
  const recto = at - (at % 2);
  const [first, second] = [copy.pages[recto], copy.pages[recto + 1]];
  if (at < 0 || !first || !second) return null;
  const pages = copy.pages.toSpliced(recto, 2, second, first);
  return { kind: "arrange", copy: copy.id, pages: placements(pages), setAside: [] };
}

/** Put pages of a copy before the page that is at `at` now; null when nothing moves. */
export function reorder(copy: WallCopy, ids: ReadonlySet<string>, at: number): Act | null {
  const chosen = copy.pages.filter((page) => ids.has(page.id));
  const before = copy.pages.slice(0, at).filter((page) => !ids.has(page.id));
  const after = copy.pages.slice(at).filter((page) => !ids.has(page.id));
  const pages = [...before, ...chosen, ...after];
  if (pages.every((page, i) => page.id === copy.pages[i]?.id)) return null;
  return { kind: "arrange", copy: copy.id, pages: placements(pages), setAside: [] };
}

/** Take pages off a copy, with a reason. */
export function setAside(copy: WallCopy, ids: ReadonlySet<string>, reason: string): Act {
  const kept = copy.pages.filter((page) => !ids.has(page.id));
  const left = copy.pages.filter((page) => ids.has(page.id));
  const aside = left.map((page) => ({ page_id: page.id, reason }));
  return { kind: "arrange", copy: copy.id, pages: placements(kept), setAside: aside };
}

/** Add pages that wait or were set aside to a copy. */
export function place(copy: WallCopy, pages: readonly WallPage[], at = copy.pages.length): Act {
  const placed = copy.pages.toSpliced(at, 0, ...pages);
  return { kind: "arrange", copy: copy.id, pages: placements(placed), setAside: [] };
}

/** Move pages from one copy to a place in another; a copy that loses every page is merged. */
export function transfer(
  from: WallCopy,
  to: WallCopy,
  ids: ReadonlySet<string>,
  at: number,
  reason: string,
): Act[] {
  const chosen = from.pages.filter((page) => ids.has(page.id));
  const placed = place(to, chosen, at);
  if (chosen.length === from.pages.length) return [{ kind: "merge", copy: to.id, source: from.id }, placed];
  return [setAside(from, ids, reason), placed];
}

/** Make a copy of its own of pages that are on none, by way of a copy that takes them first. */
export function standAlone(host: WallCopy, pages: readonly WallPage[]): Act[] {
  const [first] = pages;
  if (!first) return [];
  return [place(host, pages), { kind: "split", copy: host.id, before: first.id }];
}

/**
 * Say what undoes an act, given the copies as they were and the pages that were on none.
 *
 * Empty when nothing can: the last page of the only copy is set aside.
 */
export function inverse(act: Act, { copies, loose, undone }: Snapshot): Act[] {
  const copy = copies.find((one) => one.id === act.copy);
  if (!copy) return [];
  switch (act.kind) {
    case "link":
      return [{ kind: "link", copy: copy.id, student: copy.student_id || null }];
    case "split":
      return [{ kind: "merge", copy: copy.id, source: CREATED }];
    case "merge":
      return unmerged(copy, copies.find((one) => one.id === act.source) ?? copy);
    case "arrange":
      return act.pages.length ? [rearranged(copy, act, loose, undone)] : revived(copy, copies);
  }
}

function rearranged(
  copy: WallCopy,
  act: Act & { kind: "arrange" },
  loose: readonly WallPage[],
  undone: string,
): Act {
  const own = new Set(copy.pages.map((page) => page.id));
  const added = act.pages.filter((page) => !own.has(page.page_id));
  const aside = added.map(({ page_id }) => {
    const before = loose.find((page) => page.id === page_id)?.set_aside_reason;
    return { page_id, reason: before || undone };
  });
  return { kind: "arrange", copy: copy.id, pages: placements(copy.pages), setAside: aside };
}

function unmerged(target: WallCopy, source: WallCopy): Act[] {
  const [first] = source.pages;
  if (!first) return [];
  const split: Act = { kind: "split", copy: target.id, before: first.id, as: source.id };
  if (!source.student_id) return [split];
  const give: Act = { kind: "link", copy: CREATED, student: source.student_id };
  return target.student_id ? [split, give] : [split, { kind: "link", copy: target.id, student: null }, give];
}

/** An emptied copy is consumed for good: its pages come back on a neighbour and are split off again. */
function revived(copy: WallCopy, copies: readonly WallCopy[]): Act[] {
  const at = copies.indexOf(copy);
  const host = copies[at - 1] ?? copies[at + 1];
  const [first] = copy.pages;
  if (!host || !first) return [];
  const back: Act[] = [
    place(host, copy.pages),
    { kind: "split", copy: host.id, before: first.id, as: copy.id },
  ];
  return copy.student_id ? [...back, { kind: "link", copy: CREATED, student: copy.student_id }] : back;
}

/** Let an act speak of a copy by its new id. */
export function renamed(act: Act, from: string, to: string): Act {
  const copy = act.copy === from ? to : act.copy;
  if (act.kind === "merge") return { ...act, copy, source: act.source === from ? to : act.source };
  return { ...act, copy };
}
