import { createContext, Script } from "node:vm";
import { hasCapital, textTest } from "../../contract/log-query.js";
import { LabError } from "../lab-error.js";

/** A pattern may work this long on one piece of a log (256 KiB); one that backtracks for ever is refused with it. */
const patternMs = 100;

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
  const run = boundedRunner();
  return {
    mayMatch: (text) => run(() => text.split("\n").some((line) => regex.test(line))),
    matches: (lines) => run(() => lines.map((line) => regex.test(line))),
  };
}

/** Runs something that V8 interrupts when it takes too long, in the middle of a regular expression as well. */
function boundedRunner(): <T>(work: () => T) => T {
  const sandbox: { work: () => unknown } = { work: () => undefined };
  const context = createContext(sandbox);
  const script = new Script("work()");
  return <T>(work: () => T): T => {
    sandbox.work = work;
    try {
      return script.runInContext(context, { timeout: patternMs }) as T;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isEndless = code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
      // V8 gives a pattern that nests too deeply up with a RangeError.
      if (!isEndless && !(error instanceof RangeError)) throw error;
      throw new LabError(
        "validation_error",
        `regex: it takes longer than ${patternMs} ms on a piece of this log; write it without nested repetition like (a+)+`,
      );
    }
  };
}
