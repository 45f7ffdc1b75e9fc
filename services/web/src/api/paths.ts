/** Say the gateway's paths without their common beginning. */
import type { paths as described } from "./schema";

type Short<P> = { [K in keyof P as K extends `/api/v1${infer Rest}` ? Rest : never]: P[K] };

export type paths = Short<described>;
