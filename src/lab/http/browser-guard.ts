import { isIP } from "node:net";
import { hostname } from "node:os";
import { LabError } from "../lab-error.js";

/** Which browser pages may use the lab, and under which names it answers. */
export interface BrowserGuard {
  /** `host` is the request's Host header, `origin` its Origin; programs send none. Throws what the caller is told. */
  check(host: string | undefined, origin: string | undefined): void;
  /** Whether pages of this origin may call the lab, served by it or not. */
  allowsOrigin(origin: string): boolean;
}

export interface BrowserGuardOptions {
  /** Origins of pages that may use the lab: `https://lab.example`, `null` for files. Pages of this machine may. */
  readonly allowOrigins?: readonly string[] | undefined;
  /** Names of this machine besides `localhost`, its addresses and its host name. */
  readonly allowHosts?: readonly string[] | undefined;
}

/**
 * A page of any site may send requests here. Its Origin gives it away, but for a page whose own name was made to point at this machine
 * (DNS rebinding): that one gives itself away by its Host. Addresses are no names, so they need no list.
 */
export function createBrowserGuard({ allowOrigins = [], allowHosts = [] }: BrowserGuardOptions = {}): BrowserGuard {
  const own = hostname().toLowerCase();
  const names = new Set(["localhost", own, `${own}.local`, ...allowHosts.map((name) => name.toLowerCase())]);
  const isOwnName = (name: string) => names.has(name) || name.endsWith(".localhost") || isIP(name) !== 0;
  const origins = new Set(allowOrigins.map((origin) => origin.replace(/\/$/, "").toLowerCase()));

  const allowsOrigin = (origin: string) => {
    if (origins.has(origin.toLowerCase())) return true;
    if (!URL.canParse(origin)) return false;
    const name = new URL(origin).hostname;
    return name === "localhost" || name === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(name);
  };

  /** Hosts that were let in: it is the same few again and again. */
  const known = new Set<string>();
  return {
    allowsOrigin,
    check(host, origin) {
      if (host !== undefined && !known.has(host)) {
        const name = nameOf(host);
        if (!isOwnName(name)) {
          throw new LabError("forbidden", `Host: the lab does not answer as ${shown(name)}; add it to lab.allowHosts`);
        }
        if (known.size < 100) known.add(host);
      }
      if (origin === undefined || origin.toLowerCase() === `http://${host?.toLowerCase()}` || allowsOrigin(origin))
        return;
      throw new LabError(
        "forbidden",
        `Origin: pages of ${shown(origin)} may not use the lab; add it to lab.allowOrigins`,
      );
    },
  };
}

/** The name in `name:port`; of an IPv6 address without its brackets. */
function nameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host)?.[1];
  return (bracketed ?? host.replace(/:\d*$/, "")).replace(/\.$/, "").toLowerCase();
}

const shown = (text: string) => JSON.stringify(text.slice(0, 100));

const exposed = [
  ...["X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"],
  ...["ETag", "Idempotent-Replayed", "Content-Disposition"],
].join(", ");

/** What a browser wants to be told before it hands an answer to a page of that origin. */
export const crossOriginHeaders = (origin: string): Record<string, string> => ({
  "Access-Control-Allow-Origin": origin,
  "Access-Control-Expose-Headers": exposed,
  Vary: "Origin",
});

/** The answer to a browser that asks whether a page may send its request. */
export const preflightHeaders = {
  "Access-Control-Allow-Methods": "GET, POST, PATCH, PUT, DELETE, OPTIONS",
  "Access-Control-Allow-Headers":
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Convex-Client, X-Hubify-Lab",
  "Access-Control-Max-Age": "86400",
} as const;
