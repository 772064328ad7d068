import { costRows, costsTop, shownGroups } from "../../../app/selectors/cost-rows.js";
import { type CostGroup, type CostsState, costGroups } from "../../../app/slices/costs.js";
import type { CostRow } from "../../../contract/cost.js";
import { usd } from "../../../core/money.js";
import { columnsOf, type Piece, row, widthOf } from "../../paint/columns.js";
import { count, hoursText } from "../../paint/number-format.js";
import { type Cell, type Column, headingRow, placeColumns, tableRow } from "../../paint/table.js";
import type { Look, PaneSize } from "../pane.js";

/** Tabs or a title, and the heading. */
export const tableHeadRows = 2;
const gap = 3;

const names: Readonly<Record<CostGroup, string>> = {
  pods: "by pod",
  experiments: "by experiment",
  queues: "by queue",
};

type ColumnId = "name" | "today" | "month" | "share" | "gpuHours" | "idle" | "disk";
const columns: readonly Column<ColumnId>[] = [
  { id: "name", heading: "NAME", rank: 0, width: 12 },
  { id: "today", heading: "TODAY", rank: 1, width: 9, align: "right" },
  { id: "month", heading: "MONTH", rank: 0, width: 10, align: "right" },
  { id: "share", heading: "SHARE", rank: 5, width: 8, grow: { share: 1, most: 20 } },
  { id: "idle", heading: "IDLE", rank: 2, width: 8, align: "right" },
  { id: "gpuHours", heading: "GPU H", rank: 3, width: 6, align: "right" },
  { id: "disk", heading: "DISK", rank: 4, width: 7, align: "right" },
];

/** What the money of the month went to; where there is room, two groups beside each other. `height` is that of the rows alone. */
export function costTable(state: CostsState, { width, height }: PaneSize, look: Look): string[] {
  const groups = shownGroups(state, width);
  const top = costsTop(state, { width, height });
  const each = Math.floor((width - gap * (groups.length - 1)) / groups.length);
  const isAlone = groups.length === 1;
  const tables = groups.map((group) => oneTable(state, group, { top, isAlone, size: { width: each, height } }, look));
  const blank = " ".repeat(each);
  return Array.from({ length: height + tableHeadRows }, (_, index) => {
    const line = tables.map((table) => table[index] ?? blank).join(" ".repeat(gap));
    return line + " ".repeat(width - each * groups.length - gap * (groups.length - 1));
  });
}

function oneTable(
  state: CostsState,
  group: CostGroup,
  { top, isAlone, size }: { readonly top: number; readonly isAlone: boolean; readonly size: PaneSize },
  look: Look,
): string[] {
  const { width, height } = size;
  const rows = costRows(state)[group];
  const wanted = group === "pods" ? columns : columns.filter(({ id }) => id !== "disk");
  const natural = naturalColumns(rows);
  const placed = placeColumns(
    wanted.map((column) => ({ ...column, ...widthsOf(column, natural[column.id] ?? 0) })),
    width - 2,
  );
  const most = Math.max(0.01, ...rows.map(({ monthUsd }) => monthUsd ?? 0));
  const shown = rows.slice(top, top + height);
  const lines = shown.map(
    (cost) => ` ${tableRow(look, width - 1, placed, (id, room) => cells[id](cost, { room, most, look }))}`,
  );
  const head = isAlone ? tabs(state, rows.length, { top, height }) : title(state, group);
  const nothing = row(look.paint, width, [["text.muted", ` Nothing ${names[group]} has cost anything this month.`]]);
  return [
    row(look.paint, width, head),
    ` ${headingRow(look, width - 1, placed)}`,
    ...(rows.length === 0 ? [nothing] : lines),
  ];
}

const nameColumns = { least: 16, most: 40 };

/** A sum is never cut, and a name rarely: rather a column that is less important goes. */
function widthsOf({ id, width: least }: Column<ColumnId>, natural: number) {
  if (id !== "name") return { width: Math.max(least, natural) };
  const wanted = Math.max(least, Math.min(nameColumns.most, natural));
  return { width: Math.min(wanted, nameColumns.least), natural: wanted };
}

