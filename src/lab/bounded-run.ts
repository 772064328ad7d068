import { createContext, Script } from "node:vm";

/** It took longer than it may. */
export class TooLongError extends Error {
  override readonly name = "TooLongError";
}

/**
 * Runs something that V8 interrupts when it takes too long, in the middle of a regular expression as well: patterns that people write
 * may backtrack for ever. One call costs about 0.1 ms, so it is given many lines at once.
 */
export function boundedRunner(timeoutMs: number): <T>(work: () => T) => T {
  const sandbox: { work: () => unknown } = { work: () => undefined };
  const context = createContext(sandbox);
  const script = new Script("work()");
  return <T>(work: () => T): T => {
    sandbox.work = work;
    try {
      return script.runInContext(context, { timeout: timeoutMs }) as T;
    } catch (error) {
      const isEndless = (error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
      // V8 gives a pattern that nests too deeply up with a RangeError.
      if (isEndless || error instanceof RangeError) throw new TooLongError("took too long", { cause: error });
      throw error;
    } finally {
      sandbox.work = () => undefined;
    }
  };
}
