/** Exams, copies under their codes, and results. */
import type {
  ActOutcome,
  Annotation,
  Mark,
  Question,
  Remark,
  SetAsideAct,
  StampedAnnotation,
} from "$/model/types";
import type { Language, MemberRole } from "./accounts";
import type { Blocker, Ledger } from "./paper";

export interface Exam {
  id: string;
  name: string;
  date: string;
  time_zone: string;
  state: "open" | "released";
  result_scale: number;
  rounding: number;
  mark_step: number;
  scheme: Question[];
  scheme_version: number;
  version: number;
  release: number;
  language: Language;
}
export interface ExamRow extends Exam {
  role: MemberRole;
  progress: Progress | null;
  ledger: Ledger | null;
}
export interface MarkerProgress {
  marker_id: string;
  copies: number;
  finalized: number;
  questions: number;
  questions_marked: number;
}
export interface Progress {
  copies: number;
  unassigned: number;
  open: number;
  finalizing: number;
  finalized: number;
  failed: number;
  questions: number;
  questions_marked: number;
  markers: MarkerProgress[];
}
export interface Export {
  id: string;
  exam_id: string;
  state: "making" | "ready" | "failed";
  file_name: string;
  reason: string;
}
export interface Release {
  state: "open" | "released";
  release: number;
  blockers: Blocker[];
  ledger_version: number;
}
export interface Lease {
  id: string;
  marker_id: string;
  expires_at: string;
}
export type CopyState = "open" | "finalizing" | "finalized" | "finalize_failed";
export interface Copy {
  id: string;
  exam_id: string;
  code: string;
  state: CopyState;
  reason: string;
  attempts: number;
  version: number;
  content_version: number;
  marker_id: string;
  questions: number;
  questions_marked: number;
  points: number;
  pages: number;
  lease: Lease | null;
}
export interface CopyPage {
  page_id: string;
  image: string;
  thumbnail: string;
  width: number;
  height: number;
}
export interface ActsAnswer {
  outcomes: ActOutcome[];
  copy_version: number;
  lease: Lease | null;
}
export interface Marking {
  copy: Copy;
  exam: Exam;
  pages: CopyPage[];
  marks: Mark[];
  remarks: Remark[];
  appreciation: string;
  appreciation_version: number;
  annotations: Annotation[];
  set_aside: SetAsideAct[];
}
export interface Lot {
  exam_id: string;
  exam_name: string;
  exam_date: string;
  copies: number;
  finalized: number;
  questions: number;
  questions_marked: number;
  next_copy_id: string;
}
export interface QuestionResult {
  question_id: string;
  label: string;
  title: string;
  depth: number;
  is_leaf: boolean;
  points: number | null;
  maximum: number;
  remark: string;
}
export interface ResultPage {
  page_id: string;
  image: string;
  thumbnail: string;
  width: number;
  height: number;
  annotations: StampedAnnotation[];
}
export interface ResultSummary {
  exam_id: string;
  exam_name: string;
  exam_date: string;
  copy_id: string;
  total: number;
  scale: number;
}
export interface StudentResult extends ResultSummary {
  code: string;
  student_name: string;
  raw_total: number;
  raw_maximum: number;
  questions: QuestionResult[];
  appreciation: string;
  pages: ResultPage[];
  content_version: number;
}
