import { z } from "zod";
import { LogLevel } from "./log-entry.js";

const dayMs = 86_400_000;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: dayMs, w: 7 * dayMs };

/**
 * A moment as a person or a program writes it: ms since 1970, ISO 8601 (UTC where no zone is given), or how long ago, `-15m`.
 * ms UTC; null when it is none of these.
 */
export function readMoment(text: string, nowMs: number): number | null {
  const wanted = text.trim();
  if (/^\d{1,15}$/.test(wanted)) return Number(wanted);
  const [, amount, unit] = /^-(\d{1,12}(?:\.\d{1,6})?) ?(ms|s|m|h|d|w)$/.exec(wanted) ?? [];
  if (amount !== undefined) return Math.round(nowMs - Number(amount) * (unitMs[unit ?? ""] ?? 0));
  const [, day, time = "T00:00", zone = "Z"] =
    /^(\d{4}-\d\d-\d\d)([T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/i.exec(wanted) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}${time.replace(" ", "T")}${zone}`);
  return Number.isNaN(at) ? null : at;
}

const Moment = z
  .string()
  .max(40)
  .refine((text) => readMoment(text, 0) !== null, "a time as ms since 1970, ISO 8601 or how long ago: -15m, -2h, -3d");

const seq = () => z.coerce.number().int().nonnegative();
const pattern = () => z.string().min(1).max(500);

/** Which lines of a log are wanted. All that is given must hold. A traceback is one: it is found by any of its lines. */
export const LogFilter = z.object({
  /** Lines of exactly this level. */
  level: LogLevel.optional(),
  /** Lines of this level and above. */
  minLevel: LogLevel.optional(),
  /** Lines that hold this text, whatever its case unless it has a capital. */
  q: pattern().optional(),
  /** Lines that match this regular expression of JavaScript; case as with `q`. */
  regex: pattern().optional(),
  /** Captured at this time or later. */
  since: Moment.optional(),
  /** Captured at this time or before. */
  until: Moment.optional(),
  /** A start of the experiment; without it the last. */
  attempt: z.coerce.number().int().positive().optional(),
});
export type LogFilter = z.infer<typeof LogFilter>;

/** A page of them. Of `cursor`, `around`, `before` and `after` one may be given. */
export const LogQuery = LogFilter.extend({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** `desc`: from the end on; `asc`: from the beginning. Lines within a page always ascend. */
  order: z.enum(["desc", "asc"]).optional(),
  /** The lines around this one, unfiltered. */
  around: seq().optional(),
  /** Lines before this seq. */
  before: seq().optional(),
  /** Lines behind this seq. */
  after: seq().optional(),
  /** Of an answer to the same query. */
  cursor: z.string().max(400).optional(),
});
export type LogQuery = z.infer<typeof LogQuery>;

/** Whether a text holds what is looked for: whatever its letters' case, unless it has a capital, as editors and ripgrep do. */
export function textTest(wanted: string): (text: string) => boolean {
  return hasCapital(wanted) ? (text) => text.includes(wanted) : (text) => text.toLowerCase().includes(wanted);
}

export const hasCapital = (text: string): boolean => text !== text.toLowerCase();
