import type { LogEntry, LogLevel } from "../contract/log-entry.js";

/** A line as it is held: either text with its level, or a mark that lines are missing. */
export type HeldLine =
  | {
      readonly kind: "line";
      readonly seq: number;
      readonly at: number;
      readonly level: LogLevel;
      readonly text: string;
      /** Bytes of a very long line that are held but not in `text`, because less was asked for. */
      readonly omittedBytes?: number;
    }
  | { readonly kind: "gap"; readonly fromSeq: number; readonly toSeq: number }
  | { readonly kind: "restart"; readonly attempt: number };

/** What a search has found so far, newest lines first looked at; `indexes` ascend and are never changed afterwards. */
export interface SearchResult {
  readonly indexes: Uint32Array;
  /** False while lines are left that have not been looked at. */
  readonly complete: boolean;
}

export interface LogQuery {
  /** null: every line. */
  readonly pattern: RegExp | null;
  readonly minimum: LogLevel;
  /** Marks (gap, restart) are found too. */
  readonly marks?: boolean;
}

/**
 * The lines held of one log, byte-capped: the oldest go first and are counted. Indexes never shift while a line is held:
 * `firstIndex` grows when lines are dropped and falls when older ones are prepended, `endIndex` grows when lines come.
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
  /** Older lines, ascending. Those that do not fit under the cap are left out, the oldest first. */
  prepend(lines: readonly LogEntry[]): void;
  gap(fromSeq: number, toSeq: number): void;
  restart(attempt: number): void;
  /** `maxBytes` bounds the work for a line of megabytes; the rest is named in `omittedBytes`. */
  line(index: number, maxBytes?: number): HeldLine | undefined;
  /** Indexes of the lines that match, ascending, over everything held. */
  find(pattern: RegExp, minimum: LogLevel): Uint32Array;
  /** As `find`, but looks at no more than about `maxBytes` of text each time; asking again goes on where it stopped. */
  search(query: LogQuery, maxBytes: number): SearchResult;
  /** The next (or previous) index from `from` on with at least that level, or undefined. */
  nextOfLevel(from: number, direction: 1 | -1, minimum: LogLevel): number | undefined;
  /** First index whose line came at that moment or later; `endIndex` if none did. Lines are taken to be in order of time. */
  indexAt(atMs: number): number;
}
