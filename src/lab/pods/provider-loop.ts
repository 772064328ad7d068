import { createPacer } from "../runs/pacer.js";
import { watchedMs } from "./pace.js";

export interface ProviderLoop {
  /** Resolves after a look that begins after this call. */
  now(): Promise<void>;
  /** Cuts a long rest short. */
  hurry(): void;
  stop(): Promise<void>;
}

/** Looks, rests as long as the look said, and looks again. */
export function startProviderLoop(look: () => Promise<number>, log: (line: string) => void): ProviderLoop {
  const pacer = createPacer();
  let stopped = false;
  let restUntil = 0;
  let waiting: (() => void)[] = [];
  const isStopped = () => stopped;

  const run = async () => {
    while (!isStopped()) {
      const asked = waiting;
      waiting = [];
      const restMs = await look().catch((error: unknown) => {
        log(`pods: ${String(error)}`);
        return watchedMs;
      });
      for (const resolve of asked) resolve();
      restUntil = performance.now() + restMs;
      if (waiting.length === 0 && !isStopped()) await pacer.pause(restMs);
    }
    for (const resolve of waiting) resolve();
  };
  const running = run();

  return {
    now() {
      if (stopped) return Promise.resolve();
      return new Promise<void>((resolve) => {
        waiting.push(resolve);
        pacer.wake();
      });
    },
    hurry() {
      if (restUntil - performance.now() > watchedMs) pacer.wake();
    },
    async stop() {
      stopped = true;
      pacer.wake();
      await running;
    },
  };
}
