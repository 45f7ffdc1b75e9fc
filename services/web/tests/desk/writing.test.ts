import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openDevice, openJournal } from "$/api/device";
import type { ActOutcome, Marking } from "$/api/types";
import { sendLeftovers } from "$/desk/leftovers";
import { Writing } from "$/desk/writing.svelte";
import type { Act, SetAsideAct } from "$/model/types";

const question = (id: string, maximum: number) => ({ id, parent_id: "", label: id, title: "", maximum });

/** The gateway at the edge of the browser: one copy, kept the way grading keeps it. */
class Gateway {
  marks = new Map<string, { points: number | null; version: number }>();
  setAside: SetAsideAct[] = [];
  /** What the next acts come to instead of being accepted. */
  verdict: { state: "set_aside" | "refused"; reason: string } | null = null;
  isDown = false;
  isGone = false;

  marking(): Marking {
    const marks = [...this.marks].map(([question_id, mark]) => ({ question_id, ...mark }));
    return {
      copy: { id: "c", exam_id: "e", code: "K7Q2PX", state: "open", version: 1 },
      exam: { id: "e", scheme: [question("1", 400), question("2", 600)], scheme_version: 3, mark_step: 25 },
      pages: [],
      marks,
      remarks: [],
      appreciation: "",
      appreciation_version: 0,
      annotations: [],
      set_aside: this.setAside,
    } as unknown as Marking;
  }

  async answer(request: Request): Promise<Response> {
    if (this.isDown) throw new TypeError("offline");
    const path = new URL(request.url).pathname;
    if (request.method === "DELETE") return this.#dismiss(path);
    if (this.isGone && !path.endsWith("/acts"))
      return Response.json({ reason: "COPY_UNKNOWN" }, { status: 404 });
    if (path.endsWith("/lease")) return Response.json(this.lease);
    if (path.endsWith("/marking")) return Response.json(this.marking());
    const { acts } = (await request.json()) as { acts: Act[] };
    return Response.json({
      outcomes: acts.map((act) => this.#record(act)),
      copy_version: 2,
      lease: this.isGone ? null : this.lease,
    });
  }

  /** Another marker has the copy now. */
  giveAway(): void {
    this.isGone = true;
    this.verdict = { state: "set_aside", reason: "LEASE_LOST" };
  }

  #dismiss(path: string): Response {
    this.setAside = this.setAside.filter((aside) => !path.endsWith(`/set-aside/${aside.act.act_id}`));
    return new Response(null, { status: 204 });
  }

  #keepAside(act: Act, reason: string): void {
    const copy = { exam_id: "e", copy_id: "c", copy_code: "K7Q2PX", is_assigned: !this.isGone };
    this.setAside.push({ act, reason, at: "", ...copy });
  }

  readonly lease = { id: "l", marker_id: "m", expires_at: "2026-01-01T00:00:00Z" };

  #record(act: Act): ActOutcome {
    const { question_id = "", points = null } = act.set_mark ?? {};
    const version = (this.marks.get(question_id)?.version ?? 0) + 1;
    if (!this.verdict) this.marks.set(question_id, { points, version });
    if (this.verdict?.state === "set_aside") this.#keepAside(act, this.verdict.reason);
    return { act_id: act.act_id, state: "accepted", reason: "", version, ...this.verdict };
  }
}

let gateway: Gateway;
let databases = 0;

type Hold = (lock: object) => unknown;

async function open(): Promise<{ writing: Writing; refused: string[] }> {
  const device = await openDevice(`writing-${databases++}`);
  const owner = { account_id: "m", exam_id: "e", copy_id: "c", code: "K7Q2PX" };
  const journal = await openJournal(device, owner, async () => () => undefined);
  const refused: string[] = [];
  const listener = { onRefused: (_: unknown, reason: string) => refused.push(reason), onStopped: vi.fn() };
  const writing = new Writing(gateway.marking(), journal, listener);
  await writing.start();
  return { writing, refused };
}

const give = (points: number | null) => ({ kind: "mark" as const, question: "1", points });

