/** Load the app anew by itself once its files can be had: at once the first time, then with pauses. */

const KEY = "korrigo.loaded-again";
const PAUSE = 20_000;
const LOOK_EVERY = 2_000;

export interface Surroundings {
  /** Tell whether the app's first page is being served. */
  isServed: () => Promise<boolean>;
  wait: (ms: number) => Promise<void>;
  now: () => number;
  storage: Storage;
  reload: () => void;
}

export const page: Surroundings = {
  isServed: () =>
    fetch("/", { cache: "no-store" }).then(
      (answer) => answer.ok,
      () => false,
    ),
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
  now: () => Date.now(),
  storage: sessionStorage,
  reload: () => location.reload(),
};

/** Wait until the app is served, longer where that was of no use a moment ago, and load it unless one has left. */
export async function loadAppAgain(left: AbortSignal, around: Surroundings = page): Promise<void> {
  const last = Number(around.storage.getItem(KEY));
  await around.wait(Math.max(0, last + PAUSE - around.now()));
  while (!(left.aborted || (await around.isServed()))) await around.wait(LOOK_EVERY);
  if (left.aborted) return;
  around.storage.setItem(KEY, String(around.now()));
  around.reload();
}
