import type { ColourDepth } from "./colour-depth.js";
import type { Host } from "./exit-guard.js";
import type { Timers } from "./timers.js";

/** What of `process.stdin` is used. */
export type TerminalInput = Pick<NodeJS.ReadStream, "setRawMode" | "on" | "off" | "pause" | "resume">;

/** What of `process.stdout` is used. */
export type TerminalOutput = Pick<NodeJS.WriteStream, "columns" | "rows" | "getWindowSize" | "write" | "on" | "off"> & {
  readonly fd: number;
};

/** What a terminal is opened with. */
export interface TerminalParts {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the person asked for by flag or setting. */
  readonly colourDepth?: ColourDepth | undefined;
  readonly mouse?: boolean | undefined;
  /** The process, by default. */
  readonly host?: Host | undefined;
  readonly timers?: Timers | undefined;
  /** Writes at once, also in an `exit` handler; false means the terminal is gone. By default to `stdout.fd`. */
  readonly writeNow?: ((text: string) => boolean) | undefined;
  /** Called with an uncaught error after the screen was given back; by default prints it to stderr. */
  readonly printCrash?: ((error: unknown) => void) | undefined;
}
