import asciichart from "asciichart";
import type { Tone } from "../../theme/tones.js";
import type { Look } from "../panes/pane.js";
import { brailleCanvas } from "./braille.js";
import { fit, type Piece, take } from "./columns.js";

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
}

export interface PlotScale {
  /** Bounds of the ordinate in the unit that is drawn: log10 for a log axis. */
  readonly low: number;
  readonly high: number;
  /** Value → ordinate. */
  readonly toOrdinate: (value: number) => number;
  /** Labels of the axis and where they stand. */
  readonly ticks: readonly { readonly ordinate: number; readonly label: string }[];
}

export interface Plot {
  readonly points: readonly PlotPoint[];
  readonly scale: PlotScale;
  /** A dotted line across: the value that is to be reached. */
  readonly target: number | null;
  readonly width: number;
  readonly height: number;
}

/** Columns of the labels and the axis. */
export const axisColumns = 6;

/** Rows of pieces, `width` columns each: labels, axis, the line, the target. Braille where the look has it, else asciichart. */
export function plotRows(plot: Plot, look: Pick<Look, "charts" | "unicode">): readonly (readonly Piece[])[] {
  const { width, height, scale } = plot;
  const room = Math.max(1, width - axisColumns);
  if (height <= 0) return [];
  const curve = look.charts === "braille" ? brailleCurve(plot, room) : chartCurve(plot, room, look);
  const targetRow = plot.target === null ? -1 : rowOf(scale, scale.toOrdinate(plot.target), height);
  const labels = labelsByRow(scale, height);
  return curve.map((line, index) => {
    const isTarget = index === targetRow;
    const label = labels.get(index) ?? "";
    const tick = isTarget ? "┼" : label === "" ? "│" : "┤";
    const axis: Piece = ["chart.axis", `${fit(label, axisColumns - 2, "right")} ${look.unicode ? tick : "|"}`];
    return [axis, ...overTarget(line, isTarget, look)];
  });
}

/** Line 0 is the top. */
function rowOf({ low, high }: PlotScale, ordinate: number, height: number): number {
  const share = (high - ordinate) / (high - low || 1);
  return Math.max(0, Math.min(height - 1, Math.round(share * (height - 1))));
}

function labelsByRow(scale: PlotScale, height: number): ReadonlyMap<number, string> {
  const labels = new Map<number, string>();
  for (const { ordinate, label } of scale.ticks) {
    const at = rowOf(scale, ordinate, height);
    if (!labels.has(at)) labels.set(at, label);
  }
  return labels;
}

/** The curve's glyphs, and dots of the target where the curve leaves room. */
function overTarget(line: string, isTarget: boolean, look: Pick<Look, "unicode">): Piece[] {
  if (!isTarget) return [["chart.line", line]];
  const pieces: Piece[] = [];
  for (const glyph of line) {
    const tone: Tone = glyph === " " ? "chart.target" : "chart.line";
    const text = glyph === " " ? (look.unicode ? "┈" : "-") : glyph;
    const last = pieces.at(-1);
    if (last?.[0] === tone) pieces[pieces.length - 1] = [tone, last[1] + text];
    else pieces.push([tone, text]);
  }
  return pieces;
}

function brailleCurve({ points, scale, height }: Plot, room: number): string[] {
  const canvas = brailleCanvas(room, height);
  const dots = { across: room * 2 - 1, down: height * 4 - 1 };
  const toDot = ({ x, y }: PlotPoint) => {
    const share = (scale.high - scale.toOrdinate(y)) / (scale.high - scale.low || 1);
    return { x: Math.round(x * dots.across), y: Math.round(Math.max(0, Math.min(1, share)) * dots.down) };
  };
  const placed = points.map(toDot);
  placed.forEach((to, index) => {
    const from = placed[index - 1] ?? to;
    canvas.line(from.x, from.y, to.x, to.y);
  });
  return canvas.rows();
}

const chartSymbols: Readonly<Record<"block" | "ascii", NonNullable<asciichart.PlotConfig["symbols"]>>> = {
  block: ["─", "┤", "╶", "╴", "─", "╰", "╭", "╮", "╯", "│"],
  ascii: ["-", "|", "-", "-", "-", "`", ".", ".", "'", "|"],
};

/** One value a column, held until the next point; blank before the first one. Without a height of two there is no chart. */
function chartCurve({ points, scale, height }: Plot, room: number, look: Pick<Look, "charts">): string[] {
  const blank = Array.from({ length: height }, () => " ".repeat(room));
  if (points.length === 0 || height < 2) return blank;
  const top = height - 1;
  const toRow = (value: number) => {
    const share = (scale.toOrdinate(value) - scale.low) / (scale.high - scale.low || 1);
    return Math.max(0, Math.min(top, share * top));
  };
  const values: number[] = [];
  let next = 0;
  for (let column = 0; column <= room; column++) {
    while (next + 1 < points.length && (points[next + 1]?.x ?? 0) * room <= column) next++;
    values.push(toRow(points[next]?.y ?? 0));
  }
  const symbols = chartSymbols[look.charts === "ascii" ? "ascii" : "block"];
  const chart = asciichart.plot(values, { min: 0, max: top, height: top, offset: 2, symbols, format: () => " " });
  // asciichart puts its own axis into the first two columns: the plot has one already.
  const lines = chart.split("\n");
  return blank.map((none, index) => take((lines[index] ?? none).slice(2), room).padEnd(room));
}

/** Decades from above the largest value to below the smallest and the target. */
export function logScale(values: readonly number[], target: number | null): PlotScale {
  const usable = [...values, ...(target === null ? [] : [target])].filter(
    (value) => value > 0 && Number.isFinite(value),
  );
  const low = Math.floor(Math.log10(Math.min(1, ...usable)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...usable, 10 ** (low + 1)))));
  // The foot of the chart is the target, or lies a little below: no empty decade under the curve.
  const foot = target !== null && target > 0 ? Math.min(Math.log10(target) - 0.15, ...usable.map(Math.log10)) : low;
  const from = Math.max(low, foot);
  const decades = Array.from({ length: high - low + 1 }, (_, step) => high - step).filter(
    (exponent) => exponent >= from,
  );
  const ticks = decades.map((exponent) => ({ ordinate: exponent, label: decade(exponent) }));
  return { low: from, high, toOrdinate: (value) => (value > 0 ? Math.log10(value) : low), ticks };
}

/** `10`, `1`, `.1`, `.01`, then `1e-4`. */
function decade(exponent: number): string {
  if (exponent >= 4 || exponent < -3) return `1e${exponent}`;
  return exponent >= 0 ? String(10 ** exponent) : (10 ** exponent).toFixed(-exponent).slice(1);
}

/** From the smallest value to the largest, with both as labels. */
export function linearScale(values: readonly number[], label: (value: number) => string): PlotScale {
  const usable = values.filter(Number.isFinite);
  const low = Math.min(...usable, Infinity);
  const high = Math.max(...usable, -Infinity);
  if (usable.length === 0) return { low: 0, high: 1, toOrdinate: (value) => value, ticks: [] };
  const flat = high - low < Math.abs(high) * 1e-9;
  const [from, to] = flat ? [low - 0.5, high + 0.5] : [low, high];
  const ticks = flat ? [low] : [high, (low + high) / 2, low];
  return {
    low: from,
    high: to,
    toOrdinate: (value) => value,
    ticks: ticks.map((ordinate) => ({ ordinate, label: label(ordinate) })),
  };
}
