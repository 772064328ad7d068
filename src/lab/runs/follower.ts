import { diskReason } from "./disk-reason.js";
import type { LiveRun } from "./live-run.js";
import { createPacer } from "./pacer.js";
import { type SettleParts, settleRun } from "./settle.js";
import { type EndedRun, heedRequests, retryMs, tick } from "./tick.js";

export interface Follower {
  follow(run: LiveRun): void;
  live(): readonly LiveRun[];
  /** Ends the following of runs whose pod is gone for good; resolves when they are written as failed with this reason. */
  forsake(podId: string, reason: string): Promise<void>;
  /** Starts the loop: runs that are followed already are looked at from now on. */
  start(): void;
  /** Runs go on; the runs that are being judged are judged again by the next lab. */
  stop(): Promise<void>;
}

/** The loop over live runs. It sleeps until the next one is due, and without any until it is woken: no timer runs then. */
export function createFollower(parts: SettleParts): Follower {
  const { store, nowMs, log } = parts;
  const live = new Map<string, LiveRun>();
  const settling = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const pacer = createPacer();
  let requestsChanged = true;
  let loop: Promise<void> = Promise.resolve();
  let forget = () => undefined as unknown;

  const followed = () => [...live.values()].filter(({ handle }) => !settling.has(handle.marker));

  const settle = ({ run, ending }: EndedRun) => {
    const key = run.handle.marker;
    const work = settleRun(parts, run, ending, stopping.signal)
      .then(() => leave(run))
      .then(() => live.delete(key))
      .catch((error: unknown) => {
        log(`${run.experiment.experimentId}: its end could not be written: ${diskReason(error)}; trying again`);
        run.dueAt = nowMs() + retryMs;
      })
      .then(() => {
        settling.delete(key);
        pacer.wake();
      });
    settling.set(key, work);
  };

  /** Answers when the next look is due. */
  const step = async (): Promise<number> => {
    if (requestsChanged && live.size > 0) {
      requestsChanged = false;
      await heedRequests(store, live.values());
    }
    const due = followed().filter(({ dueAt }) => dueAt <= nowMs());
    try {
      if (due.length > 0) for (const ended of await tick(parts, due)) settle(ended);
    } catch (error) {
      log(`output can't be stored: ${diskReason(error)}; trying again, nothing is lost`);
      for (const run of due) run.dueAt = nowMs() + retryMs;
    }
    return Math.min(...followed().map(({ dueAt }) => dueAt));
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      const next = await step().catch((error: unknown) => {
        log(`runs: ${diskReason(error)}`);
        requestsChanged = true;
        return nowMs() + retryMs;
      });
      await pacer.pause(next - nowMs());
    }
  };

  return {
    follow(run) {
      live.set(run.handle.marker, run);
      requestsChanged = true;
      pacer.wake();
    },
    live: () => [...live.values()],
    async forsake(podId, reason) {
      const gone = [...live.values()].filter(({ handle }) => handle.remote?.podId === podId);
      for (const run of gone) giveUp(run, reason);
      pacer.wake();
      await Promise.all(gone.map(({ over }) => over.promise));
    },
    start() {
      // Events only: output and telemetry change the store many times a second and ask nothing of the runs.
      forget = store.onChange((topics) => {
        if (!topics.has("events")) return;
        requestsChanged = true;
        pacer.wake();
      });
      loop = run();
    },
    async stop() {
      forget();
      stopping.abort();
      pacer.wake();
      await loop;
      await Promise.all(settling.values());
      await Promise.all([...live.values()].map(leave));
    },
  };
}

function giveUp(run: LiveRun, reason: string): void {
  run.forsaken.abort(reason);
  run.dueAt = 0;
}

async function leave({ tail, executor, handle, over }: LiveRun): Promise<void> {
  await tail.close();
  executor.forget(handle);
  over.resolve(undefined);
}
