/** From scans to staged copies, and who wrote them. */
import type { components } from "../schema";
export type BatchMode = "file_per_copy" | "every_n_sides" | "a3_booklet";
export type ScanState =
  | "sealing"
  | "inspecting"
  | "rendering"
  | "settled"
  | "refused"
  | "dismissed"
  | "duplicate";
export interface Scan {
  id: string;
  batch_id: string;
  exam_id: string;
  file_name: string;
  sha256: string;
  bytes: number;
  state: ScanState;
  reason: string;
  dismissal: string;
  replaced_by: string;
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
export type Upload = components["schemas"]["Upload"];
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
  home: Home | null;
}
/** Where late pages belong: page 3 of copy 12. */
export interface Home {
  copy_id: string;
  number: number;
  page: number;
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
  set_aside_pages: Page[];
  refused_scans: Scan[];
  next_page_token: string;
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
  copies_late: number;
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
