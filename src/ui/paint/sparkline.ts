import type { Tone } from "../../theme/tones.js";
import type { Look } from "../panes/pane.js";
import type { Piece } from "./columns.js";

const blocks = "▁▂▃▄▅▆▇█";
const ascii = "._-=+*#@";

/** Two values a column: the left and the right half of a braille glyph, filled from the foot up, at least one dot. */
const leftDots = [0x40, 0x44, 0x46, 0x47] as const;
const rightDots = [0x80, 0xa0, 0xb0, 0xb8] as const;

/**
 * The values as a line of `width` columns, newest at the right, in three tones by height. null is a blank: unknown is not
 * zero. `ceiling` is the value that fills the column.
 */
export function sparkline(
  values: readonly (number | null)[],
  ceiling: number,
  width: number,
  look: Pick<Look, "charts">,
): readonly Piece[] {
  const perColumn = look.charts === "braille" ? 2 : 1;
  const room = width * perColumn;
  const shown = values.slice(-room);
  const levels: (number | null)[] = Array.from({ length: room - shown.length }, () => null);
  for (const value of shown) levels.push(value === null ? null : Math.max(0, Math.min(1, value / ceiling)));
  const pieces: Piece[] = [];
  for (let at = 0; at < room; at += perColumn) {
    const pair = levels.slice(at, at + perColumn);
    const glyph = look.charts === "braille" ? brailleGlyph(pair) : barGlyph(pair[0], look.charts === "block" ? blocks : ascii);
    append(pieces, toneOf(pair), glyph);
  }
  return pieces;
}

function brailleGlyph([left, right]: readonly (number | null | undefined)[]): string {
  const step = (level: number) => Math.min(3, Math.floor(level * 4));
  const dots =
    (left === null || left === undefined ? 0 : (leftDots[step(left)] ?? 0)) |
    (right === null || right === undefined ? 0 : (rightDots[step(right)] ?? 0));
  return dots === 0 ? " " : String.fromCharCode(0x2800 + dots);
}

function barGlyph(level: number | null | undefined, alphabet: string): string {
  if (level === null || level === undefined) return " ";
  return alphabet[Math.min(alphabet.length - 1, Math.floor(level * alphabet.length))] ?? " ";
}

function toneOf(levels: readonly (number | null)[]): Tone {
  const level = Math.max(...levels.map((value) => value ?? 0));
  return level < 0.34 ? "spark.low" : level < 0.75 ? "spark.middle" : "spark.high";
}

/** Neighbours of one tone become one piece: fewer escapes on the wire. */
function append(pieces: Piece[], tone: Tone, glyph: string): void {
  const last = pieces.at(-1);
  if (last !== undefined && (last[0] === tone || glyph === " ")) pieces[pieces.length - 1] = [last[0], last[1] + glyph];
  else pieces.push([tone, glyph]);
}

/** Means of the samples in `count` equal slices of the window that ends at `untilMs`; null where a slice has none. */
export function resample(
  samples: readonly { readonly at: number; readonly value: number | null }[],
  window: { readonly untilMs: number; readonly spanMs: number; readonly count: number },
): (number | null)[] {
  const { untilMs, spanMs, count } = window;
  const sums = Array.from({ length: count }, () => 0);
  const counts = Array.from({ length: count }, () => 0);
  for (const { at, value } of samples) {
    const slice = Math.ceil(((at - untilMs + spanMs) / spanMs) * count) - 1;
    if (value === null || slice < 0 || slice >= count) continue;
    sums[slice] = (sums[slice] ?? 0) + value;
    counts[slice] = (counts[slice] ?? 0) + 1;
  }
  return sums.map((sum, slice) => ((counts[slice] ?? 0) === 0 ? null : sum / (counts[slice] ?? 1)));
}
