/** Send a request again while nothing answers; every mutation carries its request id, so a repeat is harmless. */
import { Problem } from "./problem";

const TRIES = 4;
const PASSING = new Set([502, 503, 504]);
const LONGEST_WAIT = 10_000;
const TOO_LARGE = 413;

export interface Transport {
  fetch: (request: Request) => Promise<Response>;
  wait: (ms: number) => Promise<void>;
}

export const browser: Transport = {
  fetch: (request) => fetch(request),
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
};

/** Answer with the first response that is worth reading, or throw what the last try threw. */
export async function persistent(request: Request, transport: Transport = browser): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const answer = await reach(request.clone(), transport).catch((thrown: Problem) => thrown);
    if (answer instanceof Response && !PASSING.has(answer.status)) return answer;
    if (attempt === TRIES || request.signal.aborted) return conclude(answer);
    await transport.wait(pause(attempt, answer));
  }
}

/** Send a request once and read the answer to its end: a connection may break in the middle of it. */
export async function reach(request: Request, transport: Transport = browser): Promise<Response> {
  try {
    const answer = await transport.fetch(request);
    return isForeign(answer) ? unreached(answer) : await whole(answer);
  } catch {
    throw new Problem({ reason: "OFFLINE" });
  }
}

async function whole(answer: Response): Promise<Response> {
  const { status, statusText, headers } = answer;
  const body = await answer.arrayBuffer();
  return new Response(body.byteLength ? body : null, { status, statusText, headers });
}

/**
 * Tell whether something before the gateway answered, whatever its status: a proxy that has no gateway at the moment,
 * or the sign-in page of a network. The gateway itself says everything in JSON.
 */
function isForeign({ status, headers }: Response): boolean {
  const isSilent = status === 204 || status === TOO_LARGE;
  return !isSilent && !headers.get("Content-Type")?.includes("json");
}

function unreached({ headers }: Response): Response {
  return new Response(null, { status: 502, headers });
}

function conclude(answer: Response | Problem): Response {
  if (answer instanceof Response) return answer;
  throw answer;
}

function pause(attempt: number, answer: Response | Problem): number {
  const asked = answer instanceof Response ? Number(answer.headers.get("Retry-After")) * 1000 : 0;
  return Math.min(Math.max(asked || 0, 250 * 2 ** attempt), LONGEST_WAIT);
}
