/** List the screens; each is loaded when it is first shown. */
import { m } from "$/i18n/generated/messages.js";
import SignIn from "$/views/account/SignIn.svelte";
import { officeRoutes } from "$/views/office/routes";
import type { Route } from "./router.svelte";

const openRoutes: Route[] = [
  { path: "/sign-in", load: async () => ({ default: SignIn }), title: m.sign_in, isOpen: true },
  {
    path: "/forgotten",
    load: () => import("$/views/account/Forgotten.svelte"),
    title: m.forgotten_title,
    isOpen: true,
  },
  {
    path: "/link/:token",
    load: () => import("$/views/account/Link.svelte"),
    title: m.link_save,
    isOpen: true,
  },
];

const personalRoutes: Route[] = [
  { path: "/", load: () => import("$/views/Home.svelte"), title: m.app_name },
  { path: "/account", load: () => import("$/views/account/Account.svelte"), title: m.account_title },
  { path: "/lots", load: () => import("$/views/marker/Lots.svelte"), title: m.lots_title },
  { path: "/lots/:exam", load: () => import("$/views/marker/LotCopies.svelte"), title: m.copies_title },
  {
    path: "/desk/:exam/:copy",
    load: () => import("$/desk/Desk.svelte"),
    title: m.copies_title,
    isBare: true,
  },
  { path: "/results", load: () => import("$/views/student/Results.svelte"), title: m.results_title },
  { path: "/results/:copy", load: () => import("$/views/student/Result.svelte"), title: m.results_title },
];

export const routes: readonly Route[] = [...openRoutes, ...personalRoutes, ...officeRoutes];
