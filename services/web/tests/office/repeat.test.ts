import { describe, expect, it } from "vitest";
import { repeatable } from "$/views/office/repeat";

const lost = (): Promise<never> => Promise.reject(new TypeError("connection lost"));

describe("pressing again", () => {
  it("is the same request after a lost answer", async () => {
    const act = repeatable();
    const ids: string[] = [];
    const asked = { params: { path: { exam_id: "e" } }, body: { name: "A" } };
    await act(asked, ({ body }) => {
      ids.push(body.request_id);
      return lost();
    }).catch(() => undefined);
    await act(asked, async ({ body }) => ids.push(body.request_id));

    expect(ids[1]).toBe(ids[0]);
  });

  it("is a new request once it succeeded, for other words, and for another thing", async () => {
    const act = repeatable();
    const ids: string[] = [];
    const press = (id: string, reason: string, send = async (): Promise<void> => {}) =>
      act({ params: { id }, body: { reason } }, ({ body }) => {
        ids.push(body.request_id);
        return send();
      }).catch(() => undefined);
    await press("a", "blank");
    await press("a", "blank", lost);
    await press("a", "torn", lost);
    await press("b", "torn");

    expect(new Set(ids).size).toBe(4);
  });
});
