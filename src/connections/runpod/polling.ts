import type { RateGovernor } from "../../clients/http/rate-governor.js";
import type { ClientTime } from "../../clients/http/time.js";
import type { Link, Unsubscribe } from "../../contract/connection.js";
import { toFailure } from "../../core/failure.js";

export interface PollingParts {
  readonly time: ClientTime;
  readonly everyMs: number;
  readonly governor: RateGovernor;
  /** Rejects with FailureError. */
  readonly look: () => Promise<void>;
}

/** Looks again and again at the pace the request limits allow. The link is live while looks succeed. */
export interface Polling {
  link(): Link;
  watchLink(next: (link: Link) => void): Unsubscribe;
  /** Begins; once is enough. */
  start(): void;
  /** Looks at once. */
  lookNow(): void;
  stop(): void;
}

const longestBackoffMs = 60_000;
/** A key that is refused stays so until somebody asks again. */
const untilAsked = 24 * 60 * 60_000;

export function createPolling({ time, everyMs, governor, look }: PollingParts): Polling {
  const over = new AbortController();
  const watchers = new Set<(link: Link) => void>();
  let wake = new AbortController();
  let link: Link = { state: "live", since: time.now() };
  let lastGoodAt = time.now();
  let failures = 0;
  let isStarted = false;

  const isOver = () => over.signal.aborted;
  const tell = (next: Link): void => {
    link = next;
    for (const watcher of watchers) watcher(link);
  };

  /** One look; answers how long to wait before the next. */
  async function round(): Promise<number> {
    try {
      await look();
      failures = 0;
      lastGoodAt = time.now();
      const waitMs = governor.paceMs(everyMs);
      const { isNear, detail } = governor.state();
      const slow = isNear && detail !== null ? { detail } : {};
      if (link.state !== "live" || link.detail !== slow.detail) tell({ state: "live", since: lastGoodAt, ...slow });
      return waitMs;
    } catch (error) {
      const { kind, message } = toFailure(error);
      failures += 1;
      const isRefused = kind === "auth" || kind === "gone";
      const backoffMs = Math.min(longestBackoffMs, everyMs * 2 ** (failures - 1));
      const waitMs = isRefused ? untilAsked : governor.paceMs(backoffMs);
      const retryAt = isRefused ? null : time.now() + waitMs;
      if (!isOver()) tell({ state: "lost", since: lastGoodAt, attempt: failures, retryAt, reason: message });
      return waitMs;
    }
  }

  async function run(firstWaitMs: number): Promise<void> {
    let waitMs = firstWaitMs;
    while (!isOver()) {
      wake = new AbortController();
      await time.sleep(waitMs, AbortSignal.any([wake.signal, over.signal])).catch(() => undefined);
      if (!isOver()) waitMs = await round();
    }
  }

  return {
    link: () => link,
    watchLink: (next) => {
      watchers.add(next);
      next(link);
      return () => watchers.delete(next);
    },
    start: () => {
      if (isStarted) return;
      isStarted = true;
      // Attaching has looked already.
      void run(governor.paceMs(everyMs));
    },
    lookNow: () => wake.abort(),
    stop: () => {
      over.abort();
      watchers.clear();
    },
  };
}
