/** Send what earlier visits left on this device, without opening the copies: some may be another marker's by now. */
import { type Problem, problemOf } from "$/api/client";
import {
  forget,
  type Leftover,
  leftovers,
  type OpenedJournal,
  openDevice,
  openLeftovers,
} from "$/api/device";
import { Journal } from "$/model/journal";
import { type CopyAddress, sendActs } from "./calls";

/** What still waits, and why the service will never take it, if so. */
export interface Unsent extends Leftover {
  refused: Problem | null;
}

/** Try each journal once; list what still waits. */
export async function sendLeftovers(accountId: string): Promise<Unsent[]> {
  const device = await openDevice();
  const refusals = new Map<string, Problem>();
  for (const [{ exam_id, copy_id }, kept] of await openLeftovers(device, accountId)) {
    const problem = await empty(kept, { exam_id, copy_id });
    if (problem && !problem.isPassing && !problem.isOfSession) refusals.set(kept.saved.journal_id, problem);
    kept.release();
  }
  const left = await leftovers(device, accountId);
  return left.map((one) => ({ ...one, refused: refusals.get(one.journal_id) ?? null }));
}

/** Forget what the service does not take. */
export async function dismissUnsent(unsent: Unsent): Promise<void> {
  await forget(await openDevice(), unsent.journal_id);
}

async function empty(kept: OpenedJournal, address: CopyAddress): Promise<Problem | null> {
  let problem: Problem | null = null;
  const journal = new Journal(
    {
      store: kept.store,
      send: async (acts) => (await sendActs(address, "", acts)).outcomes,
      isPassing: () => false,
      wait: async () => undefined,
      newId: () => crypto.randomUUID(),
      onOutcome: () => undefined,
      onLight: (light) => {
        problem = light.state === "stopped" ? problemOf(light.thrown) : null;
      },
    },
    kept.saved,
  );
  await journal.flush();
  return problem;
}
