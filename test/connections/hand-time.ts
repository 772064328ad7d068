import type { ClientTime } from "../../src/clients/http/time.js";

interface Sleeper {
  readonly dueAt: number;
  readonly wake: () => void;
}

export interface HandTime extends ClientTime {
  /** Moves the clock and wakes everybody who is due. */
  pass(ms: number): void;
  /** Milliseconds until the next sleeper is due; null when nobody sleeps. */
  nextInMs(): number | null;
}

/** Time that a test moves by hand. `advance` moves whatever else has a clock along. */
export function handTime(startAt: number, advance: (ms: number) => void = () => undefined): HandTime {
  let now = startAt;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => now,
    random: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { dueAt: now + ms, wake: () => resolve(undefined) };
        sleepers.add(sleeper);
        const end = () => {
          sleepers.delete(sleeper);
          reject(new Error("aborted"));
        };
        if (signal?.aborted === true) end();
        else signal?.addEventListener("abort", end, { once: true });
      }),
    nextInMs: () => (sleepers.size === 0 ? null : Math.min(...[...sleepers].map(({ dueAt }) => dueAt)) - now),
    pass: (ms) => {
      now += ms;
      advance(ms);
      for (const sleeper of [...sleepers].filter(({ dueAt }) => dueAt <= now)) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}
