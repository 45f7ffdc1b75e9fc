/** Send what earlier visits left on this device, without opening the copies: some may be another marker's by now. */

import type { Leftover, OpenedJournal } from "$/api/device";
import { leftovers, openDevice, openLeftovers } from "$/api/device";
import { Journal } from "$/model/journal";
import { type CopyAddress, sendActs } from "./calls";

/** Try each journal once; list what still waits. */
export async function sendLeftovers(accountId: string): Promise<Leftover[]> {
  const device = await openDevice();
  for (const [owner, kept] of await openLeftovers(device, accountId)) {
    await empty(kept, { exam_id: owner.exam_id, copy_id: owner.copy_id });
    kept.release();
  }
  return leftovers(device, accountId);
}

async function empty(kept: OpenedJournal, address: CopyAddress): Promise<void> {
  const journal = new Journal(
    {
      store: kept.store,
      send: async (acts) => (await sendActs(address, "", acts)).outcomes,
      isPassing: () => false,
      wait: async () => undefined,
      newId: () => crypto.randomUUID(),
      onOutcome: () => undefined,
      onLight: () => undefined,
    },
    kept.saved,
  );
  await journal.flush();
}
