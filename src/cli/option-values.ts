import { InvalidArgumentError } from "commander";

// Values of options and arguments, read for commander: what is wrong with one is said in its words.

/** A whole number above 0. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError("must be a whole number above 0");
  return value;
}

/** A number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("must be a number above 0");
  return value;
}

/** `a,b` and `--x a --x b` alike. */
export const listed = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== ""),
];

/** Seconds of `90s`, `15m`, `12h`, `30d`. */
export function durationSeconds(text: string): number {
  const [, count = "", unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (unitSeconds[unit] ?? 0);
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError("write a number with s, m, h or d, such as 30d.");
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** ms of a point in time: `2026-01-31T12:00`, or how long ago: `15m`. `nowMs` is asked when it is. */
export function pastTime(text: string): (nowMs: number) => number {
  if (/^\d+[smhd]$/.test(text)) {
    const agoMs = durationSeconds(text) * 1000;
    return (nowMs) => nowMs - agoMs;
  }
  const at = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(at)) throw new InvalidArgumentError("write 2026-01-31, 2026-01-31T12:00 (UTC) or how long ago: 15m");
  return () => at;
}

/** `name=value`: a value that is JSON is that, everything else is its text. Several make one object. */
export function assignment(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const [name, value] = split(text, "seed=1");
  return { ...before, [name]: valueOf(value) };
}

/** `seed=1..8` or `lr=0.1,0.01`: the values of one path of a grid. Several make one grid. */
export function gridAxis(text: string, before: Readonly<Record<string, unknown[]>> = {}): Record<string, unknown[]> {
  const [name, values] = split(text, "seed=1..8 or steps=100,200");
  return { ...before, [name]: valuesOf(values) };
}

function split(text: string, example: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals > 0 && equals < text.length - 1) return [text.slice(0, equals).trim(), text.slice(equals + 1)];
  throw new InvalidArgumentError(`write it as ${example}.`);
}

/** More than the lab takes in one batch. */
const mostValues = 10_000;

function valuesOf(text: string): unknown[] {
  const [, from, to] = /^(-?\d+)\.\.(-?\d+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    return text.startsWith("[") ? [valueOf(text)].flat() : text.split(",").map((word) => valueOf(word.trim()));
  }
  const count = Number(to) - Number(from) + 1;
  if (count < 1) throw new InvalidArgumentError(`${text}: the second must not be below the first.`);
  if (count > mostValues) throw new InvalidArgumentError(`${text}: that is more than ${mostValues} values.`);
  return Array.from({ length: count }, (_, index) => Number(from) + index);
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
