/** Read what the tabs of an exam share; the last value is shown at once when a tab is opened. */
import { answer, http } from "$/api/client";
import type {
  Change,
  ChangeKind,
  Exam,
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
  const load = (path: InExam) =>
    answer<List<Student>>(http.GET("/exams/{exam_id}/students", { params: { path } }));
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

/** Read a list to its end. */
export async function readAll<T>(read: (pageToken: string) => Promise<List<T>>): Promise<T[]> {
  const items: T[] = [];
  let token = "";
  do {
    const page = await read(token);
    items.push(...page.items);
    token = page.next_page_token ?? "";
  } while (token);
  return items;
}

const STAGED_AT_ONCE = 200;

export function stagedCopies(e: string): Promise<StagedCopy[]> {
  return readAll((page_token) =>
    answer<List<StagedCopy>>(
      http.GET("/exams/{exam_id}/staged-copies", {
        params: { path: { exam_id: e }, query: { page_size: STAGED_AT_ONCE, page_token } },
      }),
    ),
  );
}
