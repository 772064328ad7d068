/** Requests allowed in each window; the numbers measured on a real account are the default. */
export interface Limits {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
}

export const measuredLimits: Limits = { minute: 180, hour: 7200, day: 86_400 };

const seconds: Readonly<Record<keyof Limits, number>> = { minute: 60, hour: 3600, day: 86_400 };
const names = ["minute", "hour", "day"] as const;

export interface RateState {
  readonly headers: Readonly<Record<string, string>>;
  /** The window that is used up, with the seconds until it opens again. */
  readonly exceeded: { readonly window: keyof Limits; readonly seconds: number } | null;
}

/** Fixed windows of simulated time, one set per key. */
export function createRateLimiter(now: () => number) {
  const used = new Map<string, Record<keyof Limits, { startMs: number; count: number }>>();
  let limits: Limits | null = measuredLimits;
  return {
    /** null: an exempt caller, who gets no headers either. */
    setLimits: (next: Limits | null) => {
      limits = next;
      used.clear();
    },
    /** Counts one request of `key` and says what is left. */
    count(key: string): RateState {
      const allowed = limits;
      if (allowed === null) return { headers: {}, exceeded: null };
      const at = now();
      const windows = used.get(key) ?? { minute: fresh(at), hour: fresh(at), day: fresh(at) };
      used.set(key, windows);
      const members: string[] = [];
      let exceeded: RateState["exceeded"] = null;
      for (const name of names) {
        const window = windows[name];
        if (at - window.startMs >= seconds[name] * 1000) Object.assign(window, fresh(at));
        window.count += 1;
        const left = Math.max(0, allowed[name] - window.count);
        const resets = Math.max(1, Math.ceil((window.startMs + seconds[name] * 1000 - at) / 1000));
        members.push(`"${name}";r=${left};t=${resets}`);
        if (window.count > allowed[name]) exceeded = { window: name, seconds: resets };
      }
      const policy = names.map((name) => `"${name}";q=${allowed[name]};w=${seconds[name]}`).join(", ");
      return { headers: { "RateLimit-Policy": policy, RateLimit: members.join(", ") }, exceeded };
    },
  };
}

const fresh = (startMs: number) => ({ startMs, count: 0 });
