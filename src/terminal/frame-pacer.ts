import type { Timers } from "./timers.js";

/** `CSI 5 n`: the terminal answers `CSI 0 n` when it has taken in everything before. */
export const statusQuery = "\x1b[5n";

const watchdogMs = 2_000;
/** Small frames go unasked up to this many bytes in all: no link is too slow for them. */
const freeBytes = 64;
/** Urgent frames on their way beyond which the next one waits as well. */
const maxInFlight = 16;

/**
 * Lets the terminal set the pace: the next frame waits until the last one has been answered. A terminal that never
 * answered is never waited for and, after one watchdog, no longer asked.
 */
export class FramePacer {
  private readonly timers: Timers;
  private readonly onReady: () => void;
  private answers = false;
  private silent = false;
  private inFlight = 0;
  private unaskedBytes = 0;
  private cancelWatchdog: (() => void) | null = null;
  private waiting: (() => void)[] = [];

  /** `onReady` is called when a frame that had to wait may go. */
  constructor(timers: Timers, onReady: () => void) {
    this.timers = timers;
    this.onReady = onReady;
  }

  /** True if a frame may be sent now. */
  get isReady(): boolean {
    return !this.answers || this.inFlight === 0;
  }

  /** True if an urgent frame may be sent now. */
  get isReadyForUrgent(): boolean {
    return !this.answers || this.inFlight < maxInFlight;
  }

  /** Resolves when no answer is on its way any more, as far as one can know. */
  async allAnswered(): Promise<void> {
    if (this.inFlight > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Registers a frame of `bytes`; returns the query to append to it, if any. */
  frame(bytes: number): string {
    this.unaskedBytes += bytes;
    if (this.silent || this.unaskedBytes <= freeBytes) return "";
    if (!this.answers && this.inFlight > 0) return "";
    this.unaskedBytes = 0;
    this.inFlight++;
    this.watch();
    return statusQuery;
  }

  /** The terminal has answered one query. */
  answered(): void {
    this.answers = true;
    this.silent = false;
    if (this.inFlight === 0) return;
    this.inFlight--;
    if (this.inFlight > 0) {
      this.watch();
      return;
    }
    this.unwatch();
    this.ended();
    this.onReady();
  }

  /** Forgets what is on its way: the terminal was lent, left or is not what it was. */
  reset(): void {
    this.unwatch();
    this.inFlight = 0;
    this.unaskedBytes = 0;
    this.ended();
  }

  private watch(): void {
    this.unwatch();
    this.cancelWatchdog = this.timers.after(watchdogMs, () => {
      this.cancelWatchdog = null;
      this.inFlight = 0;
      if (!this.answers) this.silent = true;
      this.ended();
      this.onReady();
    });
  }

  private ended(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private unwatch(): void {
    this.cancelWatchdog?.();
    this.cancelWatchdog = null;
  }
}
