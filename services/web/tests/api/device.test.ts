import "fake-indexeddb/auto";
import { beforeEach, describe, expect, test } from "vitest";
import { forget, type Locks, leftovers, openDevice, openJournal, openLeftovers } from "$/api/device";
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
    expect(await leftovers(device, "durand")).toMatchObject([
      { exam_id: "e", copy_id: "c", code: "K7Q2PX", acts: [{ sequence: 1 }] },
    ]);
  });

  test("is taken up without its copy when acts wait in it and no tab has it", async () => {
    const waiting = await openJournal(device, owner, lock);
    await waiting.store.put(act(waiting.saved.journal_id, 1));
    const busy = await openJournal(device, { ...owner, copy_id: "d" }, lock);
    await busy.store.put(act(busy.saved.journal_id, 1));
    (await openJournal(device, { ...owner, copy_id: "empty" }, lock)).release();
    waiting.release();

    const taken = await openLeftovers(device, "durand", lock);
    expect(taken.map(([whose, kept]) => [whose.copy_id, kept.saved.waiting.length])).toEqual([["c", 1]]);
    expect(await openLeftovers(device, "mercier", lock)).toEqual([]);
  });

  test("is forgotten with all that waits in it, and nothing else", async () => {
    const first = await openJournal(device, owner, lock);
    await first.store.put(act(first.saved.journal_id, 1));
    const other = await openJournal(device, { ...owner, copy_id: "d" }, lock);
    await other.store.put(act(other.saved.journal_id, 1));

    await forget(device, first.saved.journal_id);

    expect((await leftovers(device, "durand")).map((left) => left.copy_id)).toEqual(["d"]);
  });

  test("remembers what was decided", async () => {
    const first = await openJournal(device, owner, lock);
    await first.decide(["act-1"]);
    first.release();

    expect((await openJournal(device, owner, lock)).decided.has("act-1")).toBe(true);
  });
});
