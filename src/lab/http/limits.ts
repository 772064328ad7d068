import { planLimits } from "../../contract/access.js";
import type { Clock } from "../../core/clock.js";
import type { Actor } from "../access/actor.js";
import { type Allowance, createRateLimiter, dayAllowance } from "./rate-limiter.js";
import type { RequestDays } from "./request-days.js";

/** Counts a request of somebody, or of nobody we know at an address. */
export type TakeRequest = (actor: Actor | null, address: string) => Allowance | Promise<Allowance>;

interface LimitParts {
  readonly clock: Clock;
  /** Of the owner, and of all without a plan. */
  readonly requestsPerMinute: number;
  readonly days: RequestDays;
}

/** The plans' limits by minute and by day. A session counts as the key that made it, so that sessions multiply nothing. */
export function createLimits({ clock, requestsPerMinute, days }: LimitParts): TakeRequest {
  const take = createRateLimiter();
  return (actor, address) => {
    const now = clock.now();
    if (actor === null) return take(`address ${address}`, requestsPerMinute, now);
    const caller = actor.countedAs ?? actor.id;
    if (actor.plan === null) return take(caller, requestsPerMinute, now);
    const { perMinute, perDay } = planLimits[actor.plan];
    const minute = take(caller, perMinute, now);
    if (!minute.allowed) return minute;
    const used = days.count(caller);
    // The window that ends first is of no interest: the one that stops the caller first is.
    const narrower = (count: number) => {
      const day = dayAllowance(count, perDay, now);
      return day.remaining < minute.remaining || !day.allowed ? day : minute;
    };
    return typeof used === "number" ? narrower(used) : used.then(narrower);
  };
}
