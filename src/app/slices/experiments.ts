import type { Experiment } from "../../contract/experiment.js";
import type { Failure } from "../../core/failure.js";

export type SortKey = "queue" | "id" | "title" | "state" | "priority" | "age";

/** The rows the connection watches (`live`), older pages fetched on demand, and how the queue pane shows them. */
export interface ExperimentsState {
  readonly live: readonly Experiment[];
  readonly older: readonly Experiment[];
  readonly moreOlder: boolean;
  readonly loaded: boolean;
  readonly failure: Failure | null;
  /** Document id under the cursor. */
  readonly selectedId: string | null;
  readonly filter: string;
  readonly sort: SortKey;
  readonly reversed: boolean;
  /** Document ids kept at the top by the person; survive restarts. */
  readonly bookmarks: readonly string[];
  /** Marked for an action on several. */
  readonly marked: readonly string[];
}

export type ExperimentsEvent =
  | { readonly type: "experiments/received"; readonly rows: readonly Experiment[] }
  | { readonly type: "experiments/olderReceived"; readonly rows: readonly Experiment[]; readonly more: boolean }
  /** The answer of an action: shown at once, the live list follows. */
  | { readonly type: "experiments/changed"; readonly row: Experiment }
  | { readonly type: "experiments/removed"; readonly id: string }
  | { readonly type: "experiments/failed"; readonly failure: Failure }
  | { readonly type: "experiments/selected"; readonly id: string | null }
  | { readonly type: "experiments/filtered"; readonly filter: string }
  | { readonly type: "experiments/sorted"; readonly sort: SortKey; readonly reversed: boolean }
  | { readonly type: "experiments/bookmarkToggled"; readonly id: string }
  | { readonly type: "experiments/markToggled"; readonly id: string }
  | { readonly type: "experiments/marksCleared" };

export const initialExperiments: ExperimentsState = {
  live: [],
  older: [],
  moreOlder: true,
  loaded: false,
  failure: null,
  selectedId: null,
  filter: "",
  sort: "queue",
  reversed: false,
  bookmarks: [],
  marked: [],
};

const toggled = (ids: readonly string[], id: string) =>
  ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];

const replaced = (rows: readonly Experiment[], row: Experiment) =>
  rows.some((other) => other._id === row._id)
    ? rows.map((other) => (other._id === row._id ? row : other))
    : [row, ...rows];

const hasEnded = (row: Experiment) => row.status === "pass" || row.status === "fail";

/**
 * Rows that newer ones have pushed out of the watched window join the history already loaded, so that the list has no
 * hole. A row that would still be inside the window has been deleted.
 */
function withShiftedOut({ live, older }: ExperimentsState, next: readonly Experiment[]): readonly Experiment[] {
  if (older.length === 0) return older;
  const windowStart = next.reduce((from, row) => (hasEnded(row) ? Math.min(from, row._creationTime) : from), Infinity);
  const kept = new Set(next.map((row) => row._id));
  const out = live.filter((row) => hasEnded(row) && row._creationTime < windowStart && !kept.has(row._id));
  return out.length === 0 ? older : [...out, ...older];
}

/** Pure. A failed refresh keeps the last good rows on screen. */
export function experimentsReducer(state: ExperimentsState, event: ExperimentsEvent): ExperimentsState {
  switch (event.type) {
    case "experiments/received":
      return { ...state, live: event.rows, older: withShiftedOut(state, event.rows), loaded: true, failure: null };
    case "experiments/olderReceived":
      return { ...state, older: [...state.older, ...event.rows], moreOlder: event.more };
    case "experiments/changed":
      return { ...state, live: replaced(state.live, event.row) };
    case "experiments/removed":
      return {
        ...state,
        live: state.live.filter((row) => row._id !== event.id),
        older: state.older.filter((row) => row._id !== event.id),
        marked: state.marked.filter((id) => id !== event.id),
      };
    case "experiments/failed":
      return { ...state, failure: event.failure };
    case "experiments/selected":
      return { ...state, selectedId: event.id };
    case "experiments/filtered":
      return { ...state, filter: event.filter };
    case "experiments/sorted":
      return { ...state, sort: event.sort, reversed: event.reversed };
    case "experiments/bookmarkToggled":
      return { ...state, bookmarks: toggled(state.bookmarks, event.id) };
    case "experiments/markToggled":
      return { ...state, marked: toggled(state.marked, event.id) };
    case "experiments/marksCleared":
      return { ...state, marked: [] };
  }
}
