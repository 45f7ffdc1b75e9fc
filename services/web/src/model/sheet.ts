/** Hold what one copy carries, and change it one thing at a time; every change knows its opposite. */
import type { Act, ActBody, Annotation, Mark, Remark } from "./types";

export interface Sheet {
  readonly marks: ReadonlyMap<string, number | null>;
  readonly remarks: ReadonlyMap<string, string>;
  readonly appreciation: string;
  readonly annotations: ReadonlyMap<string, Annotation>;
}

export type Change =
  | { kind: "mark"; question: string; points: number | null }
  | { kind: "remark"; question: string; text: string }
  | { kind: "appreciation"; text: string }
  | { kind: "put"; annotation: Annotation }
  | { kind: "delete"; annotation: string };

/** What the server keeps of a copy, as far as acts change it. */
export interface Stored {
  marks: readonly Mark[];
  remarks: readonly Remark[];
  appreciation: string;
  appreciation_version: number;
  annotations: readonly Annotation[];
}

/** Name the thing that a change is about; versions are kept by it. */
export function thingOf(change: Change): string {
  switch (change.kind) {
    case "mark":
      return `mark:${change.question}`;
    case "remark":
      return `remark:${change.question}`;
    case "appreciation":
      return "appreciation";
    case "put":
      return `annotation:${change.annotation.id}`;
    case "delete":
      return `annotation:${change.annotation}`;
  }
}

export function apply(sheet: Sheet, change: Change): Sheet {
  switch (change.kind) {
    case "mark":
      return { ...sheet, marks: withEntry(sheet.marks, change.question, change.points) };
    case "remark":
      return { ...sheet, remarks: withEntry(sheet.remarks, change.question, change.text) };
    case "appreciation":
      return { ...sheet, appreciation: change.text };
    case "put":
      return {
        ...sheet,
        annotations: withEntry(sheet.annotations, change.annotation.id, change.annotation),
      };
    case "delete":
      return { ...sheet, annotations: without(sheet.annotations, change.annotation) };
  }
}

/** Make the change that brings back what `change` would replace; null when it would replace nothing. */
export function inverse(sheet: Sheet, change: Change): Change | null {
  switch (change.kind) {
    case "mark":
      return { ...change, points: sheet.marks.get(change.question) ?? null };
    case "remark":
      return { ...change, text: sheet.remarks.get(change.question) ?? "" };
    case "appreciation":
      return { ...change, text: sheet.appreciation };
    case "put":
      return restore(sheet, change.annotation.id) ?? { kind: "delete", annotation: change.annotation.id };
    case "delete":
      return restore(sheet, change.annotation);
  }
}

/** Tell whether two sheets say the same about the thing of a change. */
export function isDone(sheet: Sheet, change: Change): boolean {
  switch (change.kind) {
    case "mark":
      return (sheet.marks.get(change.question) ?? null) === change.points;
    case "remark":
      return (sheet.remarks.get(change.question) ?? "") === change.text;
    case "appreciation":
      return sheet.appreciation === change.text;
    case "put":
      return isSameDrawing(sheet.annotations.get(change.annotation.id), change.annotation);
    case "delete":
      return !sheet.annotations.has(change.annotation);
  }
}

/** Say a change the way an act is sent. */
export function bodyOf(change: Change, schemeVersion: number): ActBody {
  switch (change.kind) {
    case "mark":
      return {
        set_mark: { question_id: change.question, points: change.points, scheme_version: schemeVersion },
      };
    case "remark":
      return { set_remark: { question_id: change.question, text: change.text } };
    case "appreciation":
      return { set_appreciation: { text: change.text } };
    case "put":
      return { put_annotation: change.annotation };
    case "delete":
      return { delete_annotation: { annotation_id: change.annotation } };
  }
}

/** Read an act back as a change; null for an act of a kind that is not known here. */
export function changeOf(act: Act | ActBody): Change | null {
  if (act.set_mark) return { kind: "mark", question: act.set_mark.question_id, points: act.set_mark.points };
  if (act.set_remark)
    return { kind: "remark", question: act.set_remark.question_id, text: act.set_remark.text };
  if (act.set_appreciation) return { kind: "appreciation", text: act.set_appreciation.text };
  if (act.put_annotation) return { kind: "put", annotation: act.put_annotation };
  if (act.delete_annotation) return { kind: "delete", annotation: act.delete_annotation.annotation_id };
  return null;
}

export function sheetOf(stored: Stored): Sheet {
  return {
    marks: new Map(stored.marks.map((mark) => [mark.question_id, mark.points ?? null])),
    remarks: new Map(stored.remarks.map((remark) => [remark.question_id, remark.text])),
    appreciation: stored.appreciation,
    annotations: new Map(stored.annotations.map((annotation) => [annotation.id, annotation])),
  };
}

/** List the version of each thing that the server keeps; what is not listed does not exist there: 0. */
export function versionsOf(stored: Stored): Map<string, number> {
  return new Map([
    ...stored.marks.map((mark) => [`mark:${mark.question_id}`, mark.version] as const),
    ...stored.remarks.map((remark) => [`remark:${remark.question_id}`, remark.version] as const),
    ...stored.annotations.map((annotation) => [`annotation:${annotation.id}`, annotation.version] as const),
    ["appreciation", stored.appreciation_version] as const,
  ]);
}

function isSameDrawing(a: Annotation | undefined, b: Annotation): boolean {
  return a !== undefined && JSON.stringify({ ...a, version: 0 }) === JSON.stringify({ ...b, version: 0 });
}

function restore(sheet: Sheet, id: string): Change | null {
  const annotation = sheet.annotations.get(id);
  return annotation ? { kind: "put", annotation } : null;
}

function withEntry<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(key, value);
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
