/** Time to come, injected so that tests own it. `src/terminal/timers.ts` has the same shape. */
export interface Timers {
  /** Runs `callback` once after `delayMs`, unless cancelled. */
  after(delayMs: number, callback: () => void): () => void;
}
