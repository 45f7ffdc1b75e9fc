/** Keep the right to write on a copy: take it, extend it every minute, take it again when it was lost. */
import { type Problem, problemOf } from "$/api/client";
import type { Lease } from "$/api/types";
import { type CopyAddress, giveLeaseBack, renewLease, takeLease } from "./calls";

const HEARTBEAT = 60_000;

/** "gone": the copy itself is another marker's now. */
export type LeaseState = "none" | "held" | "elsewhere" | "unsure" | "gone";

export class LeaseKeeper {
  state = $state<LeaseState>("none");
  #lease: Lease | null = null;
  #taking: Promise<void> | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly address: CopyAddress) {}

  get id(): string {
    return this.#lease?.id ?? "";
  }

  /** Take the lease and keep it until `stop`. */
  async start(): Promise<void> {
    this.#timer ??= setInterval(() => void this.beat(), HEARTBEAT);
    await this.ensure().catch(() => undefined);
  }

  /** Have a lease, or throw why not. */
  ensure(): Promise<void> {
    if (this.#lease) return Promise.resolve();
    this.#taking ??= this.#take().finally(() => {
      this.#taking = null;
    });
    return this.#taking;
  }

  /** Use the lease that an answer carries; null means that another holds it. */
  adopt(lease: Lease | null): void {
    this.#lease = lease;
    this.state = lease ? "held" : "elsewhere";
  }

  /** Learn from a refusal to show the copy that it is another marker's now. */
  readRefusal(problem: Problem): void {
    if (problem.status === 404) this.#read(problem);
  }

  /** Extend the lease, or take it up again. */
  async beat(): Promise<void> {
    try {
      if (this.#lease) this.adopt(await renewLease(this.address, this.#lease.id));
      else await this.ensure();
    } catch (thrown) {
      await this.#lose(problemOf(thrown));
    }
  }

  /** Stop the heartbeat and give the lease back. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const lease = this.#lease;
    this.#lease = null;
    this.state = "none";
    if (lease) await giveLeaseBack(this.address, lease.id).catch(() => undefined);
  }

  async #take(): Promise<void> {
    try {
      this.adopt(await takeLease(this.address));
    } catch (thrown) {
      this.#read(problemOf(thrown));
      throw thrown;
    }
  }

  async #lose(problem: Problem): Promise<void> {
    if (problem.isPassing || !this.#lease) return this.#read(problem);
    this.#lease = null;
    await this.ensure().catch(() => undefined);
  }

  #read(problem: Problem): void {
    if (problem.status === 404) this.state = "gone";
    else this.state = problem.reason === "LEASE_HELD" ? "elsewhere" : "unsure";
  }
}
