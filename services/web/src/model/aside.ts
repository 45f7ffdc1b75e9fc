/** Read what was set aside: of each thing on a copy, only what its author wrote last is worth a decision. */
import { type Change, changeOf, thingOf } from "./sheet";
import type { SetAsideAct } from "./types";

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
