import { closeSync, copyFileSync, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from "node:fs";
import type { Clock } from "../../core/clock.js";

export interface LogFile {
  info(message: string): void;
  error(message: string, cause?: unknown): void;
  close(): void;
}

interface Options {
  readonly maxBytes: number;
  /** Older files kept: `lab.log.1` is the newest of them. */
  readonly keep: number;
}

const defaults: Options = { maxBytes: 5 * 2 ** 20, keep: 3 };

/**
 * The lab's own log. Writing never throws: a full disk must not stop the lab. A full file is copied and emptied, not renamed, since the
 * process's standard output goes into the same file and would follow a renamed one.
 */
export function openLogFile(file: string, clock: Clock, given: Partial<Options> = {}): LogFile {
  const { maxBytes, keep } = { ...defaults, ...given };
  const fd = openSync(file, "a", 0o600);

  const rotate = () => {
    for (let number = keep - 1; number >= 1; number--) {
      quietly(() => renameSync(`${file}.${number}`, `${file}.${number + 1}`));
    }
    if (keep > 0) quietly(() => copyFileSync(file, `${file}.1`));
    ftruncateSync(fd, 0);
  };

  const write = (level: "info" | "error", message: string) =>
    quietly(() => {
      const text = message.trimEnd().replaceAll("\n", "\n  ");
      const line = `${new Date(clock.now()).toISOString()} ${level.padEnd(5)} ${text}\n`;
      if (fstatSync(fd).size + Buffer.byteLength(line) > maxBytes) quietly(rotate);
      writeSync(fd, line);
    });

  return {
    info: (message) => write("info", message),
    error: (message, cause) => write("error", cause === undefined ? message : `${message}: ${describe(cause)}`),
    close: () => quietly(() => closeSync(fd)),
  };
}

/** With the stack, and with what caused it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

function quietly(work: () => unknown): void {
  try {
    work();
  } catch {
    // Nowhere left to say it.
  }
}
