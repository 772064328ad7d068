import type { Clock } from "../../core/clock.js";
import { createRateLimiter } from "../http/rate-limiter.js";
import { LabError } from "../lab-error.js";
import type { Actor } from "./actor.js";

/** Calls of Convex functions a minute (API overview of the older product); the owner has no limit. Actions count as mutations. */
const perMinute = { queries: 100, mutations: 50, searches: 30 } as const;

/** Counts a call of a function; refuses it with `rate_limited` when it is one too many. */
export function createCallLimits(clock: Clock): (actor: Actor, kind: string, path: string) => void {
  const take = createRateLimiter();
  return (actor, kind, path) => {
    if (actor.kind === "owner") return;
    const counted = /(?:^search|:search)/.test(path) ? "searches" : kind === "query" ? "queries" : "mutations";
    const now = clock.now();
    const { allowed, limit, resetAt } = take(`${counted} ${actor.countedAs ?? actor.id}`, perMinute[counted], now);
    if (allowed) return;
    const waitSeconds = Math.max(1, resetAt - Math.floor(now / 1000));
    throw new LabError("rate_limited", `More than ${limit} ${counted} in a minute; try again in ${waitSeconds} s.`);
  };
}
