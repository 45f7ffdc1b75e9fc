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
  new Response("", { status: code, headers });

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
    const network = transport(...Array(4).fill(new TypeError("offline")));

    await expect(persistent(request(), network)).rejects.toThrow("offline");
  });
});
