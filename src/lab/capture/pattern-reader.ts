import type { ChainEvent } from "../../chain/event.js";
import { type LineMatcher, matcherOf } from "../../chain/patterns.js";
import { stripEscapes } from "../../chain/terminal-line.js";
import type { MetricPattern } from "../../contract/template.js";
import { boundedRunner, TooLongError } from "../bounded-run.js";

/** A pattern may work this long on the lines of one look (at most 256 KiB); usual ones take less than one. */
const patternMs = 25;
/** Once may be the machine's fault. */
const strikesAllowed = 3;

/** The numbers that a template's own patterns find in lines of output. */
export type PatternReader = (lines: readonly string[]) => readonly ChainEvent[];

/**
 * Reads with patterns that people wrote: one that backtracks for ever is interrupted, and after the third time not used any more in
 * this run. The others go on.
 */
export function createPatternReader(
  patterns: readonly MetricPattern[],
  onDropped: (name: string) => void,
): PatternReader {
  const run = boundedRunner(patternMs);
  const strikes = new Map<string, number>();
  let used: readonly { readonly name: string; readonly match: LineMatcher }[] = patterns.map((pattern) => ({
    name: pattern.name,
    match: matcherOf(pattern),
  }));
  const strike = (name: string) => {
    strikes.set(name, (strikes.get(name) ?? 0) + 1);
    if ((strikes.get(name) ?? 0) < strikesAllowed) return;
    used = used.filter((each) => each.name !== name);
    onDropped(name);
  };
  return (lines) => {
    if (used.length === 0) return [];
    const plain = lines.map(lastState);
    return used.flatMap(({ name, match }) => {
      try {
        return run(() => plain.flatMap(match));
      } catch (error) {
        if (!(error instanceof TooLongError)) throw error;
        strike(name);
        return [];
      }
    });
  };
}

/** A line as a terminal shows it in the end. */
function lastState(line: string): string {
  const states = line.split("\r").filter((state) => state.trim() !== "");
  return stripEscapes(states.at(-1) ?? "");
}
