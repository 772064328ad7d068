import { listTop } from "../../app/list-top.js";
import type { PodRow } from "../../app/selectors/pod-row.js";
import { type ProviderNote, providerNotes } from "../../app/selectors/provider-notes.js";
import { type PodsView, visiblePods } from "../../app/selectors/visible-pods.js";
import type { AppState } from "../../app/store.js";
import { type Piece, row, wrapWords } from "../paint/columns.js";
import { glyph, selectedLook, spinnerGlyph, staleLook } from "../paint/look.js";
import { failureLines, keyLine, type NoticeLine, noticeRows } from "../paint/notice.js";
import { count } from "../paint/number-format.js";
import { innerSize, paneFrame } from "../paint/pane-frame.js";
import { headingRow, type PlacedColumn, placeColumns, tableRow } from "../paint/table.js";
import type { Look, Pane, PaneSize } from "./pane.js";
import { cells } from "./pods-pane/cells.js";
import { type ColumnId, fleetColumns } from "./pods-pane/fleet-columns.js";
import { fleetPieces, positionPieces } from "./pods-pane/title.js";

const leadColumns = 3;
/** Older samples are no news: their numbers are not shown as if they were. */
const silentMs = 3 * 60_000;

/** The pod fleet of every provider: state, use, cost, and what runs there. */
export const podsPane: Pane = {
  id: "pods",
  title: "Pods",
  minimum: { width: 40, height: 4 },
  rows(state, size, look) {
    const view = visiblePods(state.pods);
    const height = podsListHeight(state, innerSize(size).height);
    const top = listTop(state, "pods", height);
    const text = {
      id: "pods",
      right: fleetPieces(state, view),
      foot: positionPieces(top, Math.min(height, view.rows.length), view.rows.length),
      failure: view.rows.length > 0 ? state.pods.failure : null,
    } as const;
    return paneFrame({ state, size, look }, text, (bodyLook, inner) => {
      const lines = stateLines(state, view, look);
      if (lines === null) return list(state, view, inner, bodyLook);
      const filter = state.pods.filter === "" ? [] : [filterRow(state, view, inner.width, bodyLook)];
      return [...filter, ...noticeRows(lines, { ...inner, height: inner.height - filter.length }, look)];
    });
  },
  cursorRow(state, size) {
    const view = visiblePods(state.pods);
    const inner = innerSize(size);
    const height = podsListHeight(state, inner.height);
    const cursor = Math.max(0, view.positionOf(state.pods.selectedId));
    // Below the border and what of the list is no row of it.
    return view.rows.length === 0 ? null : 1 + (inner.height - height) + cursor - listTop(state, "pods", height);
  },
};

/** Rows of the list that fit into a pane of that inner height: below the heading and the filter. */
export function podsListHeight({ pods }: Pick<AppState, "pods">, innerHeight: number): number {
  return Math.max(1, innerHeight - 1 - (pods.filter === "" ? 0 : 1));
}

function list(state: AppState, view: PodsView, inner: PaneSize, look: Look): string[] {
  const { pods } = state;
  const placed = placeColumns(fleetColumns(pods, view, { width: inner.width, look }), inner.width - leadColumns - 1);
  const rows: string[] = [];
  if (pods.filter !== "") rows.push(filterRow(state, view, inner.width, look));
  rows.push(" ".repeat(leadColumns) + headingRow(look, inner.width - leadColumns, placed));
  const height = podsListHeight(state, inner.height);
  const top = listTop(state, "pods", height);
  const context = { state, placed, placedIds: new Set(placed.map(({ id }) => id)), inner, look };
  for (const podRow of view.rows.slice(top, top + height)) rows.push(paintedRow(podRow, context));
  return [...rows, ...providerRows(state, { width: inner.width, height: inner.height - rows.length }, look)];
}

