/** Know the copies around this one, and have the next one ready before it is asked for. */
import type { Copy, Marking } from "$/api/types";
import { prefetch } from "$/page/images";
import { readLot, readMarking } from "./calls";

/** Markings read ahead, by copy; each is used once. */
const ahead = new Map<string, Promise<Marking>>();

/** Take the marking that was read ahead, or read it now. */
export function markingOf(address: { exam_id: string; copy_id: string }): Promise<Marking> {
  const known = ahead.get(address.copy_id);
  ahead.delete(address.copy_id);
  return known?.catch(() => readMarking(address)) ?? readMarking(address);
}

export class Neighbours {
  copies = $state.raw<Copy[]>([]);

  constructor(
    private readonly examId: string,
    private readonly copyId: string,
  ) {}

  async load(): Promise<void> {
    this.copies = await readLot(this.examId).catch(() => []);
  }

  get index(): number {
    return this.copies.findIndex((copy) => copy.id === this.copyId);
  }

  beside(by: number): Copy | undefined {
    return this.index < 0 ? undefined : this.copies[this.index + by];
  }

  /** The next copy that is not finalized, going round. */
  get nextOpen(): Copy | undefined {
    const round = [...this.copies.slice(this.index + 1), ...this.copies.slice(0, Math.max(this.index, 0))];
    return round.find((copy) => copy.state === "open");
  }

  /** Read the next copy and its first page ahead. */
  readAhead(): void {
    const next = this.beside(1);
    if (!next || ahead.has(next.id)) return;
    const marking = readMarking({ exam_id: this.examId, copy_id: next.id });
    ahead.clear();
    ahead.set(next.id, marking);
    marking.then((read) => prefetch([read.pages[0]?.image ?? ""])).catch(() => ahead.delete(next.id));
  }
}
