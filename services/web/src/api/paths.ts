/** Lay out the gateway's paths for the typed client, in the shape that openapi-typescript gives. */
import type * as t from "./types";

type Json<T> = { content: { "application/json": T } };
type Answer<T> = { responses: { 200: Json<T>; default: Json<unknown> } };
type Placed<P, Q> = { parameters: ([P] extends [never] ? { path?: never } : { path: P }) & { query?: Q } };
type Read<T, P = never, Q = Record<string, string | number>> = Placed<P, Q> & Answer<T>;
type Write<B, T, P = never, Q = Record<string, string>> = Placed<P, Q> & { requestBody: Json<B> } & Answer<T>;
type Remove<P = never> = Placed<P, never> & Answer<never>;

type Once = { request_id: string };
type InExam = { e: string };
type InCopy = { e: string; c: string };

interface AccountPaths {
  "/session": {
    get: Read<t.Session>;
    post: Write<{ email: string; password: string }, t.Session>;
    delete: Remove;
  };
  "/sessions": { get: Read<t.List<t.BrowserSession>> };
  "/sessions/{id}": { delete: Remove<{ id: string }> };
  "/links/{token}": {
    get: Read<t.Link, { token: string }>;
    post: Write<{ password: string; name?: string; language?: t.Language }, t.Session, { token: string }>;
  };
  "/password-resets": { post: Write<{ email: string }, never> };
  "/account": { patch: Write<{ name?: string; language?: t.Language } & Once, t.Account> };
  "/account/password": { post: Write<{ current: string; password: string } & Once, never> };
  "/accounts": {
    get: Read<t.List<t.AccountRow>>;
    post: Write<
      Once & { email: string; name: string; language: t.Language; roles: t.AccountRole[] },
      t.AccountRow
    >;
  };
  "/accounts/{id}": { patch: Write<Once & { state: "active" | "disabled" }, t.AccountRow, { id: string }> };
  "/accounts/{id}/invite": { post: Write<Once, never, { id: string }> };
  "/notices": { get: Read<t.List<t.Notice>> };
  "/notices/read": { post: Write<Once & { notice_ids: string[] }, never> };
  "/health": { get: Read<t.Health> };
  "/version": { get: Read<t.Version> };
}

interface ExamPaths {
  "/exams": {
    get: Read<t.List<t.ExamRow>>;
    post: Write<Once & { name: string; date: string; time_zone: string; language: t.Language }, t.Exam>;
  };
  "/exams/{e}": {
    get: Read<t.Exam, InExam>;
    patch: Write<Once & { version: number } & Partial<Omit<t.Exam, "version">>, t.Exam, InExam>;
  };
  "/exams/{e}/scheme": {
    put: Write<Once & { scheme_version: number; scheme: t.Question[] }, t.Exam, InExam>;
  };
  "/exams/{e}/zones": {
    get: Read<t.Zones, InExam>;
    put: Write<Once & { zones: t.Zone[]; none_confirmed: boolean }, t.Zones, InExam>;
  };
  "/exams/{e}/roster": { post: Write<string, t.RosterReport, InExam> };
  "/exams/{e}/students": { get: Read<t.List<t.Student>, InExam> };
  "/exams/{e}/students/{id}": {
    patch: Write<Once & { presence: t.Student["presence"] }, t.Student, InExam & { id: string }>;
  };
  "/exams/{e}/students/invite": { post: Write<Once, { invited: number }, InExam> };
  "/exams/{e}/members": {
    get: Read<t.List<t.Member>, InExam>;
    post: Write<Once & { email: string; name: string; role: t.MemberRole }, t.Member, InExam>;
  };
  "/exams/{e}/members/{account_id}": { delete: Remove<InExam & { account_id: string }> };
}