/** Below the list, where it leaves room: why these are old. That nothing is rented is no news to whoever has pods. */
function providerRows(state: AppState, { width, height }: PaneSize, look: Look): string[] {
  const notes = providerNotes(state).filter((note) => note.state !== "off");
  const lines = providerPieces(notes).flatMap(([tone, text]) =>
    wrapWords(text, width - leadColumns - 1).map((part): Piece => [tone, part]),
  );
  if (lines.length === 0 || height < lines.length) return [];
  const blank = height > lines.length ? [row(look.paint, width, [])] : [];
  const indent: Piece = ["text.primary", " ".repeat(leadColumns)];
  return [...blank, ...lines.map((line) => row(look.paint, width, [indent, line]))];
}

const providerPieces = (notes: readonly ProviderNote[]): Piece[] =>
  notes.map(({ state: how, text }) => [how === "down" ? "alert.warning" : "text.muted", text]);

interface RowContext {
  readonly state: AppState;
  readonly placed: readonly PlacedColumn<ColumnId>[];
  readonly placedIds: ReadonlySet<ColumnId>;
  readonly inner: PaneSize;
  readonly look: Look;
}

function paintedRow(podRow: PodRow, context: RowContext): string {
  const { state, placed, inner } = context;
  const { pods, view, actions } = state;
  const { pod, heardAt } = podRow;
  const selected = pod._id === pods.selectedId;
  const highlighted = selected && view.focus === "pods";
  const own = highlighted ? selectedLook(context.look) : context.look;
  // What is gone is there to be seen once more, not to be taken for news.
  const look = pod.status === "terminated" ? staleLook(own) : own;
  const pending = actions.pending.some(({ target }) => target === pod._id);
  const marked = pods.marked.includes(pod._id);
  const lead = row(look.paint, leadColumns, [
    ["text.accent", selected ? glyph("cursor", look) : " "],
    pending ? ["notice.info", spinnerGlyph(view.spin, look)] : ["row.marked", marked ? glyph("mark", look) : " "],
  ]);
  const about = {
    samples: pods.samples[pod._id] ?? [],
    look,
    silent: pod.status === "running" && view.nowMs - (heardAt ?? -Infinity) > silentMs,
    selected,
    nowMs: view.nowMs,
    placed: context.placedIds,
    view: pods,
  };
  const table = tableRow(look, inner.width - leadColumns, placed, (column, room) =>
    cells[column](podRow, { ...about, room }),
  );
  return highlighted ? context.look.paint("row.selected", lead + table) : lead + table;
}

function filterRow({ pods }: AppState, view: PodsView, width: number, look: Look): string {
  const found: Piece =
    view.problems.length === 0
      ? ["text.muted", `  ${count(view.rows.length)} of ${count(view.total)}`]
      : ["notice.bad", `  ${view.problems.join("; ")}`];
  return row(look.paint, width, [["key", " / "], ["text.accent", pods.filter], found]);
}

/** What stands there instead of rows; null when there are rows. */
function stateLines(state: AppState, view: PodsView, look: Look): NoticeLine[] | null {
  const {
    pods,
    link,
    view: { spin },
  } = state;
  if (view.rows.length > 0) return null;
  if (view.total > 0) return [["text.strong", "No pod matches."], keyLine("Esc", "show all")];
  if (pods.failure !== null) return failureLines("The pods could not be loaded.", pods.failure);
  if (!pods.loaded) {
    const where = link.label === "" ? "the lab" : link.label;
    return [
      [
        ["notice.info", spinnerGlyph(spin, look)],
        ["text.muted", ` Asking ${where} for its pods …`],
      ],
    ];
  }
  const providers = providerPieces(providerNotes(state));
  return [
    ["text.strong", "No pods."],
    ["text.muted", "Machines and rented GPUs show here with their use, their cost and how long they idle."],
    "",
    ...(providers.length === 0 ? [] : [...providers, "" as const]),
    keyLine("n", "rents one: GPUs with their stock and price"),
  ];
}
