/** One window of a server's request limit, as its last answer told it. null is what it did not say. */
export interface RateWindow {
  readonly name: string;
  readonly remaining: number | null;
  /** Seconds from that answer until it is full again. */
  readonly resetSeconds: number | null;
  readonly quota: number | null;
  readonly windowSeconds: number | null;
}

/**
 * The windows of `RateLimit` and `RateLimit-Policy` (IETF draft, structured fields: `"minute";r=0;t=12, "hour";r=2800;t=1812`).
 * Never throws: what is missing is null, what can't be read is left out, quotes are optional.
 */
export function rateWindows(limit: string | undefined, policy: string | undefined): readonly RateWindow[] {
  const limits = items(limit);
  const policies = items(policy);
  const names = new Set([...limits.keys(), ...policies.keys()]);
  return [...names].map((name) => ({
    name,
    remaining: limits.get(name)?.get("r") ?? null,
    resetSeconds: limits.get(name)?.get("t") ?? null,
    quota: policies.get(name)?.get("q") ?? null,
    windowSeconds: policies.get(name)?.get("w") ?? null,
  }));
}

/** A name in quotes, whose commas and semicolons are its own, or a bare one. */
const item = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]+))((?:\s*;[^,;"]*(?:"[^"]*")?)*)[^,]*(?:,|$)/y;

type Parameters = ReadonlyMap<string, number>;

function items(header: string | undefined): ReadonlyMap<string, Parameters> {
  const found = new Map<string, Parameters>();
  const text = (header ?? "").slice(0, 2_000);
  let from = 0;
  while (from < text.length) {
    item.lastIndex = from;
    const match = item.exec(text);
    if (match === null) {
      const comma = text.indexOf(",", from);
      if (comma < 0) break;
      from = comma + 1;
    } else {
      from = item.lastIndex;
      found.set(match[1] ?? match[2] ?? "", parametersOf(match[3] ?? ""));
    }
  }
  return found;
}

function parametersOf(text: string): Parameters {
  const found = new Map<string, number>();
  for (const part of text.split(";")) {
    const [key = "", value = ""] = part.split("=", 2).map((side) => side.trim());
    // Draft and servers disagree on whether numbers are quoted.
    const number = Number(value.replaceAll('"', ""));
    if (value !== "" && Number.isFinite(number) && number >= 0) found.set(key.toLowerCase(), number);
  }
  return found;
}
