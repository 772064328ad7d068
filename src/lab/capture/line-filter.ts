import { hasCapital, textTest } from "../../contract/log-query.js";
import { boundedRunner, TooLongError } from "../bounded-run.js";
import { LabError } from "../lab-error.js";

/** A pattern may work this long on one piece of a log (256 KiB); one that backtracks for ever is refused with it. Usual ones take 1 ms. */
const patient = { limitMs: 100, tries: 2 };
/** For a while after one was refused: whoever sends many of them must not hold everybody up. */
const wary = { limitMs: 10, tries: 1 };
const waryForMs = 10_000;

/** How long patterns may take now. One for the process, since all of them work on its one thread. */
const patience = (() => {
  let waryUntil = 0;
  return {
    now: () => (performance.now() < waryUntil ? wary : patient),
    lose: () => void (waryUntil = performance.now() + waryForMs),
  };
})();

/** Whether lines hold what somebody looks for. */
export interface LineFilter {
  /** False where no line of this text can match: it need not be split then. Asked of plain text only. */
  mayMatch(text: string): boolean;
  /** Which of these lines match. Refuses a pattern that takes too long. */
  matches(lines: readonly string[]): boolean[];
}

/** Lines that hold this text. */
export function textFilter(wanted: string): LineFilter {
  const holds = textTest(wanted);
  return { mayMatch: holds, matches: (lines) => lines.map(holds) };
}

/** Lines that match a regular expression of JavaScript; capitals after a backslash (`\S`) are no capitals. */
export function patternFilter(pattern: string): LineFilter {
  let regex: RegExp;
  try {
    regex = new RegExp(pattern, hasCapital(pattern.replace(/\\./gs, "")) ? "" : "i");
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error);
    throw new LabError("validation_error", `regex: ${why}`);
  }
  const { limitMs, tries } = patience.now();
  const bounded = boundedRunner(limitMs);
  const run = <T>(work: () => T): T => {
    // Once too long may be the machine's fault; twice in a row it is the pattern's.
    for (let left = tries; ; left--) {
      try {
        return bounded(work);
      } catch (error) {
        if (!(error instanceof TooLongError)) throw error;
        if (left > 1) continue;
        patience.lose();
        throw tooLong(limitMs);
      }
    }
  };
  return {
    mayMatch: (text) => run(() => text.split("\n").some((line) => regex.test(line))),
    matches: (lines) => run(() => lines.map((line) => regex.test(line))),
  };
}

const tooLong = (limitMs: number) =>
  new LabError(
    "validation_error",
    `regex: it takes longer than ${limitMs} ms on a piece of this log; write it without nested repetition like (a+)+`,
  );
