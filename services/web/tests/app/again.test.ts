import { expect, test } from "vitest";
import { loadAppAgain, type Surroundings } from "$/app/again";

function around(...served: boolean[]): Surroundings & { reloads: number; waits: number[] } {
  const kept = new Map<string, string>();
  const surroundings = {
    reloads: 0,
    waits: [] as number[],
    isServed: async () => served.shift() ?? true,
    wait: async (ms: number) => void surroundings.waits.push(ms),
    now: () => 1_000_000,
    storage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    } as Storage,
    reload: () => void surroundings.reloads++,
  };
  return surroundings;
}

test("the app is loaded again as soon as it is served", async () => {
  const page = around(false, false, true);

  await loadAppAgain(new AbortController().signal, page);

  expect(page).toMatchObject({ waits: [0, 2000, 2000], reloads: 1 });
});

test("where loading it was of no use, it is loaded again after a pause", async () => {
  const page = around();

  await loadAppAgain(new AbortController().signal, page);
  await loadAppAgain(new AbortController().signal, page);

  expect(page).toMatchObject({ waits: [0, 20_000], reloads: 2 });
});

test("who has gone to another screen keeps it", async () => {
  const left = new AbortController();
  left.abort();
  const page = around();

  await loadAppAgain(left.signal, page);

  expect(page.reloads).toBe(0);
});
