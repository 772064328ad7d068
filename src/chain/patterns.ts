import type { MetricPattern } from "../contract/template.js";
import type { ChainEvent } from "./event.js";
import { toNumber } from "./number.js";

/** More of a line is not looked at. */
export const maxPatternLine = 4096;

/** Why a pattern could never be used; null: it can. */
export function flawOfPattern({ pattern, group }: MetricPattern): string | null {
  const regex = compile(pattern);
  if (typeof regex === "string") return `pattern: ${regex}`;
  if (regex.test("")) return "pattern: matches an empty line; say what stands beside the number";
  const groups = groupsOf(pattern);
  if (typeof group === "number" && group > groups.count)
    return `group: the pattern has ${groups.count} groups, not ${group}`;
  if (typeof group === "string" && !groups.names.includes(group)) {
    return `group: the pattern has no group (?<${group}>…) (it has: ${groups.names.join(", ") || "none with a name"})`;
  }
  return null;
}

/** Finds the numbers of one pattern in one line. How long that takes is up to the pattern: bound it. */
export type LineMatcher = (line: string) => readonly ChainEvent[];

export function matcherOf({ name, pattern, group, type }: MetricPattern): LineMatcher {
  const regex = compile(pattern);
  if (typeof regex === "string") return () => [];
  const { names, count } = groupsOf(pattern);
  const named = ["value", "v"].find((each) => names.includes(each));
  const wanted = group ?? named ?? (count > 0 ? 1 : 0);
  return (line) => {
    const match = regex.exec(line.slice(0, maxPatternLine));
    if (match === null) return [];
    const text = typeof wanted === "string" ? match.groups?.[wanted] : match[wanted];
    const value = valueOf(text, type);
    if (value === null) return [];
    const step = toNumber(match.groups?.["step"]);
    return [{ kind: "metric", rank: 0, name, value, step: Number.isFinite(step) ? step : null }];
  };
}

/** What was printed, as its type has it; null: it is no number. NaN and infinity are numbers that a run may print. */
function valueOf(text: string | undefined, type: MetricPattern["type"]): number | null {
  if (text === undefined) return null;
  if (type === "duration") return secondsOf(text);
  const value = toNumber(text.replace(/\s*%\s*$/, ""));
  if (Number.isNaN(value) && !/nan/i.test(text)) return null;
  return type === "percent" ? value / 100 : value;
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** `1:02:03`, `4.5 min`, `90`. */
function secondsOf(text: string): number | null {
  const clock = /^\s*(?:(\d+):)?(\d+):(\d\d(?:\.\d+)?)\s*$/.exec(text);
  if (clock !== null) return Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  const [, number, unit = "s"] = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?(?:ec|in|r|ay)?[a-z]*\s*$/i.exec(text) ?? [];
  return number === undefined ? null : Number(number) * (unitSeconds[unit.toLowerCase()] ?? 1);
}

function compile(pattern: string): RegExp | string {
  try {
    return new RegExp(pattern);
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error);
  }
}

/** Its groups, told by what an empty alternative beside it captures. */
function groupsOf(pattern: string): { readonly names: readonly string[]; readonly count: number } {
  const match = new RegExp(`${pattern}|`).exec("");
  return { names: Object.keys(match?.groups ?? {}), count: (match?.length ?? 1) - 1 };
}
