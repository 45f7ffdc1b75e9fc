/** Ask the gateway: typed paths, CSRF header on mutations, repeats while nothing answers, typed problems. */
import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./paths";
import { Problem, problemFrom, problemOf } from "./problem";
import { persistent } from "./transport";

export const BASE = "/api/v1";
const CSRF_HEADER = "X-Korrigo-CSRF";

interface SessionWatch {
  /** The gateway no longer knows the session. */
  ended: () => void;
  /** The browser has another session by now, begun in another tab. */
  changed: () => void;
}

let csrf = "";
let watch: SessionWatch = { ended: () => undefined, changed: () => undefined };
const waiting = new Set<() => void>();

/** Use this session's token for every mutation from now on. */
export function presentCsrf(token: string): void {
  csrf = token;
  for (const goOn of waiting) goOn();
}

/** Call `goOn` each time that a session was taken up, until the returned function is called. */
export function onSession(goOn: () => void): () => void {
  waiting.add(goOn);
  return () => waiting.delete(goOn);
}

/** Tell what to do when answers say that the session is not what it was. */
export function watchSession(react: SessionWatch): void {
  watch = react;
}

/** Make the headers of a mutation that does not go through the typed client. */
export function mutationHeaders(): Record<string, string> {
  return { [CSRF_HEADER]: csrf };
}

/** Make the identity of a mutation: the same for every repeat of it. */
export function once(): { request_id: string } {
  return { request_id: crypto.randomUUID() };
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set(CSRF_HEADER, csrf);
    return request;
  },
};

export const http = createClient<paths>({ baseUrl: BASE, fetch: (request) => persistent(request) });
http.use(guard);

interface Answered {
  data?: unknown;
  error?: unknown;
  response: Response;
}

/** Unwrap an answer, read as a type of `types/`, or throw its problem. */
export async function answer<T = void>(call: Promise<Answered>): Promise<T> {
  const { data, error, response } = await call.catch((thrown: unknown) => {
    throw problemOf(thrown);
  });
  if (response.ok) return data as T;
  throw noted(problemFrom(response, error));
}

/** Let the session be looked at where a problem is about it. */
export function noted(problem: Problem): Problem {
  if (problem.reason === "UNAUTHENTICATED") watch.ended();
  if (problem.reason === "CSRF_MISMATCH") watch.changed();
  return problem;
}

/** Send raw bytes or text, such as a roster or a chunk of a scan. */
export async function send<T>(
  method: "POST" | "PUT",
  path: string,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<T> {
  const request = new Request(new URL(BASE + path, location.origin), {
    method,
    body,
    headers: { ...mutationHeaders(), ...headers },
  });
  return answer<T>(persistent(request).then(readJson));
}

async function readJson(response: Response): Promise<Answered> {
  const body: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  return response.ok ? { data: body, response } : { error: body, response };
}

export { Problem, problemOf };
