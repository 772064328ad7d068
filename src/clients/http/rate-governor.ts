import { type RateWindow, rateWindows } from "./rate-limit.js";
import { type HeaderOf, retryAfterMs } from "./retry.js";

export interface RateState {
  /** Some window is nearly used up, or polling is slower than it was asked to be because of one. */
  readonly isNear: boolean;
  /** The window that decides, in words: `minute: 3 of 60 requests left, full again in 12 s`. null when none is known. */
  readonly detail: string | null;
}

/**
 * Keeps pollers inside a server's request limits. Every answer is noted; `paceMs` then says how long to wait before the next
 * poll so that no window runs dry before it is full again.
 */
export interface RateGovernor {
  note(status: number, header: HeaderOf): void;
  /** At least `atLeastMs`; more when `requests` per poll would use a window up before its end, or when the server said so. */
  paceMs(atLeastMs: number, requests?: number): number;
  state(): RateState;
}

interface KnownWindow extends RateWindow {
  readonly notedAt: number;
  readonly resetAt: number;
}

/** Of each window, kept back for what a person does: a poller must not use the last requests. */
const reserve = 0.1;
const nearShare = 0.1;
/** However little is left: whoever looks at a screen wants some sign of life. */
const slowestPaceMs = 15 * 60_000;

export function createRateGovernor(clock: { now(): number }): RateGovernor {
  let windows: readonly KnownWindow[] = [];
  /** After a 429: no request before then. */
  let blockedUntil = 0;
  let isSlowed = false;

  // A window whose end has come is full again: nothing is known of it until the next answer.
  const open = (now: number) => windows.filter((window) => window.resetAt > now);

  return {
    note: (status, header) => {
      const now = clock.now();
      const told = rateWindows(header("ratelimit"), header("ratelimit-policy"));
      if (told.length > 0) windows = told.flatMap((window) => known(window, now));
      if (status !== 429) return;
      const waitMs = retryAfterMs(header("retry-after"), now) ?? emptyForMs(told);
      blockedUntil = Math.max(blockedUntil, now + waitMs);
    },
    paceMs: (atLeastMs, requests = 1) => {
      const now = clock.now();
      const paces = open(now).map((window) => sustainableMs(window, now) * requests);
      const paceMs = Math.min(slowestPaceMs, Math.ceil(Math.max(atLeastMs, blockedUntil - now, ...paces)));
      isSlowed = paceMs > atLeastMs;
      return paceMs;
    },
    state: () => {
      const now = clock.now();
      const tightest = open(now).toSorted((a, b) => sustainableMs(b, now) - sustainableMs(a, now))[0];
      const isBlocked = blockedUntil > now;
      if (tightest === undefined) {
        const seconds = Math.ceil((blockedUntil - now) / 1000);
        return { isNear: isBlocked, detail: isBlocked ? `request limit reached, ${seconds} s to wait` : null };
      }
      return { isNear: isBlocked || isSlowed || open(now).some(isNearlyEmpty), detail: inWords(tightest, now) };
    },
  };
}

/** Longest `t` among the windows with nothing left; 0 when none says so. */
export function emptyForMs(windows: readonly RateWindow[]): number {
  return Math.max(0, ...windows.filter(({ remaining }) => remaining === 0).map((w) => (w.resetSeconds ?? 0) * 1000));
}

/** A window that says when it ends, or at least how long it is; else there is no pace to be had from it. */
function known(window: RateWindow, notedAt: number): readonly KnownWindow[] {
  const seconds = window.resetSeconds ?? window.windowSeconds;
  if (window.remaining === null || seconds === null) return [];
  return [{ ...window, notedAt, resetAt: notedAt + seconds * 1000 }];
}

/** Milliseconds between two requests at which the window lasts until its end. */
function sustainableMs(window: KnownWindow, now: number): number {
  const restMs = window.resetAt - now;
  const remaining = window.remaining ?? 0;
  const keptBack = Math.floor((window.quota ?? remaining) * reserve);
  return restMs / Math.max(1, remaining - keptBack);
}

function isNearlyEmpty({ remaining, quota }: KnownWindow): boolean {
  return remaining === 0 || (quota !== null && quota > 0 && (remaining ?? 0) < quota * nearShare);
}

function inWords({ name, remaining, quota, resetAt }: KnownWindow, now: number): string {
  const of = quota === null ? "" : ` of ${quota}`;
  return `${name}: ${remaining ?? 0}${of} requests left, full again in ${Math.ceil((resetAt - now) / 1000)} s`;
}
