/** Time as the terminal layer needs it; tests bring their own. */
export interface Timers {
  now(): number;
  /** Runs `callback` once after `delayMs`, unless cancelled. Never keeps the process alive. */
  after(delayMs: number, callback: () => void): () => void;
  /** The same, but the process stays alive for it. */
  hold(delayMs: number, callback: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
  hold(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
