/** List the screens of the exam office. */
import type { Route } from "$/app/router.svelte";

export const officeRoutes: readonly Route[] = [];
