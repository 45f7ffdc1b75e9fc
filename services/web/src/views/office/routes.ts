/** List the screens of the exam office, the administrator and the operator. */
import type { Route } from "$/app/router.svelte";
import { m } from "$/i18n/generated/messages.js";

const EXAM = "/exams/:exam";

export const officeRoutes: readonly Route[] = [
  { path: "/exams", load: () => import("./Exams.svelte"), title: m.nav_exams },
  { path: EXAM, load: () => import("./Overview.svelte"), title: m.office_tab_overview },
  { path: `${EXAM}/scheme`, load: () => import("./Scheme.svelte"), title: m.office_tab_scheme },
  { path: `${EXAM}/roster`, load: () => import("./Roster.svelte"), title: m.office_tab_roster },
  { path: `${EXAM}/zones`, load: () => import("./Zones.svelte"), title: m.office_tab_zones },
  { path: `${EXAM}/members`, load: () => import("./Members.svelte"), title: m.office_tab_members },
  { path: `${EXAM}/settings`, load: () => import("./Settings.svelte"), title: m.office_tab_settings },
  { path: `${EXAM}/batches`, load: () => import("./Batches.svelte"), title: m.office_tab_batches },
  { path: `${EXAM}/staging`, load: () => import("./Staging.svelte"), title: m.office_tab_staging },
  { path: `${EXAM}/writers`, load: () => import("./Writers.svelte"), title: m.office_tab_writers },
  { path: `${EXAM}/marking`, load: () => import("./Marking.svelte"), title: m.office_tab_marking },
  { path: `${EXAM}/results`, load: () => import("./Results.svelte"), title: m.office_tab_results },
  { path: "/accounts", load: () => import("$/views/admin/Accounts.svelte"), title: m.nav_accounts },
  { path: "/health", load: () => import("$/views/operator/Health.svelte"), title: m.nav_health },
];
