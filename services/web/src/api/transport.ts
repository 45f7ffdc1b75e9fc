/** Send a request again while nothing answers; every mutation carries its request id, so a repeat is harmless. */

const TRIES = 4;
const PASSING = new Set([502, 503, 504]);
const LONGEST_WAIT = 10_000;

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
    const answer = await attemptOnce(request.clone(), transport);
    if (answer instanceof Response && !PASSING.has(answer.status)) return answer;
    if (attempt === TRIES || request.signal.aborted) return conclude(answer);
    await transport.wait(pause(attempt, answer));
  }
}

async function attemptOnce(request: Request, transport: Transport): Promise<Response | Error> {
  try {
    return await transport.fetch(request);
  } catch (thrown) {
    return thrown as Error;
  }
}

function conclude(answer: Response | Error): Response {
  if (answer instanceof Response) return answer;
  throw answer;
}

function pause(attempt: number, answer: Response | Error): number {
  const asked = answer instanceof Response ? Number(answer.headers.get("Retry-After")) * 1000 : 0;
  return Math.min(Math.max(asked || 0, 250 * 2 ** attempt), LONGEST_WAIT);
}
