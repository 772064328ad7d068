import { type Experiment, priorityRank } from "../../contract/experiment.js";
import type { SortKey } from "../slices/experiments.js";

export interface RowOrder {
  readonly sort: SortKey;
  readonly reversed: boolean;
  /** Document ids that come first, whatever the order. */
  readonly bookmarks: ReadonlySet<string>;
}

/** Rows with what they are sorted by, in columns: 100,000 rows are sorted without touching the rows again. */
export interface SortedRows {
  readonly rows: readonly Experiment[];
  /** Positions in `rows`, in the order of the list. */
  readonly order: Uint32Array;
  readonly columns: SortColumns;
}

interface SortColumns {
  readonly unpinned: Uint8Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly text: readonly string[] | null;
}

interface SortNumbers {
  /** Compared first, then `second`; smaller comes first. */
  readonly first: (row: Experiment) => number;
  readonly second?: (row: Experiment) => number;
  readonly text?: (row: Experiment) => string;
}

const statusGroup = { running: 0, queued: 1, blocked: 2, fail: 3, pass: 3 } as const;
const unknownLast = Number.MAX_VALUE;

/** Newest first. */
const recency = (row: Experiment) => -row.createdAt;

const sortNumbers: Readonly<Record<SortKey, SortNumbers>> = {
  // What runs, what will run next, what can't, what has ended: newest end first.
  queue: {
    first: (row) => (hasEnded(row) ? 12 : statusGroup[row.status] * 4 + priorityRank[row.priority]),
    second: (row) => {
      if (hasEnded(row)) return -(row.endedAt ?? row.updatedAt);
      return row.status === "running" ? (row.startedAt ?? unknownLast) : row.createdAt;
    },
  },
  id: { first: (row) => -idNumber(row.experimentId), second: recency },
  title: { first: (row) => textPrefix(row.title), second: recency, text: (row) => row.title.toLowerCase() },
  state: { first: (row) => (row.status === "pass" ? 4 : statusGroup[row.status]), second: recency },
  priority: { first: (row) => priorityRank[row.priority], second: recency },
  age: { first: recency },
};

const hasEnded = (row: Experiment) => row.status === "pass" || row.status === "fail";

/** 54 of `EXP-054`; ids that end in no number come last. */
function idNumber(id: string): number {
  const number = Number(id.slice(id.lastIndexOf("-") + 1));
  return Number.isNaN(number) ? -1 : number;
}

/** The first six characters as one number that sorts like them, so that most titles are told apart without a string. */
function textPrefix(text: string): number {
  let number = 0;
  for (let at = 0; at < 6; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : 0;
    number = number * 256 + Math.min(255, unit >= 65 && unit <= 90 ? unit + 32 : unit);
  }
  return number;
}

function readColumns(rows: readonly Experiment[], { sort, bookmarks }: RowOrder): SortColumns {
  const { first, second, text } = sortNumbers[sort];
  const columns = {
    unpinned: new Uint8Array(rows.length).fill(1),
    first: new Float64Array(rows.length),
    second: new Float64Array(rows.length),
    text: text === undefined ? null : rows.map(text),
  };
  rows.forEach((row, index) => {
    columns.first[index] = first(row);
    if (second !== undefined) columns.second[index] = second(row);
    if (bookmarks.size > 0 && bookmarks.has(row._id)) columns.unpinned[index] = 0;
  });
  return columns;
}

interface Place {
  readonly columns: SortColumns;
  readonly index: number;
}

function compareText(a: Place, b: Place): number {
  const [left, right] = [a.columns.text?.[a.index] ?? "", b.columns.text?.[b.index] ?? ""];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Negative if `a` comes first. Equal rows stay in the order they came in. */
function compare(a: Place, b: Place, reversed: boolean): number {
  const pinned = (a.columns.unpinned[a.index] ?? 1) - (b.columns.unpinned[b.index] ?? 1);
  if (pinned !== 0) return pinned;
  const difference =
    (a.columns.first[a.index] ?? 0) - (b.columns.first[b.index] ?? 0) ||
    (a.columns.text === null ? 0 : compareText(a, b)) ||
    (a.columns.second[a.index] ?? 0) - (b.columns.second[b.index] ?? 0);
  return reversed ? -difference : difference;
}

/** Sorts the rows at `kept` (positions in `rows`). */
export function sortRows(rows: readonly Experiment[], kept: Uint32Array, order: RowOrder): SortedRows {
  const columns = readColumns(rows, order);
  const a = { columns, index: 0 };
  const b = { columns, index: 0 };
  const sorted = kept.slice().sort((left, right) => {
    a.index = left;
    b.index = right;
    return compare(a, b, order.reversed);
  });
  return { rows, order: sorted, columns };
}

/** Both sorted lists as one: positions below `front.rows.length` mean `front`, the others `back`, less that length. */
export function mergeSorted(front: SortedRows, back: SortedRows, reversed: boolean): Uint32Array {
  const offset = front.rows.length;
  const merged = new Uint32Array(front.order.length + back.order.length);
  const a = { columns: front.columns, index: 0 };
  const b = { columns: back.columns, index: 0 };
  let [left, right] = [0, 0];
  for (let at = 0; at < merged.length; at++) {
    a.index = front.order[left] ?? 0;
    b.index = back.order[right] ?? 0;
    const takesFront = right >= back.order.length || (left < front.order.length && compare(a, b, reversed) <= 0);
    merged[at] = takesFront ? a.index : b.index + offset;
    if (takesFront) left++;
    else right++;
  }
  return merged;
}
