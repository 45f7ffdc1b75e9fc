/** List the screens that are open to whoever is signed in. */
import { m } from "$/i18n/generated/messages.js";
import { kept } from "./kept.svelte";
import type { Deed } from "./palette.svelte";
import { router } from "./router.svelte";
import { session } from "./session.svelte";

export interface Place {
  href: string;
  label: string;
}

export function mainPlaces(): Place[] {
  return [
    { href: "/exams", label: m.nav_exams(), isShown: session.isOffice },
    { href: "/lots", label: m.nav_lots(), isShown: session.has("marker") || kept.isThere },
    { href: "/results", label: m.nav_results(), isShown: session.isStudent },
    { href: "/accounts", label: m.nav_accounts(), isShown: session.isAdmin },
    { href: "/health", label: m.nav_health(), isShown: session.isOperator },
  ].filter((place) => place.isShown);
}

/** Offer places to go to. */
export function going(places: readonly Place[], detail?: string): Deed[] {
  return places.map(({ href, label }) => ({
    id: href,
    label,
    ...(detail ? { detail } : {}),
    run: () => router.go(href),
  }));
}
