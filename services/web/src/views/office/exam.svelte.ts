/** Read what the tabs of an exam share; the last value is shown at once when a tab is opened. */
import { answer, http } from "$/api/client";
import { type PageQuery, readAll, readPages } from "$/api/pages";
import type {
  Change,
  ChangeKind,
  Exam,
  Exceptions,
  Ledger,
  List,
  Member,
  Progress,
  StagedCopy,
  Student,
  Zones,
} from "$/api/types";
import { type Resource, resource } from "$/app/resource.svelte";

type InExam = { exam_id: string };

const known = new Map<string, unknown>();

/** Read something of an exam, and again when a change of these kinds is heard in it. */
export function ofExam<T>(
  exam: () => string,
  what: string,
  load: (path: InExam) => Promise<T>,
  kinds: readonly ChangeKind[],
): Resource<T> {
  const key = (): string => `${exam()}/${what}`;
  const keep = async (): Promise<T> => {
    const value = await load({ exam_id: exam() });
    known.set(key(), value);
    return value;
  };
  const read = resource(keep, { kinds, concerns: (change: Change) => change.exam_id === exam() });
  if (known.has(key())) read.set(known.get(key()) as T);
  return read;
}

export function examOf(exam: () => string): Resource<Exam> {
  const load = (path: InExam) => answer<Exam>(http.GET("/exams/{exam_id}", { params: { path } }));
  return ofExam(exam, "exam", load, ["exam"]);
}

export function ledgerOf(exam: () => string): Resource<Ledger> {
  const load = (path: InExam) => answer<Ledger>(http.GET("/exams/{exam_id}/ledger", { params: { path } }));
  return ofExam(exam, "ledger", load, ["ledger", "scan", "staged_copy"]);
}

export function progressOf(exam: () => string): Resource<Progress> {
  const load = (path: InExam) =>
    answer<Progress>(http.GET("/exams/{exam_id}/progress", { params: { path } }));
  return ofExam(exam, "progress", load, ["copy", "exam"]);
}

export function studentsOf(exam: () => string): Resource<List<Student>> {
  const load = async (path: InExam) => ({
    items: await readAll((query) =>
      answer<List<Student>>(http.GET("/exams/{exam_id}/students", { params: { path, query } })),
    ),
  });
  return ofExam(exam, "students", load, ["staged_copy"]);
}

export function membersOf(exam: () => string): Resource<List<Member>> {
  const load = (path: InExam) =>
    answer<List<Member>>(http.GET("/exams/{exam_id}/members", { params: { path } }));
  return ofExam(exam, "members", load, ["exam"]);
}

export function zonesOf(exam: () => string): Resource<Zones> {
  const load = (path: InExam) => answer<Zones>(http.GET("/exams/{exam_id}/zones", { params: { path } }));
  return ofExam(exam, "zones", load, []);
}

/** A copy brings its pages along. */
const STAGED_AT_ONCE = 200;

export function stagedCopies(e: string): Promise<StagedCopy[]> {
  const read = (query: PageQuery) =>
    answer<List<StagedCopy>>(
      http.GET("/exams/{exam_id}/staged-copies", { params: { path: { exam_id: e }, query } }),
    );
  return readAll(read, STAGED_AT_ONCE);
}

/** Read what did not go as it should. */
export async function exceptionsOf(e: string): Promise<Exceptions> {
  const pages = await readPages((query) =>
    answer<Exceptions>(http.GET("/exams/{exam_id}/exceptions", { params: { path: { exam_id: e }, query } })),
  );
  return {
    refused_scans: pages.flatMap((page) => page.refused_scans),
    failed_sides: pages.flatMap((page) => page.failed_sides),
    set_aside_pages: pages.flatMap((page) => page.set_aside_pages),
    next_page_token: "",
  };
}
