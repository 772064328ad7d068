import type { ChainEvent } from "../../chain/event.js";
import { type LineMatcher, matcherOf } from "../../chain/patterns.js";
import { stripEscapes } from "../../chain/terminal-line.js";
import type { MetricPattern } from "../../contract/template.js";
import { boundedRunner, TooLongError } from "../bounded-run.js";

/** A pattern may work this long on the lines of one look (at most 256 KiB); usual ones take about one. */
const patternMs = 100;

/** The numbers that a template's own patterns find in lines of output. */
export type PatternReader = (lines: readonly string[]) => readonly ChainEvent[];

/**
 * Reads with patterns that people wrote: one that backtracks for ever is interrupted, and not used any more in this run when it
 * happens twice in a row: once may be the machine's fault. The others go on.
 */
export function createPatternReader(
  patterns: readonly MetricPattern[],
  onDropped: (name: string) => void,
): PatternReader {
  const run = boundedRunner(patternMs);
  let used: readonly NamedMatcher[] = patterns.map((pattern) => ({ name: pattern.name, match: matcherOf(pattern) }));
  const tryToRead = (lines: readonly string[], match: LineMatcher): readonly ChainEvent[] | null => {
    try {
      return run(() => lines.flatMap(match));
    } catch (error) {
      if (error instanceof TooLongError) return null;
      throw error;
    }
  };
  const read = (lines: readonly string[], matcher: NamedMatcher): readonly ChainEvent[] => {
    const events = tryToRead(lines, matcher.match) ?? tryToRead(lines, matcher.match);
    if (events !== null) return events;
    used = used.filter((each) => each !== matcher);
    onDropped(matcher.name);
    return [];
  };
  return (lines) => {
    if (used.length === 0) return [];
    const plain = lines.map(lastState);
    return used.flatMap((matcher) => read(plain, matcher));
  };
}

interface NamedMatcher {
  readonly name: string;
  readonly match: LineMatcher;
}

/** A line as a terminal shows it in the end. */
function lastState(line: string): string {
  const states = line.split("\r").filter((state) => state.trim() !== "");
  return stripEscapes(states.at(-1) ?? "");
}
