import "fake-indexeddb/auto";
import { beforeEach, describe, expect, test } from "vitest";
import { type Locks, leftovers, openDevice, openJournal } from "$/api/device";
import type { Act } from "$/model/types";

const owner = { account_id: "durand", exam_id: "e", copy_id: "c", code: "K7Q2PX" };
let device: Awaited<ReturnType<typeof openDevice>>;
let held: Set<string>;
let count = 0;

const lock: Locks = async (name) => {
  if (held.has(name)) return null;
  held.add(name);
  return () => held.delete(name);
};
const act = (journal_id: string, sequence: number): Act => ({
  act_id: `${journal_id}-${sequence}`,
  journal_id,
  sequence,
  base_version: 0,
  set_appreciation: { text: "Bien" },
});

beforeEach(async () => {
  held = new Set();
  device = await openDevice(`korrigo-${count++}`);
});

describe("a journal on this device", () => {
  test("goes on where it stopped", async () => {
    const first = await openJournal(device, owner, lock);
    await first.store.put(act(first.saved.journal_id, 1));
    await first.store.put(act(first.saved.journal_id, 2));
    await first.store.remove([1]);
    first.release();

    const again = await openJournal(device, owner, lock);
    expect(again.saved.journal_id).toBe(first.saved.journal_id);
    expect(again.saved.next).toBe(3);
    expect(again.saved.waiting.map((one) => one.sequence)).toEqual([2]);
  });

  test("belongs to one tab at a time", async () => {
    const first = await openJournal(device, owner, lock);
    const second = await openJournal(device, owner, lock);

    expect(second.saved.journal_id).not.toBe(first.saved.journal_id);
  });

  test("is taken up first when acts wait in it", async () => {
    const first = await openJournal(device, owner, lock);
    const second = await openJournal(device, owner, lock);
    await second.store.put(act(second.saved.journal_id, 1));
    first.release();
    second.release();

    const again = await openJournal(device, owner, lock);
    expect(again.saved.journal_id).toBe(second.saved.journal_id);
  });

  test("is nobody else's", async () => {
    const first = await openJournal(device, owner, lock);
    await first.store.put(act(first.saved.journal_id, 1));
    first.release();

    const other = await openJournal(device, { ...owner, account_id: "mercier" }, lock);
    expect(other.saved.waiting).toEqual([]);
    expect(await leftovers(device, "mercier")).toEqual([]);
    expect(await leftovers(device, "durand")).toEqual([
      { exam_id: "e", copy_id: "c", code: "K7Q2PX", acts: 1 },
    ]);
  });

  test("remembers what was decided", async () => {
    const first = await openJournal(device, owner, lock);
    await first.decide("act-1");
    first.release();

    expect((await openJournal(device, owner, lock)).decided.has("act-1")).toBe(true);
  });
});
