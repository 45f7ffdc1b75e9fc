/** Load page images before they are asked for, and keep the newest decoded. */

const MOST = 16;
const ready = new Map<string, HTMLImageElement>();

export function imageUrl(key: string): string {
  return `/i/${key}`;
}

/** Have these images decoded soon; those asked for longest ago are let go. */
export function prefetch(keys: readonly string[]): void {
  for (const key of keys) {
    if (!key) continue;
    const image = ready.get(key) ?? start(key);
    ready.delete(key);
    ready.set(key, image);
  }
  for (const key of ready.keys()) if (ready.size > MOST) ready.delete(key);
}

function start(key: string): HTMLImageElement {
  const image = new Image();
  image.src = imageUrl(key);
  image.decode().catch(() => ready.delete(key));
  return image;
}
