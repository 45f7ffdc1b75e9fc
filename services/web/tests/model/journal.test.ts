import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Journal, type JournalPorts, type Light } from "$/model/journal";
import type { Change } from "$/model/sheet";
import type { Act, ActOutcome } from "$/model/types";

class Offline extends Error {}

/** A gateway that stores each act at most once, and fails when told to: before or after storing. */
class Gateway {
  readonly stored = new Map<string, Act>();
  readonly order: number[] = [];
  failures: ("before" | "after" | "refuse")[] = [];

  async send(acts: readonly Act[]): Promise<ActOutcome[]> {
    const failure = this.failures.shift();
    if (failure === "refuse") throw new Error("404");
    if (failure === "before") throw new Offline();
    for (const act of acts) this.#store(act);
    if (failure === "after") throw new Offline();
    return acts.map((act) => ({ act_id: act.act_id, state: "accepted", reason: "", version: act.sequence }));
  }

  #store(act: Act): void {
    if (this.stored.has(act.act_id)) return;
    this.stored.set(act.act_id, structuredClone(act));
    this.order.push(act.sequence);
  }
}

function setUp(gateway: Gateway, device = new Map<number, Act>()) {
  const lights: Light[] = [];
  const outcomes: ActOutcome[] = [];
  let ids = 0;
  const ports: JournalPorts = {
    store: {
      put: async (act) => void device.set(act.sequence, structuredClone(act)),
      remove: async (sequences) => sequences.forEach((sequence) => void device.delete(sequence)),
    },
    send: (acts) => gateway.send(acts),
    isPassing: (thrown) => thrown instanceof Offline,
    wait: () => Promise.resolve(),
    newId: () => `act-${device.size}-${ids++}-${Math.random()}`,
    onOutcome: (_, outcome) => outcomes.push(outcome),
    onLight: (light) => lights.push(light),
  };
  const waiting = [...device.values()].sort((a, b) => a.sequence - b.sequence);
  const next = (waiting.at(-1)?.sequence ?? gateway.order.length) + 1;
  return { journal: new Journal(ports, { journal_id: "j", next, waiting }), lights, outcomes, device };
}

const remark = (text: string, question = "q"): Change => ({ kind: "remark", question, text });
const mark = (points: number): Change => ({ kind: "mark", question: "q", points });

describe("the journal", () => {
  test("loses nothing, repeats nothing and keeps the order, whatever fails", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.nat(400).map(mark),
            fc.string().map((text) => remark(text)),
          ),
        ),
        fc.array(fc.constantFrom("before" as const, "after" as const)),
        async (changes, failures) => {
          const gateway = new Gateway();
          gateway.failures = [...failures];
          const { journal, device } = setUp(gateway);
          for (const change of changes) {
            journal.append(change, 0, 1);
            if (failures.length % 2) await Promise.resolve();
          }
          while (!(await journal.flush()));

          expect(gateway.order).toEqual(gateway.order.map((_, i) => i + 1));
          expect(journal.lastSequence).toBe(gateway.order.length);
          await Promise.resolve();
          expect(device.size).toBe(0);
        },
      ),
    );
  });

  test("the last text of a field is what arrives", async () => {
    const gateway = new Gateway();
    gateway.failures = ["after"];
    const { journal } = setUp(gateway);
    journal.append(remark("b"), 0, 1);
    journal.append(remark("bon"), 0, 1);
    await journal.flush();
    journal.append(remark("bonjour"), 0, 1);
    await journal.flush();

    const texts = [...gateway.stored.values()].map((act) => act.set_remark?.text);
    expect(texts).toEqual(["bon", "bonjour"]);
  });

  test("acts that waited on the device leave after a reload, with the same ids", async () => {
    const gateway = new Gateway();
    const device = new Map<number, Act>();
    gateway.failures = ["after"];
    const before = setUp(gateway, device).journal;
    before.append(mark(100), 0, 1);
    expect(await before.flush()).toBe(false);

    const reloaded = setUp(gateway, device).journal;
    expect(await reloaded.flush()).toBe(true);
    expect(gateway.order).toEqual([1]);
  });

  test("the light says what waits and when it is saved", async () => {
    const gateway = new Gateway();
    gateway.failures = ["before"];
    const { journal, lights } = setUp(gateway);
    journal.append(mark(100), 0, 1);
    await journal.flush();
    await journal.flush();

    const states = lights.map((light) => `${light.state} ${light.waiting}`);
    expect(states[0]).toBe("waiting 1");
    expect(states).toContain("offline 1");
    expect(states.at(-1)).toBe("saved 0");
  });

  test("a refusal of the whole batch stops and keeps the acts", async () => {
    const gateway = new Gateway();
    gateway.failures = ["refuse"];
    const { journal, lights, device } = setUp(gateway);
    journal.append(mark(100), 0, 1);

    expect(await journal.flush()).toBe(false);
    expect(lights.at(-1)?.state).toBe("stopped");
    expect(device.size).toBe(1);
  });

  test("many acts leave in batches", async () => {
    const gateway = new Gateway();
    const { journal } = setUp(gateway);
    for (let i = 0; i < 120; i++) journal.append(mark(i), 0, 1);

    expect(await journal.flush()).toBe(true);
    expect(gateway.stored.size).toBe(120);
  });
});
