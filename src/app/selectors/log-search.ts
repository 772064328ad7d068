import type { LogQuery, SearchResult } from "../log-buffer.js";
import { memoLast } from "../memo.js";
import type { LogSearch, LogState } from "../slices/log.js";

/** Text looked at in one go: about two milliseconds. Longer searches go on a slice at a time (effects/search.ts). */
export const sliceBytes = 4 * 1024 * 1024;

/** A pattern as typed: a regular expression, or plain text when it is none. Capitals make it mind the case. */
export function toPattern(typed: string): { readonly pattern: RegExp; readonly problem: string | null } {
  const flags = /\p{Lu}/u.test(typed.replace(/\\./g, "")) ? "g" : "gi";
  try {
    return { pattern: new RegExp(typed, flags), problem: null };
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /, "") : "";
    return {
      pattern: new RegExp(typed.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), flags),
      problem: `searched as plain text: ${why.toLowerCase()}`,
    };
  }
}

const patternOf = memoLast((typed: string) => toPattern(typed).pattern);

/** The pattern of a search with flag `g`, for marking the hits in a row; null without one. */
export function searchPattern(search: LogSearch | null): RegExp | null {
  return search === null || search.pattern === "" ? null : patternOf(search.pattern);
}

const everything: SearchResult = { indexes: new Uint32Array(0), complete: true };

/** Hits of the search over everything held, at the level shown. Asking again looks at a slice more until `complete`. */
export function searchHits(log: LogState): SearchResult {
  const pattern = searchPattern(log.search);
  return pattern === null ? everything : log.buffer.search({ pattern, minimum: log.level }, sliceBytes);
}

/** `3/41`: which hit the cursor is on (1-based; 0 before the first `n`), and how many there are so far. */
export function searchPosition(log: LogState): {
  readonly current: number;
  readonly hits: number;
  readonly complete: boolean;
} {
  const { indexes, complete } = searchHits(log);
  const at = lowerBound(indexes, log.search?.current ?? -1);
  const isHit = indexes[at] === log.search?.current;
  return { current: isHit ? at + 1 : 0, hits: indexes.length, complete };
}

/** The query that says which lines are shown; null when all are. Marks are always shown. */
export function shownQuery(log: LogState): LogQuery | null {
  const pattern = log.search?.only === true ? searchPattern(log.search) : null;
  return pattern === null && log.level === "debug" ? null : { pattern, minimum: log.level, marks: true };
}

/** First position in ascending numbers that is not below `value`. */
export function lowerBound(ascending: Uint32Array, value: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ascending[middle] ?? 0) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
