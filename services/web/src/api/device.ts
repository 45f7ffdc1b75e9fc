/**
 * Keep journals on this device, in IndexedDB.
 *
 * A journal belongs to one account and one copy, and is written by one tab at a time: the tab that holds its lock.
 * A second tab on the same copy gets a journal of its own, so the server sees two writers and not one confused one.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { ActStore, SavedJournal } from "$/model/journal";
import type { Act } from "$/model/types";

interface JournalRecord {
  journal_id: string;
  account_id: string;
  exam_id: string;
  copy_id: string;
  code: string;
  /** What to call the exam and its questions to whoever may not read them any more; journals of old have neither. */
  exam_name?: string;
  questions?: Named[];
  next: number;
  /** Set aside acts that the marker has decided about. */
  decided: string[];
}

/** A question by the name that people use. */
export interface Named {
  id: string;
  label: string;
}

interface Device extends DBSchema {
  journals: { key: string; value: JournalRecord; indexes: { copy_id: string } };
  acts: { key: [string, number]; value: Act; indexes: { journal_id: string } };
}

/** Hold something for as long as this tab lives; null when another tab has it. */
export type Locks = (name: string) => Promise<(() => void) | null>;

export interface Owner {
  account_id: string;
  exam_id: string;
  copy_id: string;
  code: string;
  exam_name?: string;
  questions?: Named[];
}

export interface OpenedJournal {
  saved: SavedJournal;
  store: ActStore;
  decided: ReadonlySet<string>;
  decide: (actIds: readonly string[]) => Promise<void>;
  release: () => void;
}

/** Acts that wait on this device, and whose they are. */
export interface Leftover extends Owner {
  journal_id: string;
  acts: Act[];
}

export function openDevice(name = "korrigo"): Promise<IDBPDatabase<Device>> {
  return openDB<Device>(name, 1, {
    upgrade(database) {
      database.createObjectStore("journals", { keyPath: "journal_id" }).createIndex("copy_id", "copy_id");
      const acts = database.createObjectStore("acts", { keyPath: ["journal_id", "sequence"] });
      acts.createIndex("journal_id", "journal_id");
    },
  });
}

/** Take up the journal of this copy where it stopped, or begin one. */
export async function openJournal(
  device: IDBPDatabase<Device>,
  owner: Owner,
  lock: Locks = lockWithin(500),
): Promise<OpenedJournal> {
  for (const record of await journalsOf(device, owner)) {
    const release = await lock(record.journal_id);
    if (!release) continue;
    await change(device, record.journal_id, (kept) => ({ ...kept, ...owner }));
    return opened(device, record, release);
  }
  const record = { ...owner, journal_id: crypto.randomUUID(), next: 1, decided: [] };
  const release = await lock(record.journal_id);
  await device.put("journals", record);
  return opened(device, record, release ?? (() => undefined));
}

/** Take up every journal of an account whose acts wait here, unless another tab has it. */
export async function openLeftovers(
  device: IDBPDatabase<Device>,
  accountId: string,
  lock: Locks = lockWithin(3_000),
): Promise<[Owner, OpenedJournal][]> {
  const taken: [Owner, OpenedJournal][] = [];
  for (const record of await device.getAll("journals")) {
    const isOwn = record.account_id === accountId;
    const waits = isOwn && (await device.countFromIndex("acts", "journal_id", record.journal_id));
    const release = waits && (await lock(record.journal_id));
    if (release) taken.push([record, await opened(device, record, release)]);
  }
  return taken;
}

/** List the copies of an account whose acts wait on this device. */
export async function leftovers(device: IDBPDatabase<Device>, accountId: string): Promise<Leftover[]> {
  const records = (await device.getAll("journals")).filter((record) => record.account_id === accountId);
  const read = records.map(async (record) => {
    const acts = await device.getAllFromIndex("acts", "journal_id", record.journal_id);
    return { ...record, acts };
  });
  return (await Promise.all(read)).filter((leftover) => leftover.acts.length > 0);
}

/** Forget a journal with everything that waits in it, for ever. */
export async function forget(device: IDBPDatabase<Device>, journalId: string): Promise<void> {
  const transaction = device.transaction(["acts", "journals"], "readwrite");
  const acts = transaction.objectStore("acts");
  const keys = await acts.index("journal_id").getAllKeys(journalId);
  await Promise.all([
    ...keys.map((key) => acts.delete(key)),
    transaction.objectStore("journals").delete(journalId),
  ]);
  await transaction.done;
}

/** Those with waiting acts first: nothing may stay behind. */
async function journalsOf(device: IDBPDatabase<Device>, owner: Owner): Promise<JournalRecord[]> {
  const records = await device.getAllFromIndex("journals", "copy_id", owner.copy_id);
  const own = records.filter((record) => record.account_id === owner.account_id);
  const waiting = await Promise.all(
    own.map((record) => device.countFromIndex("acts", "journal_id", record.journal_id)),
  );
  const order = new Map(own.map((record, i) => [record, waiting[i] ?? 0]));
  return own.sort((a, b) => (order.get(b) ?? 0) - (order.get(a) ?? 0));
}

async function opened(
  device: IDBPDatabase<Device>,
  record: JournalRecord,
  release: () => void,
): Promise<OpenedJournal> {
  const { journal_id } = record;
  const waiting = await device.getAllFromIndex("acts", "journal_id", journal_id);
  const decided = new Set(record.decided);
  return {
    saved: { journal_id, next: record.next, waiting },
    store: storeOf(device, journal_id),
    decided,
    decide: async (actIds) => {
      for (const id of actIds) decided.add(id);
      await change(device, journal_id, (kept) => ({ ...kept, decided: [...decided] }));
    },
    release,
  };
}

function storeOf(device: IDBPDatabase<Device>, journalId: string): ActStore {
  return {
    put: async (act) => {
      const transaction = device.transaction(["acts", "journals"], "readwrite", { durability: "relaxed" });
      const journals = transaction.objectStore("journals");
      const kept = await journals.get(journalId);
      if (kept) await journals.put({ ...kept, next: Math.max(kept.next, act.sequence + 1) });
      await transaction.objectStore("acts").put(act);
      await transaction.done;
    },
    remove: async (sequences) => {
      const transaction = device.transaction("acts", "readwrite");
      await Promise.all(sequences.map((sequence) => transaction.store.delete([journalId, sequence])));
      await transaction.done;
    },
  };
}

async function change(
  device: IDBPDatabase<Device>,
  journalId: string,
  edit: (record: JournalRecord) => JournalRecord,
): Promise<void> {
  const transaction = device.transaction("journals", "readwrite");
  const kept = await transaction.store.get(journalId);
  if (kept) await transaction.store.put(edit(kept));
  await transaction.done;
}

/** The page that is being left holds its locks a moment longer: wait for it, but not for another tab. */
function lockWithin(patience: number): Locks {
  return (name) =>
    new Promise((answered) => {
      const hold = (): Promise<void> => new Promise((release) => answered(() => release()));
      const signal = AbortSignal.timeout(patience);
      navigator.locks.request(`journal-${name}`, { signal }, hold).catch(() => answered(null));
    });
}
