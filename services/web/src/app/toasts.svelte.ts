/** Tell the reader something that passes. */
import { problemOf } from "$/api/client";
import { explain } from "$/api/reasons";

export interface Toast {
  id: number;
  tone: "done" | "failed";
  text: string;
  traceId: string;
}

const SHOWN_FOR = 6_000;

class Toasts {
  /** The newest first. */
  shown = $state.raw<Toast[]>([]);
  #last = 0;

  done(text: string): void {
    this.#show({ id: ++this.#last, tone: "done", text, traceId: "" });
  }

  /** Say what failed; it stays until dismissed, with the reference to copy. An ended session has a screen of its own. */
  failed(thrown: unknown): void {
    const problem = problemOf(thrown);
    if (problem.reason === "UNAUTHENTICATED") return;
    this.#show({ id: ++this.#last, tone: "failed", text: explain(problem), traceId: problem.traceId });
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }

  dismissAll(): void {
    this.shown = [];
  }

  #show(toast: Toast): void {
    this.shown = [toast, ...this.shown];
    if (toast.tone === "done") setTimeout(() => this.dismiss(toast.id), SHOWN_FOR);
  }
}

export const toasts = new Toasts();
