import type { LogLevel } from "../../contract/log-entry.js";
import type { Failure } from "../../core/failure.js";
import type { LogBuffer } from "../log-buffer.js";

export interface LogSearch {
  readonly pattern: string;
  /** Only matching lines are shown (`&`), instead of all lines with hits marked (`/`). */
  readonly only: boolean;
  /** Why the pattern is no regular expression; it is then searched as plain text. */
  readonly problem: string | null;
  /** Hits when it was last asked (`searchHits` has them as of now), and the buffer index of the current one (-1: none yet). */
  readonly hits: number;
  readonly current: number;
}

/**
 * The log of one experiment. Lines live in `buffer`, which is mutable and byte-capped; `revision` grows with each change
 * of it, so that selectors can memoise on it.
 */
export interface LogState {
  readonly experimentId: string | null;
  readonly buffer: LogBuffer;
  readonly revision: number;
  readonly loaded: boolean;
  readonly failure: Failure | null;
  readonly following: boolean;
  /** Buffer index of the first visible line while not following. */
  readonly topIndex: number;
  /** Rows of that line above the window, while wrapping. */
  readonly topPart: number;
  readonly wrap: boolean;
  readonly showTime: boolean;
  /** Lines below this level are hidden. */
  readonly level: LogLevel;
  readonly search: LogSearch | null;
  /** Columns scrolled to the right while not wrapping. */
  readonly columnOffset: number;
  /** The window was put at the lines of the last so many ms; null after any other move. */
  readonly sinceMs: number | null;
}

export type LogAppEvent =
  | { readonly type: "log/opened"; readonly experimentId: string | null }
  /** The buffer has changed in place. */
  | { readonly type: "log/appended" }
  | { readonly type: "log/failed"; readonly failure: Failure }
  | { readonly type: "log/followed"; readonly following: boolean }
  | {
      readonly type: "log/scrolled";
      readonly topIndex: number;
      readonly topPart?: number;
      readonly sinceMs?: number;
    }
  | { readonly type: "log/shifted"; readonly columnOffset: number }
  | { readonly type: "log/wrapToggled" }
  | { readonly type: "log/timeToggled" }
  | { readonly type: "log/levelSet"; readonly level: LogLevel }
  | { readonly type: "log/searched"; readonly search: LogSearch | null }
  /** A long search has gone on a slice; its hits have changed. */
  | { readonly type: "log/searchAdvanced" };

export function initialLog(buffer: LogBuffer): LogState {
  return {
    experimentId: null,
    buffer,
    revision: 0,
    loaded: false,
    failure: null,
    following: true,
    topIndex: 0,
    topPart: 0,
    wrap: false,
    showTime: true,
    level: "debug",
    search: null,
    columnOffset: 0,
    sinceMs: null,
  };
}

export function logReducer(state: LogState, event: LogAppEvent): LogState {
  switch (event.type) {
    case "log/opened":
      return {
        ...initialLog(state.buffer),
        wrap: state.wrap,
        showTime: state.showTime,
        level: state.level,
        experimentId: event.experimentId,
        revision: state.revision + 1,
      };
    case "log/appended":
      return { ...state, loaded: true, failure: null, revision: state.revision + 1 };
    case "log/failed":
      return { ...state, failure: event.failure };
    case "log/searched":
      return { ...state, search: event.search };
    case "log/searchAdvanced":
      return { ...state, revision: state.revision + 1 };
    default:
      return logViewReducer(state, event);
  }
}

type LogViewEvent = Extract<
  LogAppEvent,
  { type: "log/followed" | "log/scrolled" | "log/shifted" | "log/wrapToggled" | "log/timeToggled" | "log/levelSet" }
>;

/** How the lines are looked at. */
function logViewReducer(state: LogState, event: LogViewEvent): LogState {
  switch (event.type) {
    case "log/followed":
      return { ...state, following: event.following, sinceMs: null };
    case "log/scrolled":
      return {
        ...state,
        following: false,
        topIndex: event.topIndex,
        topPart: event.topPart ?? 0,
        sinceMs: event.sinceMs ?? null,
      };
    case "log/shifted":
      return { ...state, columnOffset: Math.max(0, event.columnOffset) };
    case "log/wrapToggled":
      return { ...state, wrap: !state.wrap, columnOffset: 0, topPart: 0 };
    case "log/timeToggled":
      return { ...state, showTime: !state.showTime };
    case "log/levelSet":
      return { ...state, level: event.level };
  }
}
