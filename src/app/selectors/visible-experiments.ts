import type { Experiment } from "../../contract/experiment.js";
import { memoLast } from "../memo.js";
import type { ExperimentsState, SortKey } from "../slices/experiments.js";
import { experimentFilter } from "./experiment-filter.js";
import { compileFilter } from "./filter.js";
import { mergeSorted, type SortedRows, sortRows } from "./sorted-rows.js";

/** The queue as it is shown: filtered and sorted. Rows are looked up, not copied, so that 100,000 of them cost nothing. */
export interface QueueView {
  readonly length: number;
  /** Rows before the filter. */
  readonly total: number;
  at(position: number): Experiment | undefined;
  /** -1 when it is not in the list. */
  positionOf(id: string | null): number;
  byId(id: string): Experiment | undefined;
  /** What of the filter could not be understood. */
  readonly problems: readonly string[];
}

type Rows = readonly Experiment[];

interface OrderOptions {
  readonly sort: SortKey;
  readonly reversed: boolean;
  readonly bookmarks: readonly string[];
}

const compiled = memoLast((filter: string) => compileFilter(filter, experimentFilter));

const sortPart = (rows: Rows, order: OrderOptions): SortedRows =>
  sortRows(rows, { ...order, bookmarks: new Set(order.bookmarks) });

/** Filters what is sorted: a letter more in the filter sorts nothing again. */
function filterPart(sorted: SortedRows, filter: string): SortedRows {
  const { matches, isEmpty } = compiled(filter);
  if (isEmpty) return sorted;
  const kept = new Uint32Array(sorted.order.length);
  let count = 0;
  for (const index of sorted.order) {
    const row = sorted.rows[index];
    if (row !== undefined && matches(row)) kept[count++] = index;
  }
  return { ...sorted, order: kept.subarray(0, count) };
}

/** Map from document id to position. */
function positions(rows: Rows): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (let index = 0; index < rows.length; index++) found.set(rows[index]?._id ?? "", index);
  return found;
}

/** As `positions`, but history only grows at its end: then what is new is added to the map of before. */
function growingPositions(): (rows: Rows) => ReadonlyMap<string, number> {
  let known: Rows = [];
  let found = new Map<string, number>();
  return (rows) => {
    if (rows === known) return found;
    const isLonger = known.length > 0 && rows[0] === known[0] && rows[known.length - 1] === known.at(-1);
    if (!isLonger) found = new Map();
    for (let index = isLonger ? known.length : 0; index < rows.length; index++)
      found.set(rows[index]?._id ?? "", index);
    known = rows;
    return found;
  };
}

const selectOrder = memoLast(
  (sort: SortKey, reversed: boolean, bookmarks: readonly string[]): OrderOptions => ({ sort, reversed, bookmarks }),
);
const livePositions = memoLast(positions);
const olderPositions = growingPositions();
const sortLive = memoLast(sortPart);
// History seldom changes: a live update sorts only the live rows and merges.
const sortOlder = memoLast(sortPart);
const filterOlder = memoLast(filterPart);

/** A row may be in both while history and the live list overlap; the live one is newer. */
function withoutLive(older: SortedRows, doubles: readonly number[]): SortedRows {
  if (doubles.length === 0) return older;
  const isDouble = new Uint8Array(older.rows.length);
  for (const index of doubles) isDouble[index] = 1;
  const order = new Uint32Array(older.order.length);
  let count = 0;
  for (const index of older.order) if (isDouble[index] === 0) order[count++] = index;
  return { ...older, order: order.subarray(0, count) };
}

const viewOf = memoLast((live: Rows, older: Rows, order: OrderOptions, filter: string): QueueView => {
  const liveAt = livePositions(live);
  const front = filterPart(sortLive(live, order), filter);
  const olderAt = olderPositions(older);
  const doubles = live.flatMap((row) => olderAt.get(row._id) ?? []);
  const back = withoutLive(filterOlder(sortOlder(older, order), filter), doubles);
  const merged = mergeSorted(front, back, order.reversed);
  const rowAt = (index: number) => (index < live.length ? live[index] : older[index - live.length]);
  const indexOf = (id: string) => {
    const fromLive = liveAt.get(id);
    if (fromLive !== undefined) return fromLive;
    const fromOlder = olderAt.get(id);
    return fromOlder === undefined ? undefined : fromOlder + live.length;
  };
  return {
    length: merged.length,
    total: live.length + older.length - doubles.length,
    at(position) {
      const index = merged[position];
      return index === undefined ? undefined : rowAt(index);
    },
    positionOf(id) {
      const index = id === null ? undefined : indexOf(id);
      return index === undefined ? -1 : merged.indexOf(index);
    },
    byId(id) {
      const index = indexOf(id);
      return index === undefined ? undefined : rowAt(index);
    },
    problems: compiled(filter).problems,
  };
});

/** The same object as long as nothing that it shows has changed. */
export function visibleExperiments(state: ExperimentsState): QueueView {
  const order = selectOrder(state.sort, state.reversed, state.bookmarks);
  return viewOf(state.live, state.older, order, state.filter);
}

/** The row under the cursor; undefined without one. */
export function selectedExperiment(state: ExperimentsState): Experiment | undefined {
  return state.selectedId === null ? undefined : visibleExperiments(state).byId(state.selectedId);
}

/** What a command on experiments acts on: the marked rows, else the one under the cursor. */
export function targetExperiments(state: ExperimentsState): readonly Experiment[] {
  const view = visibleExperiments(state);
  const marked = state.marked.flatMap((id) => view.byId(id) ?? []);
  if (marked.length > 0) return marked;
  const selected = selectedExperiment(state);
  return selected === undefined ? [] : [selected];
}
