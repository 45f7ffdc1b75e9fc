/** Carry what went wrong from the gateway to a sentence for the reader. */

export interface ProblemBody {
  status?: number;
  detail?: string;
  reason?: string;
  metadata?: Record<string, string>;
  trace_id?: string;
}

/** Say why a request was not answered; `reason` is what the words are chosen by. */
export class Problem extends Error {
  readonly status: number;
  readonly reason: string;
  readonly metadata: Record<string, string>;
  readonly traceId: string;

  constructor(body: ProblemBody) {
    super(body.detail ?? body.reason ?? "");
    this.name = "Problem";
    this.status = body.status ?? 0;
    this.reason = body.reason ?? "UNKNOWN";
    this.metadata = body.metadata ?? {};
    this.traceId = body.trace_id ?? "";
  }

  /** Tell whether waiting may be enough: nothing answered, or something behind it did not. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** Tell whether the session has ended or is another one by now: who signs in can go on. */
  get isOfSession(): boolean {
    return this.reason === "UNAUTHENTICATED" || this.reason === "CSRF_MISMATCH";
  }
}

/** Turn anything thrown into a problem. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (isAbort(thrown)) return new Problem({ reason: "OFFLINE" });
  console.error(thrown);
  return new Problem({ reason: "UNKNOWN", detail: String(thrown) });
}

/** Read the problem of an answer that is not ok. */
export function problemFrom(response: Response, body: unknown): Problem {
  const known = typeof body === "object" && body !== null ? (body as ProblemBody) : {};
  return new Problem({
    ...known,
    status: response.status,
    reason: known.reason ?? reasonOf(response.status),
  });
}

function reasonOf(status: number): string {
  if (status === 502 || status === 503 || status === 504) return "UNAVAILABLE";
  return status === 413 ? "FILE_TOO_LARGE" : "UNKNOWN";
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && (thrown.name === "AbortError" || thrown.name === "TimeoutError");
}
