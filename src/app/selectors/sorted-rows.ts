import type { Experiment } from "../../contract/experiment.js";
import { priorityRank } from "../../contract/vocabulary.js";
import type { SortKey } from "../slices/experiments.js";
import { radixSort } from "./radix-sort.js";

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
  /** 0 for bookmarks, 1 for the rest. */
  readonly unpinned: Float64Array;
  /** The most important first. */
  readonly numbers: readonly Float64Array[];
  /** Compared where all `numbers` are equal. */
  readonly text: readonly string[] | null;
}

const statusGroup = { running: 0, queued: 1, blocked: 2, draft: 3, fail: 4, pass: 4 } as const;
const unknownLast = Number.MAX_VALUE;

const hasEnded = (row: Experiment) => row.status === "pass" || row.status === "fail";

/** Newest first. */
const recency = (row: Experiment) => -row.createdAt;

/** What each order compares, the most important first; smaller numbers come first. */
const sortNumbers: Readonly<Record<SortKey, readonly ((row: Experiment) => number)[]>> = {
  // What runs, what will run next, what can't, what has ended: newest end first.
  queue: [
    (row) => (hasEnded(row) ? 16 : statusGroup[row.status] * 4 + priorityRank[row.priority]),
    (row) => {
      if (hasEnded(row)) return -(row.endedAt ?? row.updatedAt);
      return row.status === "running" ? (row.startedAt ?? unknownLast) : row.createdAt;
    },
    // A batch is made in one moment: its experiments start in the order of their numbers.
    (row) => (row.status === "queued" ? idNumber(row.experimentId) : 0),
  ],
  id: [(row) => -idNumber(row.experimentId), recency],
  // Equal titles stay newest first, as they come.
  title: [0, 6, 12, 18].map((from) => (row) => sixCharacters(row.title, from)),
  state: [(row) => (row.status === "pass" ? 5 : statusGroup[row.status]), recency],
  priority: [(row) => priorityRank[row.priority], recency],
  age: [recency],
};

/** 54 of `EXP-054`; ids that end in no number come last. */
function idNumber(id: string): number {
  const number = Number(id.slice(id.lastIndexOf("-") + 1));
  return Number.isNaN(number) ? -1 : number;
}

/** Six characters as one number that sorts like them; capitals as small letters, what is not Latin after all that is. */
function sixCharacters(text: string, from: number): number {
  let number = 0;
  for (let at = from; at < from + 6; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : 0;
    number = number * 256 + Math.min(255, unit >= 65 && unit <= 90 ? unit + 32 : unit);
  }
  return number;
}

/** Numbers stand for so many characters of a title. */
const charactersInNumbers = 24;

/** Float64Array.from would take ten times as long. */
function readColumn(rows: readonly Experiment[], read: (row: Experiment) => number): Float64Array {
  const column = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at];
    if (row !== undefined) column[at] = read(row);
  }
  return column;
}

function readColumns(rows: readonly Experiment[], { sort, bookmarks }: RowOrder): SortColumns {
  const columns = {
    unpinned: new Float64Array(rows.length).fill(1),
    numbers: sortNumbers[sort].map((read) => readColumn(rows, read)),
    text: sort === "title" ? rows.map((row) => row.title) : null,
  };
  if (bookmarks.size > 0) {
    rows.forEach((row, at) => {
      if (bookmarks.has(row._id)) columns.unpinned[at] = 0;
    });
  }
  return columns;
}

/** Equal rows stay in the order they came in. */
export function sortRows(rows: readonly Experiment[], order: RowOrder): SortedRows {
  const columns = readColumns(rows, order);
  const sorted = new Uint32Array(rows.length);
  for (let at = 0; at < sorted.length; at++) sorted[at] = at;
  for (const numbers of columns.numbers.toReversed()) radixSort(sorted, numbers, order.reversed);
  if (columns.text !== null) sortLongTexts(sorted, columns, order.reversed);
  if (order.bookmarks.size > 0) radixSort(sorted, columns.unpinned);
  return { rows, order: sorted, columns };
}

/** Titles that are equal as far as the numbers go, and longer, are compared as strings. */
function sortLongTexts(order: Uint32Array, { numbers, text }: SortColumns, reversed: boolean): void {
  const isAlike = (a: number, b: number) => numbers.every((prefix) => prefix[a] === prefix[b]);
  const sign = reversed ? -1 : 1;
  for (let from = 0; from < order.length; ) {
    const first = order[from] ?? 0;
    let to = from + 1;
    while (to < order.length && isAlike(first, order[to] ?? 0)) to++;
    if (to - from > 1 && (text?.[first]?.length ?? 0) >= charactersInNumbers) {
      order.subarray(from, to).sort((a, b) => sign * compareText(text?.[a], text?.[b]));
    }
    from = to;
  }
}

function compareNumbers(left: Float64Array, a: number, right: Float64Array, b: number): number {
  return (left[a] ?? 0) - (right[b] ?? 0);
}

function compareText(a = "", b = ""): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

interface Place {
  readonly columns: SortColumns;
  readonly index: number;
}

/** Negative if `a` comes first. */
function compare(a: Place, b: Place, reversed: boolean): number {
  const pinned = compareNumbers(a.columns.unpinned, a.index, b.columns.unpinned, b.index);
  if (pinned !== 0) return pinned;
  let difference = 0;
  a.columns.numbers.forEach((numbers, column) => {
    const other = b.columns.numbers[column] ?? numbers;
    if (difference === 0) difference = compareNumbers(numbers, a.index, other, b.index);
  });
  if (difference === 0) difference = compareText(a.columns.text?.[a.index], b.columns.text?.[b.index]);
  return reversed ? -difference : difference;
}

/**
 * Both sorted lists as one: positions below `front.rows.length` mean `front`, the others `back`, less that length. `front` is
 * the short one: its rows are put in place one by one, and what lies between them is copied.
 */
export function mergeSorted(front: SortedRows, back: SortedRows, reversed: boolean): Uint32Array {
  const merged = new Uint32Array(front.order.length + back.order.length);
  const offset = front.rows.length;
  let taken = 0;
  front.order.forEach((index, at) => {
    const place = { columns: front.columns, index };
    const until = firstNotBefore(back, place, { from: taken, reversed });
    for (; taken < until; taken++) merged[at + taken] = (back.order[taken] ?? 0) + offset;
    merged[at + taken] = index;
  });
  for (; taken < back.order.length; taken++) merged[front.order.length + taken] = (back.order[taken] ?? 0) + offset;
  return merged;
}

function firstNotBefore(
  { order, columns }: SortedRows,
  place: Place,
  { from, reversed }: { from: number; reversed: boolean },
): number {
  let [low, high] = [from, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare({ columns, index: order[middle] ?? 0 }, place, reversed) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