interface PaperPaths {
  "/exams/{e}/batches": {
    get: Read<t.List<t.Batch>, InExam>;
    post: Write<Once & { name: string; mode: t.BatchMode; sides_per_copy: number }, t.Batch, InExam>;
  };
  "/uploads": {
    post: Write<Once & { exam_id: string; batch_id: string; file_name: string; bytes: number }, t.Upload>;
  };
  "/uploads/{id}": { get: Read<t.Upload, { id: string }> };
  "/uploads/{id}/complete": { post: Write<Once, { scan: t.Scan }, { id: string }> };
  "/exams/{e}/scans/{s}": { get: Read<t.Scan, InExam & { s: string }> };
  "/exams/{e}/scans/{s}/sides/{n}/retry": { post: Write<Once, t.Scan, InExam & { s: string; n: number }> };
  "/exams/{e}/scans/{s}/sides/{n}/set-aside": {
    post: Write<Once & { reason: string }, t.Scan, InExam & { s: string; n: number }>;
  };
  "/exams/{e}/ledger": { get: Read<t.Ledger, InExam> };
  "/exams/{e}/exceptions": { get: Read<t.Exceptions, InExam> };
  "/exams/{e}/staged-copies": { get: Read<t.List<t.StagedCopy>, InExam> };
  "/exams/{e}/staged-copies/{c}": { get: Read<t.StagedCopy, InCopy> };
  "/exams/{e}/staged-copies/{c}/pages": {
    put: Write<
      Once & {
        version: number;
        pages: { page_id: string; rotation: number }[];
        set_aside: { page_id: string; reason: string }[];
      },
      t.StagedCopy,
      InCopy
    >;
  };
  "/exams/{e}/staged-copies/{c}/split": {
    post: Write<
      Once & { version: number; before_page_id: string },
      { copy: t.StagedCopy; created: t.StagedCopy },
      InCopy
    >;
  };
  "/exams/{e}/staged-copies/{c}/merge": {
    post: Write<Once & { version: number; source_id: string; source_version: number }, t.StagedCopy, InCopy>;
  };
  "/exams/{e}/staged-copies/{c}/student": {
    put: Write<Once & { student_id: string | null; version: number }, t.StagedCopy, InCopy>;
  };
  "/exams/{e}/validations": { post: Write<Once & { copy_ids?: string[] }, { validated: number }, InExam> };
}

interface MarkingPaths {
  "/exams/{e}/dispatches": { post: Write<Once & { marker_ids: string[] }, { dispatched: number }, InExam> };
  "/exams/{e}/reassignments": {
    post: Write<Once & { from_marker_id: string; to_marker_id: string }, { reassigned: number }, InExam>;
  };
  "/exams/{e}/copies": { get: Read<t.List<t.Copy>, InExam> };
  "/exams/{e}/progress": { get: Read<t.Progress, InExam> };
  "/exams/{e}/copies/{c}/reopen": { post: Write<Once & { reason: string }, t.Copy, InCopy> };
  "/exams/{e}/copies/{c}/refinalize": { post: Write<Once, t.Copy, InCopy> };
  "/exams/{e}/release": { get: Read<t.Release, InExam>; post: Write<Once, t.Exam, InExam> };
  "/exams/{e}/exports": { post: Write<Once & { language: t.Language }, t.Export, InExam> };
  "/exams/{e}/exports/{x}": { get: Read<t.Export, InExam & { x: string }> };
  "/lots": { get: Read<t.List<t.Lot>> };
  "/lots/{e}/copies": { get: Read<t.List<t.Copy>, InExam> };
  "/exams/{e}/copies/{c}/marking": { get: Read<t.Marking, InCopy> };
  "/exams/{e}/copies/{c}/lease": { post: Write<Once, t.Lease, InCopy> };
  "/exams/{e}/copies/{c}/lease/{l}": {
    put: Write<Once, t.Lease, InCopy & { l: string }>;
    delete: Remove<InCopy & { l: string }>;
  };
  "/exams/{e}/copies/{c}/acts": { post: Write<{ lease_id: string; acts: t.Act[] }, t.ActsAnswer, InCopy> };
  "/exams/{e}/copies/{c}/finalize": {
    post: Write<Once & { journal_id: string; last_sequence: number }, t.Copy, InCopy>;
  };
  "/results": { get: Read<t.List<t.ResultSummary>> };
  "/results/{copy_id}": { get: Read<t.StudentResult, { copy_id: string }> };
}

export type paths = AccountPaths & ExamPaths & PaperPaths & MarkingPaths;
