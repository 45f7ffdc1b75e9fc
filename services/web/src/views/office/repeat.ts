/** Let a person press again after a lost answer without doing anything twice. */
import { once } from "$/api/client";

interface Asked {
  params?: object;
  body: object;
}
type Identified<A extends Asked> = Omit<A, "body"> & { body: A["body"] & { request_id: string } };

export type Act = <A extends Asked, T>(asked: A, send: (asked: Identified<A>) => Promise<T>) => Promise<T>;

/** Give the same request id to the same request until it succeeds; after that, asking again is a new act. */
export function repeatable(): Act {
  let failed = "";
  let identity = once();
  return async (asked, send) => {
    const written = JSON.stringify(asked);
    if (written !== failed) identity = once();
    failed = written;
    const answered = await send({ ...asked, body: { ...asked.body, ...identity } });
    failed = "";
    return answered;
  };
}
