/** Say a change in words: what it is about, and what it says. */
import { points } from "$/i18n/format";
import { m } from "$/i18n/generated/messages.js";
import type { Change } from "$/model/sheet";
import type { Question } from "$/model/types";
import { nameOf } from "$/page/names";

export function subjectOf(change: Change, scheme: readonly Pick<Question, "id" | "label">[]): string {
  if (change.kind === "appreciation") return m.desk_appreciation();
  if (change.kind === "put" || change.kind === "delete") return m.desk_annotation();
  const question = scheme.find((one) => one.id === change.question)?.label ?? "?";
  return change.kind === "mark" ? m.desk_conflict_mark({ question }) : m.desk_remark_of({ question });
}

export function sayingOf(change: Change | null): string {
  switch (change?.kind) {
    case "mark":
      return points(change.points);
    case "remark":
    case "appreciation":
      return change.text || m.desk_conflict_nothing();
    case "put":
      return nameOf(change.annotation);
    case "delete":
    case undefined:
      return m.desk_conflict_nothing();
  }
}
