import type { LogEntry, LogLevel } from "../contract/log-entry.js";

/** A line as it is held: either text with its level, or a mark that lines are missing. */
export type HeldLine =
  | {
      readonly kind: "line";
      readonly seq: number;
      readonly at: number;
      readonly level: LogLevel;
      readonly text: string;
    }
  | { readonly kind: "gap"; readonly fromSeq: number; readonly toSeq: number }
  | { readonly kind: "restart"; readonly attempt: number };

/**
 * The lines held of one log, byte-capped: the oldest go first and are counted. Indexes are positions since the buffer was
 * cleared and never shift: `firstIndex` grows when lines are dropped, `endIndex` when they come.
 */
export interface LogBuffer {
  readonly firstIndex: number;
  readonly endIndex: number;
  readonly heldBytes: number;
  /** Lines dropped at the old end because of the cap. */
  readonly droppedLines: number;
  /** Lines the server could not give any more. */
  readonly missingLines: number;
  clear(): void;
  append(lines: readonly LogEntry[]): void;
  prepend(lines: readonly LogEntry[]): void;
  gap(fromSeq: number, toSeq: number): void;
  restart(attempt: number): void;
  line(index: number): HeldLine | undefined;
  /** Indexes of the lines that match, ascending, over everything held. */
  find(pattern: RegExp, minimum: LogLevel): Uint32Array;
  /** The next (or previous) index from `from` on with at least that level, or undefined. */
  nextOfLevel(from: number, direction: 1 | -1, minimum: LogLevel): number | undefined;
}