beforeEach(() => {
  gateway = new Gateway();
  vi.stubGlobal("fetch", (request: Request) => gateway.answer(request));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("writing on a copy", () => {
  test("shows at once what is sent later", async () => {
    const { writing } = await open();
    writing.change(give(150));
    expect(writing.sheet.marks.get("1")).toBe(150);
    expect(writing.light).toMatchObject({ state: "waiting", waiting: 1 });

    expect(await writing.flush()).toBe(true);
    expect(gateway.marks.get("1")?.points).toBe(150);
    expect(writing.light.state).toBe("saved");
  });

  test("undoing a first mark unmarks, it does not give zero", async () => {
    const { writing } = await open();
    writing.change(give(0));
    writing.undo();
    await writing.flush();

    expect(writing.sheet.marks.get("1")).toBeNull();
    expect(gateway.marks.get("1")?.points).toBeNull();
    expect(writing.canRedo).toBe(true);
  });

  test("says that it is offline and keeps the change", async () => {
    const { writing } = await open();
    gateway.isDown = true;
    writing.change(give(150));
    expect(await writing.flush()).toBe(false);
    expect(writing.light).toMatchObject({ state: "offline", waiting: 1 });

    gateway.isDown = false;
    expect(await writing.flush()).toBe(true);
  });

  test("lays a change that could not be applied beside what stands", async () => {
    const { writing } = await open();
    gateway.marks.set("1", { points: 400, version: 7 });
    gateway.verdict = { state: "set_aside", reason: "VERSION_CONFLICT" };
    writing.change(give(150));
    await writing.flush();
    await writing.refresh();

    expect(writing.sheet.marks.get("1")).toBe(400);
    expect(writing.conflicts).toMatchObject([
      { reason: "VERSION_CONFLICT", mine: give(150), theirs: give(400) },
    ]);

    gateway.verdict = null;
    const [conflict] = writing.conflicts;
    if (conflict) await writing.decide(conflict, "mine");
    await writing.flush();
    await writing.refresh();
    expect(gateway.marks.get("1")?.points).toBe(150);
    expect(writing.conflicts).toEqual([]);
    expect(gateway.setAside).toEqual([]);
  });

  test("asks once about a thing that was set aside twice, and dismisses both", async () => {
    const { writing } = await open();
    gateway.verdict = { state: "set_aside", reason: "VERSION_CONFLICT" };
    for (const points of [100, 150]) {
      writing.change(give(points));
      await writing.flush();
      await writing.refresh();
    }
    expect(gateway.setAside).toHaveLength(2);
    expect(writing.conflicts).toMatchObject([{ mine: give(150) }]);

    const [conflict] = writing.conflicts;
    if (conflict) await writing.decide(conflict, "theirs");
    await vi.waitFor(() => expect(gateway.setAside).toEqual([]));
    expect(gateway.marks.size).toBe(0);
  });

  test("empties its journal when the copy went to another marker, and says so", async () => {
    const { writing } = await open();
    gateway.giveAway();
    writing.change(give(150));

    expect(await writing.flush()).toBe(true);
    await writing.refresh();
    expect(writing.light).toMatchObject({ state: "saved", waiting: 0 });
    expect(writing.lease.state).toBe("gone");
    expect(writing.canWrite).toBe(false);
    expect(gateway.setAside).toHaveLength(1);
  });

  test("sends what an earlier visit left although the copy cannot be opened any more", async () => {
    const device = await openDevice();
    const owner = { account_id: "m", exam_id: "e", copy_id: "c", code: "K7Q2PX" };
    const kept = await openJournal(device, owner, async () => () => undefined);
    const { journal_id } = kept.saved;
    const act = { act_id: "a", journal_id, sequence: 1, base_version: 0, set_appreciation: { text: "Bien" } };
    await kept.store.put(act);
    vi.stubGlobal("navigator", { locks: { request: async (_: string, __: object, hold: Hold) => hold({}) } });
    gateway.giveAway();

    expect(await sendLeftovers("m")).toEqual([]);
    expect(gateway.setAside.map((aside) => aside.act)).toEqual([act]);
  });

  test("takes a refused change back and says why", async () => {
    const { writing, refused } = await open();
    gateway.verdict = { state: "refused", reason: "POINTS_OFF_STEP" };
    writing.change(give(110));
    await writing.flush();
    await writing.refresh();

    expect(refused).toEqual(["POINTS_OFF_STEP"]);
    expect(writing.sheet.marks.has("1")).toBe(false);
  });
});
