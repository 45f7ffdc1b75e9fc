/** Connect the upload runner to the gateway. */
import { answer, BASE, http, mutationHeaders, noted, once, Problem, problemOf } from "$/api/client";
import type { ProblemBody } from "$/api/problem";
import type { Scan } from "$/api/types";
import type { Wire } from "$/model/upload/runner";
import type { Announced, Upload } from "$/model/upload/upload";

export function uploadWire(tell: Wire["tell"]): Wire {
  return {
    tell,
    newId: () => crypto.randomUUID(),
    open: announce,
    read: (id) =>
      answer<Announced>(http.GET("/uploads/{upload_id}", { params: { path: { upload_id: id } } })),
    put,
    cancel: (upload_id) => answer(http.DELETE("/uploads/{upload_id}", { params: { path: { upload_id } } })),
    complete,
    wait: (ms) => new Promise((done) => setTimeout(done, ms)),
    describe: (thrown) => {
      const { isPassing, isOfSession, reason } = problemOf(thrown);
      return { isPassing: isPassing || isOfSession, reason };
    },
  };
}

function announce(upload: Upload): Promise<Announced> {
  const { id, examId, batchId, fileName, bytes, replaces } = upload;
  if (bytes === 0) return Promise.reject(new Problem({ status: 422, reason: "FILE_EMPTY" }));
  const placed = { exam_id: examId, batch_id: batchId, replaces: replaces || null };
  const body = { request_id: id, file_name: fileName, bytes, ...placed };
  return answer<Announced>(http.POST("/uploads", { body }));
}

async function complete(upload_id: string): Promise<string> {
  const call = http.POST("/uploads/{upload_id}/complete", { params: { path: { upload_id } }, body: once() });
  const { scan } = await answer<{ scan: Scan }>(call);
  return scan.id;
}

/** Send one piece; only XMLHttpRequest tells how much of it has left. */
function put(upload: Upload, chunk: number, piece: Blob, progressed: (bytes: number) => void): Promise<void> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `${BASE}/uploads/${upload.id}/${chunk}`);
    for (const [name, value] of Object.entries(mutationHeaders())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => progressed(event.loaded);
    request.onload = () => (request.status < 300 ? done() : fail(noted(problemOfAnswer(request))));
    request.onerror = () => fail(new Problem({ reason: "OFFLINE" }));
    request.send(piece);
  });
}

function problemOfAnswer(request: XMLHttpRequest): Problem {
  return new Problem({ status: request.status, ...bodyOf(request) });
}

/** A body that is not JSON comes from something before the gateway. */
function bodyOf({ status, responseText }: XMLHttpRequest): ProblemBody {
  try {
    return JSON.parse(responseText) as ProblemBody;
  } catch {
    return status === 413 ? { reason: "FILE_TOO_LARGE" } : { status: 502, reason: "UNAVAILABLE" };
  }
}
