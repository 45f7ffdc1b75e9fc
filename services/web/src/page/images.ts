/** Load page images before they are asked for, and have the nearest decoded: a browser keeps few large ones. */

const MOST = 16;
const DECODED = 3;
const ready = new Map<string, HTMLImageElement>();

export function imageUrl(key: string): string {
  return `/i/${key}`;
}

/** Have these images loaded soon, and the last of them decoded; those asked for longest ago are let go. */
export function prefetch(keys: readonly string[]): void {
  const wanted = keys.filter(Boolean);
  for (const key of wanted) {
    const image = ready.get(key) ?? start(key);
    ready.delete(key);
    ready.set(key, image);
  }
  for (const key of wanted.slice(-DECODED))
    ready
      .get(key)
      ?.decode()
      .catch(() => ready.delete(key));
  for (const key of ready.keys()) if (ready.size > MOST) ready.delete(key);
}

function start(key: string): HTMLImageElement {
  const image = new Image();
  image.onerror = () => ready.delete(key);
  image.src = imageUrl(key);
  return image;
}
