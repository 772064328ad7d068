import type { Clock } from "../../core/clock.js";
import type { AppEvent } from "../store.js";
import type { Timers } from "./timers.js";

/** Data comes to the store in batches, so that a flood of it is one change of the screen and keys never wait. */
export interface Batch {
  /** Replaces what waits under the same key: of a list only the newest state counts. */
  put(key: string, event: AppEvent): void;
  /** What waits is dropped. */
  stop(): void;
}

export interface BatchOptions {
  readonly dispatchAll: (events: readonly AppEvent[]) => void;
  readonly timers: Timers;
  readonly clock: Clock;
}

/** Shortest time between two batches; the longer one while there is a flood. */
const gapMs = 33;
const floodGapMs = 100;
/** So many events within one batch are a flood. */
const floodEvents = 8;

/** The first event after a quiet time goes through at once. */
export function createBatch({ dispatchAll, timers, clock }: BatchOptions): Batch {
  const waiting = new Map<string, AppEvent>();
  let puts = 0;
  let gap = gapMs;
  let flushedAt = -Infinity;
  let cancel: (() => void) | null = null;

  function flush(): void {
    cancel = null;
    gap = puts >= floodEvents ? floodGapMs : gapMs;
    puts = 0;
    flushedAt = clock.now();
    const events = [...waiting.values()];
    waiting.clear();
    dispatchAll(events);
  }

  return {
    put(key, event) {
      // At the end, so that a failure and the data after it stay in their order.
      waiting.delete(key);
      waiting.set(key, event);
      puts++;
      if (cancel !== null) return;
      // A clock that was set back must not hold data up.
      const waitMs = Math.min(gap, gap - (clock.now() - flushedAt));
      if (waitMs <= 0) flush();
      else cancel = timers.after(waitMs, flush);
    },
    stop() {
      cancel?.();
      cancel = null;
      waiting.clear();
    },
  };
}
