import { listTop } from "../../app/list-top.js";
import { type PodRow, type PodsView, visiblePods } from "../../app/selectors/visible-pods.js";
import type { AppState } from "../../app/store.js";
import type { Pod, TelemetrySample } from "../../contract/pod.js";
import { longDuration, shortDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import { fit, type Piece, row } from "../paint/columns.js";
import { glyph, selectedLook, spinnerGlyph } from "../paint/look.js";
import { failureLines, keyLine, type NoticeLine, noticeRows } from "../paint/notice.js";
import { count, percent } from "../paint/number-format.js";
import { innerSize, paneFrame } from "../paint/pane-frame.js";
import { resample, sparkline } from "../paint/sparkline.js";
import { podLook } from "../paint/status.js";
import { type Cell, type Column, headingRow, type PlacedColumn, placeColumns, tableRow } from "../paint/table.js";
import type { Look, Pane, PaneSize } from "./pane.js";

type ColumnId = "name" | "kind" | "state" | "util" | "memory" | "cost" | "today" | "idle" | "slots" | "experiment";

const leadColumns = 3;
const minuteMs = 60_000;
const utilSpanMs = 15 * minuteMs;
/** The cost line shows all that is known, up to this. */
const costSpanMs = 24 * 60 * minuteMs;
/** From here on a pod without work is said to be idle. */
const idleMinutes = 5;
/** Older samples are no news: their numbers are not shown as if they were. */
const silentMs = 3 * minuteMs;

const columns: readonly Column<ColumnId>[] = [
  { id: "name", heading: "NAME", rank: 0, width: 9, grow: { share: 2, most: 22 } },
  { id: "kind", heading: "GPU", rank: 5, width: 8, grow: { share: 1, most: 14 } },
  { id: "state", heading: "STATE", rank: 0, width: 10 },
  { id: "util", heading: "UTIL 15 min", rank: 1, width: 15, grow: { share: 4, most: 45 } },
  { id: "memory", heading: "MEM", rank: 4, width: 4, align: "right" },
  { id: "cost", heading: "$/H", rank: 3, width: 13, grow: { share: 2, most: 29 } },
  { id: "today", heading: "TODAY", rank: 6, width: 8, align: "right" },
  { id: "idle", heading: "IDLE", rank: 2, width: 6, align: "right" },
  { id: "slots", heading: "SLOTS", rank: 7, width: 5, align: "right" },
  { id: "experiment", heading: "EXPERIMENT", rank: 2, width: 22, grow: { share: 4, most: 80 } },
];
const moneyColumns: ReadonlySet<ColumnId> = new Set(["cost", "today"]);

/** The pod fleet: state, use, cost, and what runs there. */
export const podsPane: Pane = {
  id: "pods",
  title: "Pods",
  minimum: { width: 40, height: 4 },
  rows(state, size, look) {
    const view = visiblePods(state.pods);
    const text = {
      id: "pods",
      right: rightOf(state, view),
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
    const cursor = selectedOf(view, state.pods.selectedId);
    // Below the border and what of the list is no row of it.
    return view.rows.length === 0 ? null : 1 + (inner.height - height) + cursor - listTop(state, "pods", height);
  },
};

const selectedOf = (view: PodsView, id: string | null) =>
  Math.max(
    0,
    view.rows.findIndex(({ pod }) => pod._id === id),
  );

/** Rows of the list that fit into a pane of that inner height: below the heading and the filter. */
export function podsListHeight({ pods }: Pick<AppState, "pods">, innerHeight: number): number {
  return Math.max(1, innerHeight - 1 - (pods.filter === "" ? 0 : 1));
}

function list(state: AppState, view: PodsView, inner: PaneSize, look: Look): string[] {
  const { pods } = state;
  // A machine of one's own has no price: its columns would be empty.
  const priced = view.rows.some(({ pod }) => pod.costPerHourUsd !== null || pod.costTodayUsd !== null);
  const wanted = priced ? columns : columns.filter(({ id }) => !moneyColumns.has(id));
  const placed = placeColumns(wanted, inner.width - leadColumns - 1);
  const rows: string[] = [];
  if (pods.filter !== "") rows.push(filterRow(state, view, inner.width, look));
  rows.push(" ".repeat(leadColumns) + headingRow(look, inner.width - leadColumns, placed));
  const height = podsListHeight(state, inner.height);
  const top = listTop(state, "pods", height);
  for (const podRow of view.rows.slice(top, top + height))
    rows.push(paintedRow(podRow, { state, placed, inner, look }));
  return rows;
}

interface RowContext {
  readonly state: AppState;
  readonly placed: readonly PlacedColumn<ColumnId>[];
  readonly inner: PaneSize;
  readonly look: Look;
}

function paintedRow(podRow: PodRow, context: RowContext): string {
  const { state, placed, inner } = context;
  const selected = podRow.pod._id === state.pods.selectedId;
  const highlighted = selected && state.view.focus === "pods";
  const look = highlighted ? selectedLook(context.look) : context.look;
  const pending = state.actions.pending.some(({ target }) => target === podRow.pod._id);
  const lead = row(look.paint, leadColumns, [
    ["text.accent", selected ? glyph("cursor", look) : " "],
    ["notice.info", pending ? spinnerGlyph(state.view.spin, look) : " "],
  ]);
  const samples = state.pods.samples[podRow.pod._id] ?? [];
  const silent = state.view.nowMs - (samples.at(-1)?.at ?? podRow.pod.last?.at ?? -Infinity) > silentMs;
  const table = tableRow(look, inner.width - leadColumns, placed, (column, room) =>
    cells[column](podRow, { room, samples, look, silent, selected, nowMs: state.view.nowMs }),
  );
  return highlighted ? context.look.paint("row.selected", lead + table) : lead + table;
}

interface CellContext {
  readonly room: number;
  readonly samples: readonly TelemetrySample[];
  readonly look: Look;
  /** No sample has come for a while. */
  readonly silent: boolean;
  readonly selected: boolean;
  readonly nowMs: number;
}

const cells: Readonly<Record<ColumnId, (podRow: PodRow, context: CellContext) => Cell>> = {
  name: ({ pod }, { selected }) => [selected ? "text.strong" : "text.primary", pod.name],
  kind: ({ pod }, { look }) => ["text.muted", kindOf(pod, look)],
  state: stateCell,
  util: (podRow, context) => ({ pieces: utilPieces(podRow, context) }),
  memory: ({ memoryPercent }, { silent }) => [silent ? "stale" : "text.primary", percent(memoryPercent)],
  cost: (podRow, context) => ({ pieces: costPieces(podRow, context) }),
  today: ({ pod }) => ["money", usd(pod.costTodayUsd)],
  idle: idleCell,
  slots: ({ pod }) => ["text.muted", `${pod.slotsUsed}/${pod.slots}`],
  experiment: (podRow, context) => ({ pieces: experimentPieces(podRow, context) }),
};

function kindOf({ gpuCount, gpuType }: Pod, look: Look): string {
  return gpuCount > 0 ? `${gpuCount}${look.unicode ? "×" : "x"}${shortGpu(gpuType)}` : "CPU";
}

function stateCell({ pod }: PodRow, { look }: CellContext): Piece {
  const { tone, glyph: mark, word } = podLook[pod.status];
  const draining = pod.status === "running" && !pod.acceptsWork;
  return [draining ? "status.blocked" : tone, `${glyph(mark, look)} ${draining ? "draining" : word}`];
}

/** `NVIDIA H200 141GB` is `H200` here. */
function shortGpu(gpuType: string): string {
  const known = /\b(?:[ABHLV]\d{2,3}S?|RTX ?(?:A?\d{4})(?: Ti)?|T4|GH200|MI\d{3}X?)\b/i.exec(gpuType);
  return known?.[0] ?? gpuType;
}

interface Spark {
  readonly key: string;
  readonly pieces: readonly Piece[];
}
const sparks = {
  util: new WeakMap<readonly TelemetrySample[], Spark>(),
  cost: new WeakMap<readonly TelemetrySample[], Spark>(),
};

/** The series of a pod as a line; drawn again only when a sample has come or the width has changed. */
function spark(
  kind: "util" | "cost",
  { pod }: PodRow,
  width: number,
  { samples, look }: CellContext,
): readonly Piece[] {
  const key = `${width} ${look.charts} ${pod.gpuCount > 0}`;
  const known = sparks[kind].get(samples);
  if (known?.key === key) return known.pieces;
  const read = (sample: TelemetrySample) => {
    if (kind === "cost") return sample.costPerHourUsd;
    return pod.gpuCount > 0 ? sample.gpuUtilPercent : sample.cpuPercent;
  };
  const untilMs = samples.at(-1)?.at ?? 0;
  const values = resample(
    samples.map((sample) => ({ at: sample.at, value: read(sample) })),
    {
      untilMs,
      spanMs:
        kind === "util"
          ? utilSpanMs
          : Math.max(utilSpanMs, Math.min(costSpanMs, untilMs - (samples[0]?.at ?? untilMs))),
      count: width,
    },
  );
  const top = Math.max(0.01, ...values.map((value) => value ?? 0));
  const pieces = sparkline(values, kind === "util" ? 100 : top * 2, width, look);
  sparks[kind].set(samples, { key, pieces });
  return pieces;
}

function utilPieces(podRow: PodRow, context: CellContext): readonly Piece[] {
  const { pod, utilPercent } = podRow;
  const latest = pod.status === "running" ? (utilPercent.at(-1) ?? null) : null;
  const width = context.room - 5;
  if (pod.status !== "running") return [];
  const pieces = spark("util", podRow, width, context);
  return [
    ...fade(pieces, context.silent),
    [context.silent ? "stale" : "text.primary", fit(percent(latest), 5, "right")],
  ];
}

function costPieces(podRow: PodRow, context: CellContext): readonly Piece[] {
  const { costPerHourUsd, status } = podRow.pod;
  const pieces = spark("cost", podRow, context.room - 8, context);
  const bills = status === "running" || status === "creating";
  return [
    ...pieces.map(([, text]): Piece => ["money", text]),
    [bills ? "money" : "text.muted", fit(bills ? usd(costPerHourUsd) : "–", 8, "right")],
  ];
}

function fade(pieces: readonly Piece[], silent: boolean): readonly Piece[] {
  return silent ? pieces.map(([, text]): Piece => ["stale", text]) : pieces;
}

function idleCell({ pod }: PodRow): Piece {
  if (pod.status !== "running") return ["text.muted", "–"];
  if (pod.idleMinutes === null) return ["text.muted", "–"];
  if (pod.idleMinutes < 1) return ["text.muted", "busy"];
  return [pod.idleMinutes >= idleMinutes ? "alert.warning" : "text.muted", shortDuration(pod.idleMinutes * minuteMs)];
}

/** What runs there, then why the pod is as it is. */
function experimentPieces(podRow: PodRow, context: CellContext): readonly Piece[] {
  const { experiments, statusReason } = podRow.pod;
  const words: readonly Piece[] = [
    ["text.primary", experiments.join(" ")],
    ["level.warn", silenceOf(podRow.pod, context)],
    ["alert.warning", wasteOf(podRow)],
    ["text.muted", statusReason ?? ""],
  ];
  const said = words.filter(([, text]) => text !== "");
  if (said.length === 0) return [["text.muted", "–"]];
  return said.flatMap((piece, index): Piece[] => (index === 0 ? [piece] : [["text.muted", " · "], piece]));
}

function silenceOf({ status, last }: Pod, { silent, samples, nowMs }: CellContext): string {
  const at = samples.at(-1)?.at ?? last?.at;
  return status === "running" && silent && at !== undefined ? `no telemetry for ${longDuration(nowMs - at)}` : "";
}

function wasteOf({ pod, wastedUsd }: PodRow): string {
  return isIdle(pod) && wastedUsd !== null && wastedUsd >= 0.01 ? `${usd(wastedUsd)} wasted` : "";
}

const isIdle = ({ status, idleMinutes: minutes }: PodRow["pod"]) =>
  status === "running" && minutes !== null && minutes >= idleMinutes;

/** Counts by state; what is wasted is said with its price. */
function rightOf({ pods }: AppState, view: PodsView): Piece[] {
  const { rows } = pods;
  if (rows.length === 0) return [];
  const pieces: Piece[] = [];
  if (pods.filter !== "") pieces.push(["text.accent", `${count(view.rows.length)} of ${count(view.total)}`]);
  const number = (status: string) => rows.filter((pod) => pod.status === status).length;
  const said = (status: string, word: string, tone: Piece[0]) => {
    if (number(status) > 0) pieces.push([tone, `${count(number(status))} ${word}`]);
  };
  said("stopped", "stopped", "text.muted");
  said("creating", "creating", "status.queued");
  said("running", "running", "status.running");
  const idle = view.rows.filter(({ pod }) => isIdle(pod));
  if (idle.length > 0) {
    const longest = Math.max(...idle.map(({ pod }) => pod.idleMinutes ?? 0));
    const wasted = idle.reduce((sum, { wastedUsd }) => sum + (wastedUsd ?? 0), 0);
    const price = wasted >= 0.01 ? `, ${usd(wasted)} wasted` : "";
    pieces.push(["alert.warning", `${idle.length} idle ${longDuration(longest * minuteMs)}${price}`]);
  }
  return pieces;
}

function filterRow({ pods }: AppState, view: PodsView, width: number, look: Look): string {
  const found: Piece =
    view.problems.length === 0
      ? ["text.muted", `  ${count(view.rows.length)} of ${count(view.total)}`]
      : ["notice.bad", `  ${view.problems.join("; ")}`];
  return row(look.paint, width, [["key", " / "], ["text.accent", pods.filter], found]);
}

/** What stands there instead of rows; null when there are rows. */
function stateLines({ pods, link, view: { spin } }: AppState, view: PodsView, look: Look): NoticeLine[] | null {
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
  return [
    ["text.strong", "No pods."],
    ["text.muted", "Machines and rented GPUs show here with their use, their cost and how long they idle."],
  ];
}
