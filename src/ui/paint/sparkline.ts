import type { Tone } from "../../theme/tones.js";
import type { Look } from "../panes/pane.js";
import type { Piece } from "./columns.js";

const blocks = "▁▂▃▄▅▆▇█";
const ascii = "._-=+*#@";

/**
 * The values as a line of `width` columns, newest at the right, in three tones by height. null is a blank: unknown is not
 * zero, which is the lowest bar. `ceiling` is the value that fills the column.
 */
export function sparkline(
  values: readonly (number | null)[],
  ceiling: number,
  width: number,
  look: Pick<Look, "charts">,
): readonly Piece[] {
  const alphabet = look.charts === "ascii" ? ascii : blocks;
  const shown = values.slice(-width);
  const pieces: Piece[] = [["spark.low", " ".repeat(Math.max(0, width - shown.length))]];
  for (const value of shown) {
    const level = value === null ? null : Math.max(0, Math.min(1, value / ceiling));
    const glyph = level === null ? " " : alphabet[Math.min(alphabet.length - 1, Math.floor(level * alphabet.length))];
    append(pieces, toneOf(level ?? 0), glyph ?? " ");
  }
  return pieces;
}

function toneOf(level: number): Tone {
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
