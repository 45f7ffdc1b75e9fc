/** Show copies of an exam as one bar of states. */
import type { Ledger, Progress } from "$/api/types";
import { m } from "$/i18n/generated/messages.js";
import type { Share } from "$/ui/StateBar.svelte";

export function copyShares(ledger: Ledger | null, progress: Progress | null): Share[] {
  const staged = ledger ? ledger.copies_staged + ledger.copies_preparing + ledger.copies_failed : 0;
  return [
    { label: m.office_state_finalized(), value: progress?.finalized ?? 0, tone: "good" },
    { label: m.office_state_finalizing(), value: progress?.finalizing ?? 0, tone: "warn" },
    { label: m.office_state_failed(), value: progress?.failed ?? 0, tone: "bad" },
    { label: m.office_state_open(), value: progress?.open ?? 0, tone: "accent" },
    { label: m.office_state_staged(), value: staged, tone: "neutral" },
  ];
}
