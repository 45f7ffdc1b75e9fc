/** Name what the gateway speaks: points are integers of 1/100, times are ISO UTC, enums are lower-case words. */
import type {
  ActOutcome,
  Annotation,
  Mark,
  Question,
  Remark,
  SetAsideAct,
  StampedAnnotation,
} from "$/model/types";

export type * from "$/model/types";

export type Language = "fr" | "en";
export type AccountRole = "admin" | "operator" | "office";
export type MemberRole = "office" | "marker";

export interface Account {
  id: string;
  email: string;
  name: string;
  language: Language;
  roles: AccountRole[];
}
export interface Membership {
  exam_id: string;
  role: MemberRole;
}
export interface Session {
  account: Account | null;
  csrf: string;
  memberships: Membership[];
}
export interface BrowserSession {
  id: string;
  created_at: string;
  last_seen_at: string;
  user_agent: string;
  is_current: boolean;
}
export interface Link {
  kind: "invitation" | "password_reset";
  email: string;
  name: string;
}
export interface AccountRow extends Account {
  state: "invited" | "active" | "disabled";
  created_at: string;
  last_seen_at: string | null;
}

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
export interface Member {
  account_id: string;
  email: string;
  name: string;
  role: MemberRole;
  state: "invited" | "active" | "disabled";
}

export type BatchMode = "file_per_copy" | "every_n_sides" | "a3_booklet";
export type ScanState = "sealing" | "inspecting" | "rendering" | "settled" | "refused" | "duplicate";
export interface Scan {
  id: string;
  batch_id: string;
  exam_id: string;
  file_name: string;
  sha256: string;
  bytes: number;
  state: ScanState;
  reason: string;
  duplicate_of: string;
  sides: number;
  sides_rendered: number;
  sides_failed: number;
  copies: number;
  version: number;
  received_at: string;
}
export interface Batch {
  id: string;
  exam_id: string;
  name: string;
  mode: BatchMode;
  sides_per_copy: number;
  created_at: string;
  scans: Scan[];
}
export interface Upload {
  id: string;
  chunk_bytes: number;
  chunks: number;
  received: number[];
}
export interface Page {
  id: string;
  scan_id: string;
  side: number;
  crop: "full" | "left" | "right";
  rotation: 0 | 90 | 180 | 270;
  is_blank: boolean;
  image: string;
  thumbnail: string;
  preview: string;
  width: number;
  height: number;
  set_aside_reason: string;
  copy_id: string;
}
export type StagedState = "staged" | "preparing" | "ready" | "failed" | "consumed";
export interface StagedCopy {
  id: string;
  exam_id: string;
  number: number;
  state: StagedState;
  reason: string;
  pages: Page[];
  student_id: string;
  student_name: string;
  version: number;
  scan_id: string;
}
export interface FailedSide {
  scan_id: string;
  file_name: string;
  side: number;
  reason: string;
  attempts: number;
  set_aside_reason: string;
}
export interface Exceptions {
  failed_sides: FailedSide[];
  waiting_pages: Page[];
  set_aside_pages: Page[];
  refused_scans: Scan[];
}
export interface Blocker {
  reason: string;
  count: number;
}
export interface Ledger {
  version: number;
  sides: number;
  sides_pending: number;
  sides_rendered: number;
  sides_failed: number;
  sides_set_aside: number;
  pages: number;
  pages_on_copies: number;
  pages_set_aside: number;
  pages_waiting: number;
  scans_open: number;
  scans_refused: number;
  copies: number;
  copies_staged: number;
  copies_preparing: number;
  copies_ready: number;
  copies_failed: number;
  copies_unlinked: number;
  students: number;
  students_without_copy: number;
  open: Blocker[];
}
export interface Zone {
  page: number;
  every: number;
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Zones {
  zones: Zone[];
  none_confirmed: boolean;
  version: number;
}
export interface Student {
  id: string;
  exam_id: string;
  last_name: string;
  first_name: string;
  birth_date: string;
  email: string;
  class_name: string;
  group_name: string;
  presence: "present" | "absent" | "excused";
  copy_id: string;
  account_id: string;
}
export interface RosterLine {
  line: number;
  outcome: string;
  detail: string;
}
export interface RosterReport {
  lines: RosterLine[];
  added: number;
  updated: number;
  unchanged: number;
  refused: number;
  imported: boolean;
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

export type ChangeKind = "scan" | "staged_copy" | "ledger" | "exam" | "copy" | "export" | "notice";
export interface Change {
  kind: ChangeKind;
  id: string;
  exam_id: string;
  version: number;
}
export interface Notice {
  id: string;
  kind: string;
  exam_id: string;
  exam_name: string;
  created_at: string;
  is_read: boolean;
}
export interface Health {
  services: { name: string; ready: boolean; reason: string }[];
  deliveries: {
    id: string;
    kind: string;
    state: string;
    attempts: number;
    reason: string;
    created_at: string;
  }[];
}
export interface Version {
  version: string;
  source: string;
}
export interface List<T> {
  items: T[];
  next_page_token?: string;
}
