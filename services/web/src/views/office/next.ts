/** Say what an exam needs next, and where. */
import type { Exam, Ledger, Progress } from "$/api/types";
import { m } from "$/i18n/generated/messages.js";
import { nextStep, PLACES, type Step } from "$/model/next-step";

const SENTENCES: Record<Step, (count: number) => string> = {
  SCHEME: () => m.office_next_scheme(),
  ROSTER: () => m.office_next_roster(),
  SCANS: () => m.office_next_scans(),
  SCANS_REFUSED: (count) => m.office_next_scans_refused({ count }),
  SIDES_FAILED: (count) => m.office_next_sides_failed({ count }),
  PAGES_WAITING: (count) => m.office_next_pages_waiting({ count }),
  COPIES_FAILED: (count) => m.office_next_copies_failed({ count }),
  RENDERING: (count) => m.office_next_rendering({ count }),
  STAGED: (count) => m.office_next_staged({ count }),
  PREPARING: (count) => m.office_next_preparing({ count }),
  UNASSIGNED: (count) => m.office_next_unassigned({ count }),
  FINALIZE_FAILED: (count) => m.office_next_finalize_failed({ count }),
  MARKING: (count) => m.office_next_marking({ count }),
  FINALIZING: (count) => m.office_next_finalizing({ count }),
  UNLINKED: (count) => m.office_next_unlinked({ count }),
  RELEASE: () => m.office_next_release(),
  RELEASED: () => m.office_next_released(),
};

/** Steps that go on without the office. */
const BY_ITSELF: ReadonlySet<Step> = new Set(["RENDERING", "PREPARING", "MARKING", "FINALIZING", "RELEASED"]);

export interface Next {
  text: string;
  href: string;
  isWaiting: boolean;
}

export function whatNext(exam: Exam, ledger: Ledger, progress: Progress): Next {
  const { step, count } = nextStep(exam, ledger, progress);
  return {
    text: SENTENCES[step](count),
    href: `/exams/${exam.id}/${PLACES[step]}`,
    isWaiting: BY_ITSELF.has(step),
  };
}
