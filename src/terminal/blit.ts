import type { BaseLayer } from "./base-layer.js";
import { blankGlyph, tailGlyph } from "./glyph-table.js";
import type { Grid } from "./grid.js";
import type { SurfaceLayer } from "./surface-layer.js";

/**
 * Fills one row of `next` from whoever owns its cells. A wide glyph that is cut in two where the owner changes becomes
 * a blank; cells of an unknown slot or outside their Surface are default blanks.
 */
export function blitRow(
  next: Grid,
  base: BaseLayer,
  surfaces: readonly (SurfaceLayer | undefined)[],
  row: number,
): void {
  const start = row * next.columns;
  let from = 0;
  while (from < next.columns) {
    const owner = base.owners[start + from] ?? 0;
    let to = from + 1;
    while (to < next.columns && base.owners[start + to] === owner) to++;
    if (owner === 0)
      copySpan(next, start + from, base.grid, { at: start + from, count: to - from, end: start + next.columns });
    else blitSurface(next, surfaces[owner], { row, from, to });
    from = to;
  }
}

function blitSurface(
  next: Grid,
  surface: SurfaceLayer | undefined,
  { row, from, to }: { row: number; from: number; to: number },
): void {
  const start = row * next.columns;
  next.glyphs.fill(blankGlyph, start + from, start + to);
  next.styles.fill(0, start + from, start + to);
  if (surface === undefined) return;
  const { rect, grid } = surface;
  const sourceRow = row - rect.y;
  if (sourceRow < 0 || sourceRow >= grid.rows) return;
  const left = Math.max(from, rect.x);
  const right = Math.min(to, rect.x + grid.columns);
  if (left >= right) return;
  const line = sourceRow * grid.columns;
  copySpan(next, start + left, grid, { at: line + left - rect.x, count: right - left, end: line + grid.columns });
}

/** Copies `count` cells from `source`, whose row ends at `end`; halves of wide glyphs at the edges become blanks. */
function copySpan(next: Grid, to: number, source: Grid, span: { at: number; count: number; end: number }): void {
  const { at, count, end } = span;
  next.glyphs.set(source.glyphs.subarray(at, at + count), to);
  next.styles.set(source.styles.subarray(at, at + count), to);
  if (next.glyphs[to] === tailGlyph) next.glyphs[to] = blankGlyph;
  if (at + count < end && source.glyphs[at + count] === tailGlyph) next.glyphs[to + count - 1] = blankGlyph;
}
