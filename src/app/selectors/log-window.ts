import type { HeldLine } from "../log-buffer.js";
import { memoLast } from "../memo.js";
import type { LogState } from "../slices/log.js";
import { paneBody } from "../slices/view.js";
import type { AppState } from "../store.js";
import { lowerBound, shownQuery, sliceBytes } from "./log-search.js";
import { offsetAtColumn, shownLine, timeColumns, wrapOffsets } from "./log-text.js";

/** One row of the log pane. */
export interface LogRow {
  /** Buffer index of its line. */
  readonly index: number;
  readonly line: HeldLine;
  /** What of the line is on this row, before it is cut at the width; empty for marks. */
  readonly text: string;
  /** 0 for the first row of a line. Only that has the time. */
  readonly part: number;
}

export interface LogWindow {
  /** At most `height` rows, top to bottom. */
  readonly rows: readonly LogRow[];
  /** Lines that pass the level and `&`, and how many of them are above the window and below it. */
  readonly shown: number;
  readonly above: number;
  readonly below: number;
}

/** Size of the text: the width without the time column. */
export interface TextSize {
  readonly width: number;
  readonly height: number;
}

/** A place in the log: a line (position among those shown) and a row of it. */
interface Place {
  readonly position: number;
  readonly part: number;
}

/** The lines that are shown, by position: all that are held, or those that a query has found. */
interface ShownLines {
  readonly length: number;
  indexAt(position: number): number;
  /** Position of the line, or of the first shown one after it. */
  positionOf(index: number): number;
}

export function shownLines(log: LogState): ShownLines {
  const { buffer } = log;
  const query = shownQuery(log);
  if (query === null) {
    const { firstIndex, endIndex } = buffer;
    const length = endIndex - firstIndex;
    return {
      length,
      indexAt: (position) => firstIndex + position,
      positionOf: (index) => Math.min(length, Math.max(0, index - firstIndex)),
    };
  }
  const { indexes } = buffer.search(query, sliceBytes);
  return {
    length: indexes.length,
    indexAt: (position) => indexes[position] ?? buffer.endIndex,
    positionOf: (index) => lowerBound(indexes, index),
  };
}

interface Layout {
  readonly log: LogState;
  readonly lines: ShownLines;
  readonly size: TextSize;
}

/** Rows of one line; at least one. */
function rowsOf({ log, lines, size }: Layout, position: number): readonly LogRow[] {
  const index = lines.indexAt(position);
  const shown = shownLine(log.buffer, index);
  if (shown === undefined) return [];
  const { line, text } = shown;
  if (!log.wrap) return [{ index, line, text: text.slice(offsetAtColumn(text, log.columnOffset)), part: 0 }];
  const offsets = wrapOffsets(text, size.width);
  return offsets.map((offset, part) => ({ index, line, text: text.slice(offset, offsets[part + 1]), part }));
}

const rowCount = (layout: Layout, position: number) =>
  layout.log.wrap ? Math.max(1, rowsOf(layout, position).length) : 1;

/** The place `rows` further down (up if negative), inside the log. */
function moved(layout: Layout, from: Place, rows: number): Place {
  let position = from.position;
  let part = from.part + rows;
  while (part < 0 && position > 0) {
    position--;
    part += rowCount(layout, position);
  }
  while (position < layout.lines.length - 1) {
    const count = rowCount(layout, position);
    if (part < count) break;
    part -= count;
    position++;
  }
  if (position >= layout.lines.length) return { position: Math.max(0, layout.lines.length - 1), part: 0 };
  return { position, part: Math.min(Math.max(0, part), rowCount(layout, position) - 1) };
}

/** Top of the last full window. */
function lastTop(layout: Layout): Place {
  const last = layout.lines.length - 1;
  if (last < 0) return { position: 0, part: 0 };
  return moved(layout, { position: last, part: rowCount(layout, last) - 1 }, 1 - layout.size.height);
}

const isBefore = (a: Place, b: Place) => a.position < b.position || (a.position === b.position && a.part < b.part);

function topOf(layout: Layout): Place {
  const { log, lines } = layout;
  const last = lastTop(layout);
  if (log.following) return last;
  const position = lines.positionOf(log.topIndex);
  const wanted = { position, part: lines.indexAt(position) === log.topIndex ? log.topPart : 0 };
  return isBefore(wanted, last) ? wanted : last;
}

function layoutOf(log: LogState, size: TextSize): Layout {
  return { log, lines: shownLines(log), size };
}

// `revision` is what says that the buffer, which is mutable, has changed: it is part of `log`.
const windowOf = memoLast((log: LogState, width: number, height: number): LogWindow => {
  const layout = layoutOf(log, { width, height });
  const top = topOf(layout);
  const rows: LogRow[] = [];
  let position = top.position;
  for (; rows.length < height && position < layout.lines.length; position++) {
    const parts = rowsOf(layout, position);
    rows.push(...(position === top.position ? parts.slice(top.part) : parts));
  }
  rows.length = Math.min(rows.length, height);
  return { rows, shown: layout.lines.length, above: top.position, below: layout.lines.length - position };
});

/** What the log pane shows in a text area of that size. */
export function logWindow(log: LogState, { width, height }: TextSize): LogWindow {
  return windowOf(log, width, height);
}

/** The text area of the log pane as it is laid out now. */
export function logTextSize({ log, view }: Pick<AppState, "log" | "view">): TextSize {
  const { width, height } = paneBody(view, "log");
  return { width: Math.max(1, width - (log.showTime ? timeColumns : 0)), height };
}

/** Where the window's top goes when it is moved by so many rows; null when that is the end of the log. */
export function scrolledBy(log: LogState, size: TextSize, rows: number): { topIndex: number; topPart: number } | null {
  const layout = layoutOf(log, size);
  const to = moved(layout, topOf(layout), rows);
  if (rows > 0 && !isBefore(to, lastTop(layout))) return null;
  return { topIndex: layout.lines.indexAt(to.position), topPart: to.part };
}

/** The same for a line that should be seen: a third of the window above it, unless it is in the window already. */
export function scrolledTo(log: LogState, size: TextSize, index: number): { topIndex: number; topPart: number } {
  const layout = layoutOf(log, size);
  const top = topOf(layout);
  const target = { position: layout.lines.positionOf(index), part: 0 };
  const bottom = moved(layout, top, size.height - 1);
  const isVisible = !isBefore(target, top) && !isBefore(bottom, target);
  const to = isVisible ? top : moved(layout, target, -Math.floor(size.height / 3));
  return { topIndex: layout.lines.indexAt(to.position), topPart: to.part };
}
