/** Name what the gateway speaks: points are integers of 1/100, times are ISO UTC, enums are lower-case words. */
export type * from "$/model/types";
export type * from "./accounts";
export type * from "./marking";
export type * from "./paper";

export type ChangeKind = "scan" | "staged_copy" | "ledger" | "exam" | "copy" | "export" | "notice";
export interface Change {
  kind: ChangeKind;
  id: string;
  exam_id: string;
  version: number;
}
export interface List<T> {
  items: T[];
  next_page_token?: string;
}
