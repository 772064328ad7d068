import type { Timers } from "../../src/terminal/timers.js";

/** Time that stands still until told. */
export class FakeTimers implements Timers {
  private nowMs = 0;
  private readonly waiting = new Map<object, { atMs: number; callback: () => void }>();

  now(): number {
    return this.nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const key = {};
    this.waiting.set(key, { atMs: this.nowMs + delayMs, callback });
    return () => this.waiting.delete(key);
  }

  hold(delayMs: number, callback: () => void): () => void {
    return this.after(delayMs, callback);
  }

  /** Timers that have not fired. */
  get count(): number {
    return this.waiting.size;
  }

  advance(byMs: number): void {
    const endMs = this.nowMs + byMs;
    for (;;) {
      const due = [...this.waiting].filter(([, { atMs }]) => atMs <= endMs).sort((a, b) => a[1].atMs - b[1].atMs)[0];
      if (due === undefined) break;
      this.waiting.delete(due[0]);
      this.nowMs = due[1].atMs;
      due[1].callback();
    }
    this.nowMs = endMs;
  }
}
