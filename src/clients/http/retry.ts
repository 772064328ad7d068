/** Reads a header of an answer by its lower-case name. */
export type HeaderOf = (name: string) => string | undefined;

/** What came of one try. */
export interface Try {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** Counted from 1. */
  readonly attempt: number;
  /** null: the connection failed. */
  readonly status: number | null;
  readonly header: HeaderOf;
  readonly nowMs: number;
  /** 0 up to 1. */
  readonly random: number;
}

/** Milliseconds to wait before the next try; null: this was the last. */
export type RetryPolicy = (tried: Try) => number | null;

/** The lab's and Hubify's: reads and deletes by the table below, nothing else twice. */
export const hubifyRetry: RetryPolicy = ({ method, attempt, status, header, nowMs, random }) =>
  method === "POST" || method === "PATCH"
    ? null
    : retryDelayMs(attempt, status, { retryAfter: header("retry-after"), nowMs, random });

/** Which answers are worth another try, and how long to wait first. Mutations without an idempotency key are never sent twice. */
const retryable: Readonly<Record<number, { minDelayMs: number; maxDelayMs: number }>> = {
  408: { minDelayMs: 200, maxDelayMs: 2_000 },
  429: { minDelayMs: 1_000, maxDelayMs: 60_000 },
  500: { minDelayMs: 300, maxDelayMs: 3_000 },
  502: { minDelayMs: 300, maxDelayMs: 5_000 },
  503: { minDelayMs: 500, maxDelayMs: 8_000 },
  504: { minDelayMs: 500, maxDelayMs: 8_000 },
};

/** A connection that never answered; only for requests that may be repeated. */
const networkDelay = { minDelayMs: 200, maxDelayMs: 2_000 };

export const maxTries = 4;

/**
 * Milliseconds to wait before try number `attempt` + 1 (counted from 1), or null when it should not be tried again.
 * `status` is null for a connection failure. Retry-After (seconds or an HTTP date) wins over the table.
 */
export function retryDelayMs(
  attempt: number,
  status: number | null,
  options: { retryAfter?: string | undefined; nowMs: number; random: number },
): number | null {
  if (attempt >= maxTries) return null;
  const window = status === null ? networkDelay : retryable[status];
  if (window === undefined) return null;
  const asked = retryAfterMs(options.retryAfter, options.nowMs);
  if (asked !== null) return Math.min(asked, window.maxDelayMs);
  const backoff = Math.min(window.maxDelayMs, window.minDelayMs * 2 ** (attempt - 1));
  return Math.round(backoff * (0.75 + options.random * 0.5));
}

/** `Retry-After` (seconds or an HTTP date) as milliseconds from now; null without one. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
