import { afterEach, expect, test, vi } from "vitest";
import { noteWait, tellWaits } from "$/api/waits";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("waits leave together, now and then, and once", async () => {
  vi.useFakeTimers();
  const fetched = vi.fn((_address: string, _options: RequestInit) => Promise.resolve(new Response()));
  vi.stubGlobal("fetch", fetched);
  tellWaits();

  noteWait("autosave", performance.now() - 200);
  noteWait("page_turn", performance.now() - 30);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(fetched).toHaveBeenCalledTimes(1);
  const [address, options] = fetched.mock.calls[0] as [string, RequestInit];
  expect(address).toBe("/api/v1/waits");
  const { items } = JSON.parse(options.body as string);
  expect(items.map((one: { what: string }) => one.what)).toEqual(["autosave", "page_turn"]);
});
