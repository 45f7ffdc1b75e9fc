/** Name what a marker works with, as the gateway speaks it: points are integers of 1/100. */

/** A node of the scheme; only leaves are marked, parents come before their children. */
export interface Question {
  id: string;
  parent_id: string;
  label: string;
  title: string;
  maximum: number;
}

/** Points given for one question; null is "not marked", which is not 0. */
export interface Mark {
  question_id: string;
  points: number | null;
  version: number;
}

export interface Remark {
  question_id: string;
  text: string;
  version: number;
}

/** A place in fractions of the displayed page, origin top left. */
export interface Point {
  x: number;
  y: number;
}

export type AnnotationKind = "pen" | "highlighter" | "rectangle" | "tick" | "cross" | "text";

/** A vector drawing or text on a page; `width` and `size` are typographic points. */
export interface Annotation {
  id: string;
  page_id: string;
  kind: AnnotationKind;
  points: Point[];
  color: string;
  width: number;
  size: number;
  text: string;
  /** Fraction of the page width; 0 = to the right edge. */
  box_width: number;
  question_id: string;
  version: number;
}

export interface ActBody {
  set_mark?: { question_id: string; points: number | null; scheme_version: number };
  set_remark?: { question_id: string; text: string };
  set_appreciation?: { text: string };
  put_annotation?: Annotation;
  delete_annotation?: { annotation_id: string };
}

/** One act of a marker, journaled before it is sent. */
export interface Act extends ActBody {
  act_id: string;
  journal_id: string;
  sequence: number;
  base_version: number;
}

export interface ActOutcome {
  act_id: string;
  state: "accepted" | "set_aside" | "refused";
  reason: string;
  version: number;
}

/** An act kept beside the copy because it could not be applied. */
export interface SetAsideAct {
  act: Act;
  reason: string;
  at: string;
  exam_id: string;
  copy_id: string;
  copy_code: string;
  /** The copy is still its author's. */
  is_assigned: boolean;
}

/** One annotation in the shape of the stamping file. */
export interface StampedAnnotation {
  id: string;
  kind: AnnotationKind;
  points: [number, number][];
  color: string;
  width: number;
  opacity?: number;
  size?: number;
  text?: string;
  box?: [number, number, number] | null;
}
