import type { CostPoint, Costs } from "../../../contract/cost.js";
import { usd } from "../../../core/money.js";
import { type Piece, row } from "../../paint/columns.js";
import { moneyBarRows } from "../../paint/money-bars.js";
import type { Look, PaneSize } from "../pane.js";

/** Beside each other from this width on. */
const besideColumns = 72;
/** A title, bars and their labels: fewer rows say nothing. */
const leastHeight = 5;
const gap = 2;

/** Higher ones would say no more. */
const mostHeight = 16;

/** Rows that the charts take of `height` if the table wants `tableRows` of them; 0 where it needs them all. */
export function chartsHeight(costs: Costs, { width, height }: PaneSize, tableRows: number): number {
  if (costs.hours.length === 0 && costs.days.length === 0) return 0;
  const isBeside = width >= besideColumns;
  const table = Math.min(tableRows, Math.max(4, Math.floor(height * 0.45)));
  const one = Math.min(mostHeight, Math.floor((height - table) / (isBeside ? 1 : 2)));
  if (one < leastHeight) return 0;
  return isBeside ? one : 2 * one;
}

/** The last 24 hours and the days of the month. */
export function chartRows(costs: Costs, { width, height }: PaneSize, look: Look): string[] {
  if (height <= 0) return [];
  if (width < besideColumns) {
    const one = Math.floor(height / 2);
    return [...hoursChart(costs, { width, height: one }, look), ...daysChart(costs, { width, height: one }, look)];
  }
  const left = Math.floor((width - gap) * 0.45);
  const right = width - gap - left;
  const hours = hoursChart(costs, { width: left, height }, look);
  const days = daysChart(costs, { width: right, height }, look);
  return hours.map((line, index) => line + " ".repeat(gap) + (days[index] ?? " ".repeat(right)));
}

const two = (value: number) => String(value).padStart(2, "0");

const hourMs = 3_600_000;
const shownHours = 24;

/** Hours of which nothing is known are dots. */
function hoursChart(costs: Costs, size: PaneSize, look: Look): string[] {
  const newest = Math.floor(costs.asOf / hourMs);
  const byHour = new Map(costs.hours.map((point) => [Math.floor(point.at / hourMs), point]));
  const slots = Array.from({ length: shownHours }, (_, index) => newest - shownHours + 1 + index);
  const labels = slots.map((slot) => {
    const hour = new Date(slot * hourMs).getHours();
    return hour % 4 === 0 ? two(hour) : "";
  });
  return titled("last 24 h", { bars: slots.map((slot) => byHour.get(slot) ?? null), labels }, size, look);
}

/** The whole month: the days to come are dots. Days are the lab's: its noon is on the same day in nearly every place. */
function daysChart(costs: Costs, size: PaneSize, look: Look): string[] {
  const asOf = new Date(costs.asOf);
  const inMonth = new Date(asOf.getFullYear(), asOf.getMonth() + 1, 0).getDate();
  const byDay = new Map(costs.days.map((point) => [dayOf(point.at + 12 * hourMs), point]));
  const bars = Array.from({ length: inMonth }, (_, day) => {
    return byDay.get(dayOf(new Date(asOf.getFullYear(), asOf.getMonth(), day + 1, 12).getTime())) ?? null;
  });
  const labels = bars.map((_, day) => (day % 7 === 0 ? String(day + 1) : ""));
  return titled("this month", { bars, labels }, size, look);
}

/** The day where the person is, as one number. */
function dayOf(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0);
}

interface Chart {
  readonly bars: readonly (CostPoint | null)[];
  readonly labels: readonly string[];
}

function titled(name: string, { bars, labels }: Chart, { width, height }: PaneSize, look: Look): string[] {
  const points = bars.filter((bar) => bar !== null);
  const sum = (read: (point: CostPoint) => number) => points.reduce((total, point) => total + read(point), 0);
  const estimate = points.some(({ estimated }) => estimated);
  const idleUsd = sum((point) => point.idleUsd);
  const title: Piece[] = [
    ["title.idle", ` ${name}`],
    [
      "money",
      points.length === 0
        ? ""
        : `  ${usd(
            sum((point) => point.usd),
            { estimate },
          )}`,
    ],
  ];
  if (idleUsd >= 0.01) title.push(["alert.warning", `  ${look.charts === "ascii" ? ":" : "▒"} ${usd(idleUsd)} idle`]);
  const heading = row(look.paint, width, title);
  const drawn = moneyBarRows({ bars, labels, width, height: height - 1 }, look);
  const blank = " ".repeat(width);
  return Array.from({ length: height }, (_, index) => (index === 0 ? heading : (drawn[index - 1] ?? blank)));
}