const measured = new WeakMap<readonly CostRow[], Readonly<Partial<Record<ColumnId, number>>>>();

/** How wide what stands in the columns is; measured once for each list. */
function naturalColumns(rows: readonly CostRow[]): Readonly<Partial<Record<ColumnId, number>>> {
  const known = measured.get(rows);
  if (known !== undefined) return known;
  const longest = (text: (cost: CostRow) => string) =>
    rows.reduce((most, row) => Math.max(most, columnsOf(text(row))), 0);
  const made = {
    name: longest(({ name }) => name),
    today: longest(({ todayUsd, estimated: estimate }) => usd(todayUsd, { estimate })),
    month: longest(({ monthUsd, estimated: estimate }) => usd(monthUsd, { estimate })),
    idle: longest(({ idleUsd }) => usd(idleUsd)),
    gpuHours: longest(({ gpuHours }) => hoursText(gpuHours)),
    disk: longest(({ diskUsd }) => usd(diskUsd)),
  };
  measured.set(rows, made);
  return made;
}

/** All groups, the one that is shown marked; `v` goes to the next. */
function tabs(
  state: CostsState,
  all: number,
  { top, height }: { readonly top: number; readonly height: number },
): Piece[] {
  const rows = costRows(state);
  const pieces = costGroups.flatMap((group): Piece[] => [
    ["text.primary", " "],
    [group === state.group ? "title.focus" : "title.idle", ` ${names[group]} ${count(rows[group].length)} `],
  ]);
  pieces.push(["text.primary", "  "], ["key", "v"], ["text.muted", " next"]);
  if (all > height)
    pieces.push(["text.muted", `  ${count(top + 1)}–${count(Math.min(all, top + height))} of ${count(all)}`]);
  return pieces;
}

function title(state: CostsState, group: CostGroup): Piece[] {
  const name: Piece = [group === state.group ? "title.focus" : "title.idle", ` ${names[group]} `];
  return [["text.primary", " "], name, ["text.muted", ` ${count(costRows(state)[group].length)}`]];
}

interface CellContext {
  readonly room: number;
  /** Of all rows. */
  readonly most: number;
  readonly look: Look;
}

const money = (amountUsd: number | null, estimate: boolean): Cell => ["money", usd(amountUsd, { estimate })];

const cells: Readonly<Record<ColumnId, (cost: CostRow, context: CellContext) => Cell>> = {
  name: ({ name }) => ["text.primary", name],
  today: ({ todayUsd, estimated }) => money(todayUsd, estimated),
  month: ({ monthUsd, estimated }) => money(monthUsd, estimated),
  share: ({ monthUsd, idleUsd }, context) => ({ pieces: sharePieces(monthUsd, idleUsd, context) }),
  idle: ({ idleUsd }) => [idleUsd !== null && idleUsd >= 0.01 ? "alert.warning" : "text.muted", usd(idleUsd)],
  gpuHours: ({ gpuHours }) => ["text.muted", hoursText(gpuHours)],
  disk: ({ diskUsd }) => ["text.muted", usd(diskUsd)],
};

/** Against the dearest row; the idle part at its end. */
function sharePieces(
  monthUsd: number | null,
  idleUsd: number | null,
  { room, most, look }: CellContext,
): readonly Piece[] {
  if (monthUsd === null || monthUsd <= 0) return [];
  const [work, idle] = look.charts === "ascii" ? (["#", ":"] as const) : (["▆", "▒"] as const);
  const columnsOf = (amountUsd: number) => Math.round((amountUsd / most) * room);
  const all = Math.max(1, columnsOf(monthUsd));
  const wasted = Math.min(all, columnsOf(idleUsd ?? 0));
  const pieces: Piece[] = [
    ["money", work.repeat(all - wasted)],
    ["alert.warning", idle.repeat(wasted)],
  ];
  return pieces.filter((piece) => widthOf([piece]) > 0);
}
