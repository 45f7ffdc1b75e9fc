/** Hold the names in `types/` against the gateway's own description; a difference is a type error here. */
import type { components } from "./schema";
import type * as t from "./types";

type Schemas = components["schemas"];

/** What the gateway says, without the words that it never says. */
type Said<T> = T extends "unspecified"
  ? never
  : T extends readonly (infer Item)[]
    ? Said<Item>[]
    : T extends object
      ? { [K in keyof T]: Said<T[K]> }
      : T;

/** What is read here; the description marks nested messages as possibly absent, and knows no angles or languages. */
type Read<T> = T extends number ? number : T extends t.Language ? string : ReadMore<T>;
type ReadMore<T> = T extends readonly (infer Item)[]
  ? Read<Item>[]
  : T extends object
    ? { [K in keyof T]: Read<T[K]> | null }
    : T;

type Names<A, B> = [Exclude<keyof A, keyof B>, Exclude<keyof B, keyof A>] extends [never, never]
  ? true
  : never;
type Agrees<Described, Here> = Said<Described> extends Read<Here> ? Names<Described, Here> : never;

export const AGREED: {
  batch: Agrees<Schemas["Batch"], t.Batch>;
  copy: Agrees<Schemas["Copy"], t.Copy>;
  exam: Agrees<Schemas["Exam"], t.Exam>;
  exam_row: Agrees<Schemas["ExamRow"], t.ExamRow>;
  exceptions: Agrees<Schemas["ListExceptionsResponse"], t.Exceptions>;
  export: Agrees<Schemas["Export"], t.Export>;
  health: Agrees<Schemas["Health"], t.Health>;
  ledger: Agrees<Schemas["Ledger"], t.Ledger>;
  lot: Agrees<Schemas["Lot"], t.Lot>;
  marking: Agrees<Schemas["Marking"], t.Marking>;
  notice: Agrees<Schemas["Notice"], t.Notice>;
  outcomes: Agrees<Schemas["RecordActsResponse"], t.ActsAnswer>;
  progress: Agrees<Schemas["Progress"], t.Progress>;
  release: Agrees<Schemas["Release"], t.Release>;
  roster: Agrees<Schemas["ImportRosterResponse"], t.RosterReport>;
  staged: Agrees<Schemas["StagedCopy"], t.StagedCopy>;
  student: Agrees<Schemas["Student"], t.Student>;
  zones: Agrees<Schemas["GetZonesResponse"], t.Zones>;
} = {
  batch: true,
  copy: true,
  exam: true,
  exam_row: true,
  exceptions: true,
  export: true,
  health: true,
  ledger: true,
  lot: true,
  marking: true,
  notice: true,
  outcomes: true,
  progress: true,
  release: true,
  roster: true,
  staged: true,
  student: true,
  zones: true,
};
