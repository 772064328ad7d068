import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Context, MiddlewareHandler } from "hono";
import type { Clock } from "../../core/clock.js";
import type { Actor } from "../access/actor.js";
import { LabError } from "../lab-error.js";
import { type Env, refuse } from "./answer.js";
import { type BrowserGuard, crossOriginHeaders, preflightHeaders } from "./browser-guard.js";
import type { TakeRequest } from "./limits.js";
import type { Allowance } from "./rate-limiter.js";

export interface AdmitParts {
  /** Who has this bearer token; null: nobody. `address` is where it was sent from: who guesses is refused. */
  readonly actorOf: (token: string, address: string) => Actor | null | Promise<Actor | null>;
  readonly takeRequest: TakeRequest;
  readonly guard: BrowserGuard;
  readonly clock: Clock;
  /** Whether a path is answered without a token, or looks at tokens itself. */
  readonly isOpen: (path: string) => boolean;
}

/** Names the request, counts it, and lets it in if it may: in this order, so that a refusal has every documented header. */
export function admit({ actorOf, takeRequest, guard, clock, isOpen }: AdmitParts): MiddlewareHandler<Env> {
  return async (http, next) => {
    const requestId = newRequestId();
    const headers: Record<string, string> = { "X-Request-Id": requestId };
    http.set("requestId", requestId);
    http.set("headers", headers);
    const address = addressOf(http);
    const given = bearerOf(http);
    let refusal: LabError | null = null;
    let actor: Actor | null = null;
    try {
      actor = given === null ? null : await actorOf(given, address);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      refusal = error;
    }
    http.set("actor", actor);
    http.set("isStillKnown", async () => given !== null && (await actorOf(given, address)) !== null);
    const allowance = await takeRequest(actor, address);
    noteAllowance(headers, allowance);
    if (!allowance.allowed) return refuse(http, "rate_limited", noteWait(headers, allowance, clock.now()));
    if (refusal !== null) throw refusal;
    const origin = http.req.header("origin");
    guard.check(http.req.header("host"), origin);
    if (origin !== undefined) Object.assign(headers, crossOriginHeaders(origin));
    const isPreflight = origin !== undefined && http.req.method === "OPTIONS";
    if (isPreflight) return new Response(null, { status: 204, headers: { ...headers, ...preflightHeaders } });
    if (actor === null && !isOpen(http.req.path)) {
      headers["WWW-Authenticate"] = "Bearer";
      return refuse(http, "unauthorized", whyUnauthorized(http, given));
    }
    await next();
    return undefined;
  };
}

/** Random bytes that Node has drawn ahead: drawing eight for each request costs more than everything else here. */
const newRequestId = () => `req_${randomUUID().replaceAll("-", "").slice(16)}`;

function noteAllowance(headers: Record<string, string>, { limit, remaining, resetAt }: Allowance): void {
  headers["X-RateLimit-Limit"] = String(limit);
  headers["X-RateLimit-Remaining"] = String(remaining);
  headers["X-RateLimit-Reset"] = String(resetAt);
}

/** Says which window is used up, and how long to wait for the next. */
function noteWait(headers: Record<string, string>, { limit, window, resetAt }: Allowance, nowMs: number): string {
  const waitSeconds = Math.max(1, resetAt - Math.floor(nowMs / 1000));
  headers["Retry-After"] = String(waitSeconds);
  return `More than ${limit} requests in a ${window}; try again in ${waitSeconds} s.`;
}

const bearer = /^Bearer +([!-~]+) *$/i;

function bearerOf(http: Context<Env>): string | null {
  const header = http.req.header("authorization");
  return header === undefined ? null : (bearer.exec(header)?.[1] ?? null);
}

/** Never says anything of what was sent. */
function whyUnauthorized(http: Context<Env>, given: string | null): string {
  const where =
    "the owner's is in the file `token` of the lab's data directory, others are made with `hubify-tui keys create`";
  if (given !== null) return `Authorization: nobody has this token, or it has expired or was revoked; ${where}.`;
  const isMissing = http.req.header("authorization") === undefined;
  return `Authorization: ${isMissing ? "is missing" : "is malformed"}; send a token as \`Bearer …\`: ${where}.`;
}

/** Where a request came from; the same for all where there is no socket. */
function addressOf(http: Context<Env>): string {
  const { incoming } = (http.env ?? {}) as { incoming?: IncomingMessage };
  return incoming?.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
}
