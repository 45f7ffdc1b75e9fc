/** Ask the gateway about one copy. */
import { answer, BASE, http, mutationHeaders, once, Problem } from "$/api/client";
import { readAll } from "$/api/pages";
import { reach } from "$/api/transport";
import type { Act, ActsAnswer, Copy, Lease, List, Lot, Marking, SetAsideAct } from "$/api/types";

export interface CopyAddress {
  exam_id: string;
  copy_id: string;
}

/** A keepalive request may carry 64 KiB. */
const LARGEST_FAREWELL = 60_000;

export function readMarking(path: CopyAddress): Promise<Marking> {
  return answer<Marking>(http.GET("/exams/{exam_id}/copies/{copy_id}/marking", { params: { path } }));
}

export function readLots(): Promise<Lot[]> {
  return readAll((query) => answer<List<Lot>>(http.GET("/lots", { params: { query } })));
}

export function readLot(exam_id: string): Promise<Copy[]> {
  return readAll((query) =>
    answer<List<Copy>>(http.GET("/lots/{exam_id}/copies", { params: { path: { exam_id }, query } })),
  );
}

/** Read what this marker wrote and could not be applied, on any copy. */
export function readAside(): Promise<SetAsideAct[]> {
  return readAll((query) => answer<List<SetAsideAct>>(http.GET("/lots/set-aside", { params: { query } })));
}

/** Send acts once; the journal decides when to try again. */
export function sendActs(path: CopyAddress, lease_id: string, acts: readonly Act[]): Promise<ActsAnswer> {
  return answer<ActsAnswer>(
    http.POST("/exams/{exam_id}/copies/{copy_id}/acts", {
      params: { path },
      body: { lease_id, acts: [...acts] },
      fetch: (request) => reach(request),
    }),
  );
}

/** Send what waits while the page goes away; nobody reads the answer, the acts stay on the device until one is read. */
export function sendFarewell(path: CopyAddress, lease_id: string, acts: readonly Act[]): void {
  const body = JSON.stringify({ lease_id, acts });
  if (acts.length === 0 || body.length > LARGEST_FAREWELL) return;
  const headers = { "Content-Type": "application/json", ...mutationHeaders() };
  const address = `${BASE}/exams/${path.exam_id}/copies/${path.copy_id}/acts`;
  fetch(address, { method: "POST", keepalive: true, headers, body }).catch(() => undefined);
}

export function takeLease(path: CopyAddress): Promise<Lease> {
  return answer<Lease>(
    http.POST("/exams/{exam_id}/copies/{copy_id}/lease", { params: { path }, body: once() }),
  );
}

export function renewLease(path: CopyAddress, lease_id: string): Promise<Lease> {
  const params = { path: { ...path, lease_id } };
  return answer<Lease>(http.PUT("/exams/{exam_id}/copies/{copy_id}/lease/{lease_id}", { params }));
}

export function giveLeaseBack(path: CopyAddress, lease_id: string): Promise<void> {
  const params = { path: { ...path, lease_id } };
  return answer(http.DELETE("/exams/{exam_id}/copies/{copy_id}/lease/{lease_id}", { params }));
}

export function finalizeCopy(path: CopyAddress, journal_id: string, last_sequence: number): Promise<Copy> {
  const body = { ...once(), journal_id, last_sequence };
  return answer<Copy>(http.POST("/exams/{exam_id}/copies/{copy_id}/finalize", { params: { path }, body }));
}

/** Have seen enough of an act that was set aside. */
export function dismissAct(path: CopyAddress, act_id: string): Promise<void> {
  const params = { path: { ...path, act_id } };
  return answer(http.DELETE("/exams/{exam_id}/copies/{copy_id}/set-aside/{act_id}", { params }));
}

export { Problem };
