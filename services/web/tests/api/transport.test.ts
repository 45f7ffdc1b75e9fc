import { describe, expect, test } from "vitest";
import { persistent, type Transport } from "$/api/transport";

function transport(...answers: (Response | Error)[]): Transport & { waits: number[]; bodies: string[] } {
  const waits: number[] = [];
  const bodies: string[] = [];
  return {
    waits,
    bodies,
    wait: async (ms) => void waits.push(ms),
    fetch: async (request) => {
      bodies.push(await request.text());
      const next = answers.shift();
      if (next instanceof Error) throw next;
      return next as Response;
    },
  };
}

const request = (): Request => new Request("http://here/x", { method: "POST", body: '{"request_id":"1"}' });
const status = (code: number, headers: Record<string, string> = {}): Response =>
  new Response(code === 204 ? null : "{}", {
    status: code,
    headers: { "Content-Type": "application/json", ...headers },
  });
const proxy = (code: number): Response =>
  new Response("<h1>nginx</h1>", { status: code, headers: { "Content-Type": "text/html" } });
const broken = (): Response =>
  new Response(
    new ReadableStream({ pull: (body) => body.error(new TypeError("connection reset")) }),
    status(200),
  );

describe("a persistent request", () => {
  test("is repeated with the same body while nothing answers", async () => {
    const network = transport(new TypeError("offline"), status(502), status(503), status(200));
    const answer = await persistent(request(), network);

    expect(answer.status).toBe(200);
    expect(network.bodies).toEqual(Array(4).fill('{"request_id":"1"}'));
  });

  test("waits as long as it is asked to", async () => {
    const network = transport(status(503, { "Retry-After": "3" }), status(204));
    await persistent(request(), network);

    expect(network.waits).toEqual([3000]);
  });

  test("is not repeated when it was refused", async () => {
    const network = transport(status(409), status(200));

    expect((await persistent(request(), network)).status).toBe(409);
  });

  test("gives up in the end with what it met last", async () => {
    const network = transport(...Array(4).fill(new TypeError("Failed to fetch")));

    await expect(persistent(request(), network)).rejects.toMatchObject({ reason: "OFFLINE" });
  });

  test.each([200, 404, 500, 502])("is repeated while a proxy answers in its place (%i)", async (code) => {
    const network = transport(proxy(code), status(204));

    expect((await persistent(request(), network)).status).toBe(204);
  });

  test("counts as unanswered when only a proxy spoke", async () => {
    const network = transport(...Array.from({ length: 4 }, () => proxy(404)));

    expect((await persistent(request(), network)).status).toBe(502);
  });

  test("is repeated when the connection breaks in the middle of the answer", async () => {
    const network = transport(broken(), status(200));

    expect(await (await persistent(request(), network)).json()).toEqual({});
  });

  test("is not repeated when its body is too large for a proxy", async () => {
    const network = transport(proxy(413), status(200));

    expect((await persistent(request(), network)).status).toBe(413);
  });
});
