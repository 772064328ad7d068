import type { Paint } from "../panes/pane.js";
import { clip, type Piece, row, widthOf } from "./columns.js";

/** A part of a one-line bar. The highest `rank` is left out first where room is short; rank 0 stays. */
export interface BarPart {
  readonly pieces: readonly Piece[];
  readonly rank: number;
}

const gap = 3;

/** Left parts, blanks, right parts, in exactly `width` columns; parts go by rank until the rest fits. */
export function barRow(paint: Paint, width: number, left: readonly BarPart[], right: readonly BarPart[]): string {
  const given = (parts: readonly BarPart[]) => parts.filter(({ pieces }) => widthOf(pieces) > 0);
  let [kept, keptRight] = [given(left), given(right)];
  const columns = (parts: readonly BarPart[]) => parts.reduce((sum, { pieces }) => sum + widthOf(pieces) + gap, 0);
  while (columns(kept) + columns(keptRight) > width) {
    const worst = Math.max(0, ...[...kept, ...keptRight].map(({ rank }) => rank));
    if (worst === 0) break;
    const without = (parts: readonly BarPart[]) => {
      const at = parts.findLastIndex(({ rank }) => rank === worst);
      return at < 0 ? parts : parts.filter((_, index) => index !== at);
    };
    const shorter = without(keptRight);
    if (shorter === keptRight) kept = [...without(kept)];
    else keptRight = [...shorter];
  }
  // With nothing left at the left the row still starts there.
  if (kept.length === 0) [kept, keptRight] = [keptRight.slice(0, 1), keptRight.slice(1)];
  const leftPieces = joined(kept);
  const rightPieces = joined(keptRight);
  const blanks = width - 2 - widthOf(leftPieces) - widthOf(rightPieces);
  if (blanks < 1) return row(paint, width, clip([blank(1), ...leftPieces, blank(gap), ...rightPieces], width));
  return row(paint, width, [blank(1), ...leftPieces, blank(blanks), ...rightPieces]);
}

const blank = (columns: number): Piece => ["text.primary", " ".repeat(columns)];

function joined(parts: readonly BarPart[]): Piece[] {
  return parts.flatMap(({ pieces }, index) => (index === 0 ? [...pieces] : [blank(gap), ...pieces]));
}
