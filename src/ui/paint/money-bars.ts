import type { Look } from "../panes/pane.js";
import { fit, type Piece, row, widthOf } from "./columns.js";

/** What a stretch of time cost; `idleUsd` of it was for nothing. null is unknown or still to come. */
export interface MoneyBar {
  readonly usd: number;
  readonly idleUsd: number;
}

export interface MoneyBars {
  readonly bars: readonly (MoneyBar | null)[];
  /** Below the bars, where there is room: one for each bar, "" for none. */
  readonly labels: readonly string[];
  readonly width: number;
  /** Rows with the one of the labels. */
  readonly height: number;
}

export const moneyAxisColumns = 7;
const blocks = " ▁▂▃▄▅▆▇█";
const ascii = " ._-=+*##";

/** Bars from the foot; the idle part of each stands at its foot in another glyph, so that it shows without colour. */
export function moneyBarRows(chart: MoneyBars, look: Look): string[] {
  const { bars, width, height } = chart;
  const rows = height - 1;
  if (rows < 1 || bars.length === 0) return [];
  const step = Math.max(1, Math.floor((width - moneyAxisColumns) / bars.length));
  const topUsd = niceTop(Math.max(0, ...bars.map((bar) => bar?.usd ?? 0)));
  const drawn = Array.from({ length: rows }, (_, index) => {
    const fromFoot = rows - 1 - index;
    const label = index === 0 ? axisUsd(topUsd) : fromFoot === 0 ? "$0" : "";
    const tick = look.unicode ? (label === "" ? "│" : "┤") : "|";
    const axis: Piece = ["chart.axis", `${fit(label, moneyAxisColumns - 2, "right")} ${tick}`];
    const cells = bars.flatMap((bar) => barCell(bar, { fromFoot, rows, topUsd, step }, look));
    return row(look.paint, width, [axis, ...joined(cells)]);
  });
  return [...drawn, labelRow(chart, step, look)];
}

/** A bar takes all of its step but one column, so that neighbours can be told apart. */
function barCell(
  bar: MoneyBar | null,
  at: { readonly fromFoot: number; readonly rows: number; readonly topUsd: number; readonly step: number },
  look: Look,
): Piece[] {
  const { fromFoot, rows, topUsd, step } = at;
  const wide = step > 1 ? step - 1 : 1;
  const gap: Piece = ["text.primary", " ".repeat(step - wide)];
  if (bar === null) return [["chart.axis", (fromFoot === 0 ? (look.unicode ? "·" : ".") : " ").repeat(wide)], gap];
  const filled = Math.max(0, Math.min(1, (bar.usd / topUsd) * rows - fromFoot));
  const idleHere = (bar.idleUsd / topUsd) * rows - fromFoot;
  // Little is not nothing.
  const level = Math.max(fromFoot === 0 && bar.usd > 0 ? 1 : 0, Math.round(filled * 8));
  const isIdle = level > 0 && bar.idleUsd > 0 && idleHere >= Math.min(0.5, filled / 2);
  return [[isIdle ? "alert.warning" : "money", barGlyph(level, isIdle, look).repeat(wide)], gap];
}

/** `level` is in eighths of the cell; less than half of one is too little for the glyph of idleness. */
function barGlyph(level: number, isIdle: boolean, { charts }: Look): string {
  if (isIdle && level > 3) return charts === "ascii" ? ":" : "▒";
  return (charts === "ascii" ? ascii : blocks)[level] ?? " ";
}

/** Neighbours of one tone become one piece. */
function joined(cells: readonly Piece[]): Piece[] {
  const pieces: Piece[] = [];
  for (const [tone, text] of cells) {
    const last = pieces.at(-1);
    if (last !== undefined && (last[0] === tone || text.trim() === ""))
      pieces[pieces.length - 1] = [last[0], last[1] + text];
    else pieces.push([tone, text]);
  }
  return pieces;
}

function labelRow({ labels, width }: MoneyBars, step: number, look: Look): string {
  let text = "";
  for (const [index, label] of labels.entries()) {
    const at = moneyAxisColumns + index * step;
    if (label === "" || at < text.length || at + label.length > width) continue;
    text = text.padEnd(at) + label + " ";
  }
  const pieces: Piece[] = [["chart.axis", text.trimEnd()]];
  return row(look.paint, width, [...pieces, ["text.primary", " ".repeat(Math.max(0, width - widthOf(pieces)))]]);
}

/** 1, 2 or 5 times a power of ten, not below the value. */
function niceTop(usd: number): number {
  if (usd <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(usd));
  return ([1, 2, 5, 10].find((factor) => factor * power >= usd * 0.999) ?? 10) * power;
}

/** At most five columns. */
function axisUsd(usd: number): string {
  if (usd >= 1000) return `$${usd / 1000}k`;
  return usd >= 1 ? `$${usd}` : `$${usd.toFixed(2).replace(/^0/, "")}`;
}
