/** Say what keeps results from being released, and where to decide it. */
import { m } from "$/i18n/generated/messages.js";

interface Blocked {
  text: (count: number) => string;
  tab: string;
}

const KNOWN: Record<string, Blocked> = {
  NO_COPIES: { text: () => m.office_blocker_no_copies(), tab: "batches" },
  COPIES_ARRIVING: { text: (count) => m.office_blocker_preparing({ count }), tab: "staging" },
  COPIES_UNASSIGNED: {
    text: (count) => m.office_blocker_unassigned({ count }),
    tab: "marking?state=unassigned",
  },
  COPIES_NOT_FINALIZED: { text: (count) => m.office_blocker_not_finalized({ count }), tab: "marking" },
  LEDGER_UNKNOWN: { text: () => m.office_blocker_ledger(), tab: "batches" },
  SCANS_OPEN: { text: (count) => m.office_blocker_scans({ count }), tab: "batches" },
  SCANS_REFUSED: { text: (count) => m.office_blocker_refused({ count }), tab: "batches" },
  SIDES_FAILED: { text: (count) => m.office_blocker_sides({ count }), tab: "staging" },
  PAGES_WAITING: { text: (count) => m.office_blocker_pages({ count }), tab: "staging" },
  COPIES_STAGED: { text: (count) => m.office_blocker_staged({ count }), tab: "staging?state=staged" },
  COPIES_LATE: { text: (count) => m.office_blocker_late({ count }), tab: "staging?state=staged" },
  COPIES_PREPARING: {
    text: (count) => m.office_blocker_preparing({ count }),
    tab: "staging?state=preparing",
  },
  COPIES_FAILED: { text: (count) => m.office_blocker_failed({ count }), tab: "staging?state=failed" },
  COPIES_UNLINKED: { text: (count) => m.office_blocker_unlinked({ count }), tab: "writers" },
};

export function blockerOf(reason: string, count: number): { text: string; tab: string } {
  const known = KNOWN[reason];
  return known ? { text: known.text(count), tab: known.tab } : { text: `${reason} (${count})`, tab: "" };
}
