/** Read what was set aside: of each thing on a copy, only what its author wrote last is worth a decision. */
import { type Change, changeOf, thingOf } from "./sheet";
import type { Act, SetAsideAct } from "./types";

/** A change that was set aside, and every act that came to it. */
export interface Aside {
  mine: Change;
  last: SetAsideAct;
  actIds: string[];
}

/** Gather acts by the thing that they are about, in their own order. */
export function asidesOf(acts: readonly SetAsideAct[]): Aside[] {
  const asides = new Map<string, Aside>();
  for (const last of acts) {
    const mine = changeOf(last.act);
    if (!mine) continue;
    const thing = `${last.copy_id} ${thingOf(mine)}`;
    const actIds = [...(asides.get(thing)?.actIds ?? []), last.act.act_id];
    asides.set(thing, { mine, last, actIds });
  }
  return [...asides.values()];
}

/** What acts of one copy come to: of each thing the last word. */
export function lastWords(acts: readonly Act[]): Change[] {
  const last = new Map<string, Change>();
  for (const change of acts.map(changeOf)) if (change) last.set(thingOf(change), change);
  return [...last.values()];
}
