export interface Allowance {
  readonly allowed: boolean;
  readonly window: "minute" | "day";
  readonly limit: number;
  readonly remaining: number;
  /** When the window ends, seconds since 1970. */
  readonly resetAt: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** More callers than this in one window share a count: memory stays bounded whatever addresses call. */
const maxKeys = 50_000;
const theRest = "";

/** Counts requests per key in fixed windows, in memory. */
export function createRateLimiter(windowMs = minuteMs): (key: string, limit: number, nowMs: number) => Allowance {
  const counts = new Map<string, number>();
  let windowEndMs = 0;
  return (key, limit, nowMs) => {
    // A clock that jumped back would otherwise keep a full window full for as long as it jumped.
    if (nowMs >= windowEndMs || nowMs < windowEndMs - windowMs) {
      counts.clear();
      windowEndMs = (Math.floor(nowMs / windowMs) + 1) * windowMs;
    }
    const counted = counts.has(key) || counts.size < maxKeys ? key : theRest;
    const used = (counts.get(counted) ?? 0) + 1;
    counts.set(counted, used);
    return allowance("minute", { used, limit, windowEndMs });
  };
}

/** Of a day (UTC) in which this was the `used`th request. */
export const dayAllowance = (used: number, limit: number, nowMs: number): Allowance =>
  allowance("day", { used, limit, windowEndMs: (Math.floor(nowMs / dayMs) + 1) * dayMs });

function allowance(
  window: Allowance["window"],
  { used, limit, windowEndMs }: { used: number; limit: number; windowEndMs: number },
): Allowance {
  return {
    allowed: used <= limit,
    window,
    limit,
    remaining: Math.max(0, limit - used),
    resetAt: Math.ceil(windowEndMs / 1000),
  };
}
