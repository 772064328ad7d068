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

function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
