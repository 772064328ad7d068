import { listTop } from "../../app/list-top.js";
import { totals } from "../../app/selectors/totals.js";
import { type QueueView, visibleExperiments } from "../../app/selectors/visible-experiments.js";
import type { AppState } from "../../app/store.js";
import type { Experiment } from "../../contract/experiment.js";
import { shortDuration } from "../../core/duration.js";
import { columnsOf, fit, type Piece, row } from "../paint/columns.js";
import { glyph, selectedLook, spinnerGlyph } from "../paint/look.js";
import { noticeRows } from "../paint/notice.js";
import { count, percent, significant } from "../paint/number-format.js";
import { innerSize, paneFrame } from "../paint/pane-frame.js";
import { progressBar } from "../paint/progress-bar.js";
import { experimentLook, priorityLook } from "../paint/status.js";
import { type Column, headingRow, type PlacedColumn, placeColumns, tableRow } from "../paint/table.js";
import type { Look, Pane, PaneSize } from "./pane.js";
import { emptyQueueLines } from "./queue-pane/empty.js";
import { titlePieces } from "./queue-pane/title.js";

type ColumnId = "id" | "title" | "queue" | "state" | "priority" | "progress" | "age" | "eta";

/** Columns before the table: cursor, mark, blank. */
const leadColumns = 3;
/** A blank between the table and the border. */
const tailColumns = 1;

const mostIdColumns = 14;
/** The queue of what names no other; its own name need not be said. */
const usualQueue = "default";

const columns: readonly Column<ColumnId>[] = [
  { id: "id", heading: "ID", rank: 0, width: 7 },
  { id: "title", heading: "TITLE", rank: 0, width: 22, grow: { share: 8, most: 90 } },
  { id: "queue", heading: "QUEUE", rank: 6, width: 8 },
  { id: "state", heading: "STATE", rank: 0, width: 9 },
  { id: "priority", heading: "PRI", rank: 3, width: 4 },
  { id: "progress", heading: "PROGRESS", rank: 4, width: 10 },
  { id: "age", heading: "AGE", rank: 2, width: 5, align: "right" },
  { id: "eta", heading: "ETA", rank: 5, width: 6, align: "right" },
];

/** The queue: every experiment as one row, only the visible ones painted. */
export const queuePane: Pane = {
  id: "queue",
  title: "Queue",
  minimum: { width: 30, height: 5 },
  rows(state, size, look) {
    const { experiments } = state;
    const view = visibleExperiments(experiments);
    const text = {
      id: "queue",
      right: rightOf(state, view),
      foot: footOf(state),
      failure: view.length > 0 ? experiments.failure : null,
    } as const;
    return paneFrame({ state, size, look }, text, (bodyLook, inner) => {
      const lines = emptyQueueLines(state, view, look);
      if (lines === null) return list(state, view, inner, bodyLook);
      const filter = experiments.filter === "" ? [] : [filterRow(state, view, inner.width, bodyLook)];
      return [...filter, ...noticeRows(lines, { ...inner, height: inner.height - filter.length }, look)];
    });
  },
  cursorRow(state, size) {
    const { experiments } = state;
    const view = visibleExperiments(experiments);
    const position = view.positionOf(experiments.selectedId);
    if (position < 0) return null;
    const inner = innerSize(size);
    const height = queueListHeight(state, inner.height);
    // Below the border and what of the list is no row of it.
    return 1 + (inner.height - height) + position - listTop(state, "queue", height);
  },
};

/** Rows of the list that fit into a pane of that inner height: how far a page is. */
export function queueListHeight(state: Pick<AppState, "experiments">, innerHeight: number): number {
  return Math.max(1, innerHeight - 1 - (state.experiments.filter === "" ? 0 : 1));
}

