export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** When the window ends, seconds since 1970. */
  readonly resetAt: number;
}

const windowMs = 60_000;

/** Counts requests per key in fixed windows of a minute, in memory. */
export function createRateLimiter(requestsPerMinute: number): (key: string, nowMs: number) => Allowance {
  const counts = new Map<string, number>();
  let windowEndMs = 0;
  return (key, nowMs) => {
    // A clock that jumped back would otherwise keep a full window full for as long as it jumped.
    if (nowMs >= windowEndMs || nowMs < windowEndMs - windowMs) {
      counts.clear();
      windowEndMs = (Math.floor(nowMs / windowMs) + 1) * windowMs;
    }
    const used = (counts.get(key) ?? 0) + 1;
    counts.set(key, used);
    return {
      allowed: used <= requestsPerMinute,
      limit: requestsPerMinute,
      remaining: Math.max(0, requestsPerMinute - used),
      resetAt: Math.ceil(windowEndMs / 1000),
    };
  };
}
