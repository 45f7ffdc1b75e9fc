/** Decide what an exam needs next from its office: the first thing that holds everything else up. */

export interface StepLedger {
  students: number;
  sides: number;
  scans_open: number;
  scans_refused: number;
  sides_failed: number;
  pages_waiting: number;
  copies_staged: number;
  copies_preparing: number;
  copies_failed: number;
  copies_unlinked: number;
}
export interface StepProgress {
  copies: number;
  unassigned: number;
  open: number;
  finalizing: number;
  failed: number;
}
export interface StepExam {
  state: "open" | "released";
  scheme: readonly unknown[];
}

export type Step =
  | "SCHEME"
  | "ROSTER"
  | "SCANS"
  | "SCANS_REFUSED"
  | "SIDES_FAILED"
  | "PAGES_WAITING"
  | "COPIES_FAILED"
  | "RENDERING"
  | "STAGED"
  | "PREPARING"
  | "UNASSIGNED"
  | "FINALIZE_FAILED"
  | "MARKING"
  | "FINALIZING"
  | "UNLINKED"
  | "RELEASE"
  | "RELEASED";

/** The tab of the exam where each step is done. */
export const PLACES = {
  SCHEME: "scheme",
  ROSTER: "roster",
  SCANS: "batches",
  SCANS_REFUSED: "batches",
  SIDES_FAILED: "staging",
  PAGES_WAITING: "staging",
  COPIES_FAILED: "staging?state=failed",
  RENDERING: "batches",
  STAGED: "staging",
  PREPARING: "staging?state=preparing",
  UNASSIGNED: "marking",
  FINALIZE_FAILED: "marking?state=finalize_failed",
  MARKING: "marking",
  FINALIZING: "marking",
  UNLINKED: "writers",
  RELEASE: "results",
  RELEASED: "results",
} as const satisfies Record<Step, string>;

/** Name the step and how many things it is about. */
export function nextStep(
  exam: StepExam,
  ledger: StepLedger,
  progress: StepProgress,
): { step: Step; count: number } {
  const waiting: [Step, number][] = [
    ["SCHEME", exam.scheme.length ? 0 : 1],
    ["ROSTER", ledger.students ? 0 : 1],
    ["SCANS", ledger.sides + ledger.scans_open + ledger.scans_refused ? 0 : 1],
    ["SCANS_REFUSED", ledger.scans_refused],
    ["SIDES_FAILED", ledger.sides_failed],
    ["PAGES_WAITING", ledger.pages_waiting],
    ["COPIES_FAILED", ledger.copies_failed],
    ["RENDERING", ledger.scans_open],
    ["STAGED", ledger.copies_staged],
    ["PREPARING", ledger.copies_preparing],
    ["UNASSIGNED", progress.unassigned],
    ["FINALIZE_FAILED", progress.failed],
    ["MARKING", progress.open],
    ["FINALIZING", progress.finalizing],
    ["UNLINKED", ledger.copies_unlinked],
    ["RELEASE", exam.state === "released" ? 0 : 1],
  ];
  const first = waiting.find(([, count]) => count > 0);
  return first ? { step: first[0], count: first[1] } : { step: "RELEASED", count: 0 };
}

/** Count what went wrong and waits for a person. */
export function exceptionsOf(ledger: StepLedger | null, progress: StepProgress | null): number {
  if (!ledger) return progress?.failed ?? 0;
  const { scans_refused, sides_failed, pages_waiting, copies_failed } = ledger;
  return scans_refused + sides_failed + pages_waiting + copies_failed + (progress?.failed ?? 0);
}
