/** Say a refusal in the reader's language, chosen by its reason. */
import type { Problem } from "./problem";

type Sentence = (values: Record<string, string>) => string;

const modules = import.meta.glob<Record<string, Sentence>>("../i18n/generated/messages/reason_*.js", {
  eager: true,
});
const sentences = new Map(Object.values(modules).flatMap((module) => Object.entries(module)));

/** Say what `reason` means; the reason itself where no sentence is known. */
export function reasonText(reason: string, values: Record<string, string> = {}): string {
  return sentences.get(`reason_${reason}`)?.(values) ?? reason;
}

export function isKnownReason(reason: string): boolean {
  return sentences.has(`reason_${reason}`);
}

/** Say what happened and what to do about it. */
export function explain(problem: Problem): string {
  return reasonText(isKnownReason(problem.reason) ? problem.reason : "UNKNOWN", problem.metadata);
}