function list(state: AppState, view: QueueView, inner: PaneSize, look: Look): string[] {
  const { experiments } = state;
  const height = queueListHeight(state, inner.height);
  const top = listTop(state, "queue", height);
  const shown: Experiment[] = [];
  for (let position = top; position < Math.min(view.length, top + height); position++) {
    const experiment = view.at(position);
    if (experiment !== undefined) shown.push(experiment);
  }
  const placed = placeColumns(columnsFor(shown), inner.width - leadColumns - tailColumns);
  const rows: string[] = [];
  if (experiments.filter !== "") rows.push(filterRow(state, view, inner.width, look));
  rows.push(" ".repeat(leadColumns) + headingRow(look, inner.width - leadColumns, placed));
  const context = rowContext(state, inner.width, placed, look);
  for (const experiment of shown) rows.push(experimentRow(experiment, context));
  return rows;
}

/** An id is what one types and says: it is not cut. Where everything is in the one queue that every lab has, none is named. */
function columnsFor(shown: readonly Experiment[]): readonly Column<ColumnId>[] {
  const ids = longest(shown.map(({ experimentId }) => experimentId));
  const queues = shown.some(({ queue }) => queue !== usualQueue) ? longest(shown.map(({ queue }) => queue)) : 0;
  return columns.flatMap((column) => {
    if (column.id === "queue") return queues === 0 ? [] : [{ ...column, width: Math.max(5, queues) }];
    return [column.id === "id" && ids > column.width ? { ...column, width: ids } : column];
  });
}

const longest = (words: readonly string[]) => Math.min(mostIdColumns, Math.max(0, ...words.map(columnsOf)));

interface RowContext {
  readonly look: Look;
  readonly width: number;
  readonly placed: readonly PlacedColumn<ColumnId>[];
  /** Which columns there are, and how wide. */
  readonly columnsKey: string;
  readonly nowMs: number;
  readonly spin: number;
  readonly focused: boolean;
  readonly selectedId: string | null;
  readonly marked: ReadonlySet<string>;
  readonly bookmarks: ReadonlySet<string>;
  readonly pending: ReadonlySet<string | null>;
}

function rowContext(state: AppState, width: number, placed: readonly PlacedColumn<ColumnId>[], look: Look): RowContext {
  const { experiments, actions, view } = state;
  return {
    look,
    width,
    placed,
    columnsKey: placed.map(({ id, placed: columnWidth }) => `${id}${columnWidth}`).join(),
    nowMs: view.nowMs,
    spin: view.spin,
    focused: view.focus === "queue",
    selectedId: experiments.selectedId,
    marked: new Set(experiments.marked),
    bookmarks: new Set(experiments.bookmarks),
    pending: new Set(actions.pending.map(({ target }) => target)),
  };
}

interface PaintedRow {
  readonly look: Look;
  readonly key: string;
  readonly text: string;
}

const painted = new WeakMap<Experiment, PaintedRow>();

/** A row is painted again only when something on it has changed. */
function experimentRow(experiment: Experiment, context: RowContext): string {
  const { look, columnsKey, nowMs, spin, focused, selectedId, marked, bookmarks, pending } = context;
  const id = experiment._id;
  const highlighted = focused && id === selectedId;
  const spinning = pending.has(id) ? spin : -1;
  const flags = [id === selectedId, highlighted, marked.has(id), bookmarks.has(id)].map(Number).join("");
  const key = `${context.width}/${columnsKey} ${flags} ${spinning} ${ageOf(experiment, nowMs)} ${etaOf(experiment, nowMs)}`;
  const known = painted.get(experiment);
  if (known?.key === key && known.look === look) return known.text;
  const words = rowWords(experiment, highlighted ? { ...context, look: selectedLook(look) } : context, spinning);
  const text = highlighted ? look.paint("row.selected", words) : words;
  painted.set(experiment, { look, key, text });
  return text;
}

function rowWords(experiment: Experiment, context: RowContext, spinning: number): string {
  const { look, width, placed } = context;
  const lead = row(look.paint, leadColumns, leadOf(experiment, context, spinning));
  return (
    lead + tableRow(look, width - leadColumns, placed, (column, room) => cellOf(experiment, context, { column, room }))
  );
}

function leadOf({ _id }: Experiment, { look, selectedId, marked, bookmarks }: RowContext, spinning: number): Piece[] {
  const cursor: Piece = ["text.accent", _id === selectedId ? glyph("cursor", look) : " "];
  if (spinning >= 0) return [cursor, ["notice.info", spinnerGlyph(spinning, look)]];
  if (marked.has(_id)) return [cursor, ["row.marked", glyph("mark", look)]];
  return [cursor, ["money", bookmarks.has(_id) ? glyph("bookmark", look) : " "]];
}

