/** Map addresses to screens; filters live in the query, so that an address can be shared. */
import type { Component } from "svelte";

export interface Route {
  /** Segments, `:name` for a parameter that the screen gets as a property. */
  path: string;
  // biome-ignore lint/suspicious/noExplicitAny: each screen has its own properties; the router passes the path's.
  load: () => Promise<{ default: Component<any> }>;
  title: () => string;
  /** Shown without signing in. */
  isOpen?: boolean;
  /** The screen owns the whole window: no top bar. */
  isBare?: boolean;
}

export interface Found {
  route: Route;
  params: Record<string, string>;
}

/** Find the first route whose path fits. */
export function find(routes: readonly Route[], path: string): Found | null {
  for (const route of routes) {
    const params = match(route.path, path);
    if (params) return { route, params };
  }
  return null;
}

function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [i, segment] of wanted.entries()) {
    if (segment.startsWith(":")) params[segment.slice(1)] = decoded(given[i] as string);
    else if (segment !== given[i]) return null;
  }
  return params;
}

/** Addresses are typed and mailed: what cannot be decoded stays as it is, and names nothing. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
  #leave = new Set<() => void>();

  constructor() {
    addEventListener("popstate", () => this.#read());
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /** Show another screen. */
  go(address: string, options: { replace?: boolean } = {}): void {
    history[options.replace ? "replaceState" : "pushState"](null, "", address);
    this.#read();
    if (!options.replace) scrollTo(0, 0);
  }

  /** Change filters without leaving the screen; an empty value removes its key. */
  filter(changes: Record<string, string>): void {
    const query = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(changes)) {
      if (value) query.set(key, value);
      else query.delete(key);
    }
    this.go(location.pathname + (query.size ? `?${query}` : ""), { replace: true });
  }

  /** Call `listener` after each change of path. */
  onMove(listener: () => void): () => void {
    this.#leave.add(listener);
    return () => this.#leave.delete(listener);
  }

  #read(): void {
    const moved = this.path !== location.pathname;
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
    if (moved) for (const listener of this.#leave) listener();
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element).closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname.startsWith("/api/") || link.pathname.startsWith("/i/")) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

export const router = new Router();