function cellOf(experiment: Experiment, context: RowContext, { column, room }: { column: ColumnId; room: number }) {
  const { look, nowMs, selectedId } = context;
  const { priority } = experiment;
  switch (column) {
    case "id":
      return [experiment._id === selectedId ? "text.strong" : "text.primary", experiment.experimentId] as const;
    case "title":
      return { pieces: titlePieces(experiment, selectedId, room) };
    case "queue":
      return [experiment.queue === usualQueue ? "text.muted" : "text.accent", experiment.queue] as const;
    case "state":
      return statePiece(experiment, look);
    case "priority":
      return [priorityLook[priority].tone, priorityLook[priority].word] as const;
    case "progress":
      return { pieces: progressOf(experiment, room, look) };
    case "age":
      return ["text.muted", ageOf(experiment, nowMs)] as const;
    case "eta":
      return ["text.muted", etaOf(experiment, nowMs)] as const;
  }
}

function statePiece({ status, cancelRequested }: Experiment, look: Look): Piece {
  const { tone, glyph: mark, word } = experimentLook[status];
  return [tone, `${glyph(mark, look)} ${cancelRequested && status === "running" ? "ending" : word}`];
}

/** How far it is: R-1 for a chain, a bar where the run tells its progress. */
function progressOf({ status, metrics, progress }: Experiment, room: number, look: Look): readonly Piece[] {
  const rMinus1 = metrics["chain.rminus1"];
  if (rMinus1 !== undefined) {
    return [
      ["text.muted", "R-1 "],
      ["text.primary", significant(rMinus1, 2)],
    ];
  }
  if (status !== "running" || progress === null) return [];
  return [...progressBar(progress, room - 5, look), ["text.primary", fit(percent(progress * 100), 5, "right")]];
}

/** How long it runs, waits, or has been over. */
function ageOf({ status, createdAt, startedAt, endedAt }: Experiment, nowMs: number): string {
  const since = status === "running" ? startedAt : (endedAt ?? createdAt);
  return since === null ? "–" : shortDuration(nowMs - since);
}

function etaOf({ status, etaAt }: Experiment, nowMs: number): string {
  if (status !== "running" && status !== "queued") return "";
  return etaAt === null ? "–" : `~${shortDuration(etaAt - nowMs)}`;
}

function rightOf({ experiments }: AppState, view: QueueView): Piece[] {
  const { sort, reversed, marked, filter } = experiments;
  const pieces: Piece[] = [];
  if (sort !== "queue" || reversed) pieces.push(["text.muted", `by ${sort}${reversed ? ", reversed" : ""}`]);
  if (marked.length > 0) pieces.push(["row.marked", `${count(marked.length)} marked`]);
  if (filter !== "") pieces.push(["text.accent", `${count(view.length)} of ${count(view.total)}`]);
  else if (view.total > 0) {
    const at = view.positionOf(experiments.selectedId) + 1;
    pieces.push(["text.muted", at > 0 ? `${count(at)}/${count(view.total)}` : count(view.total)]);
  }
  return pieces;
}

function footOf(state: AppState): Piece[] {
  const { running, queued, blocked, failedToday } = totals(state);
  const said = (number: number, word: string, tone: Piece[0]): Piece[] =>
    number === 0 ? [] : [[tone, `${count(number)} ${word}`]];
  return [
    ...said(running, "running", "status.running"),
    ...said(queued, "queued", "status.queued"),
    ...said(blocked, "blocked", "status.blocked"),
    ...said(failedToday, "failed", "status.fail"),
  ];
}

function filterRow({ experiments }: AppState, view: QueueView, width: number, look: Look): string {
  const found: Piece[] =
    view.problems.length === 0
      ? [["text.muted", `  ${count(view.length)} of ${count(view.total)}`]]
      : [["notice.bad", `  ${view.problems.join("; ")}`]];
  return row(look.paint, width, [["key", " / "], ["text.accent", experiments.filter], ...found]);
}
