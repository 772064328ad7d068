import { readEscape } from "./escape-sequence.js";
import { blankGlyph, type GlyphTable, type PlacedCluster, tailGlyph } from "./glyph-table.js";
import { clusters, glyphKind, isControl, joinedEnd, unitKind } from "./glyph-width.js";
import type { Grid } from "./grid.js";
import type { StyleTable } from "./style-table.js";

const esc = 0x1b;
const tab = 0x09;

/**
 * Turns one line of text with SGR into one row of cells. Nothing but SGR survives: other escape sequences, C0 and C1
 * are dropped (a tab becomes a blank). The row is clipped and padded with default blanks; a wide glyph that does not
 * fit becomes a blank.
 */
export class RowParser {
  private readonly styles: StyleTable;
  private readonly glyphs: GlyphTable;
  private grid: Grid;
  private at = 0;
  private end = 0;
  private style = 0;

  constructor(styles: StyleTable, glyphs: GlyphTable, grid: Grid) {
    this.styles = styles;
    this.glyphs = glyphs;
    this.grid = grid;
  }

  /** Fills row `row` of `grid` with `text`. */
  parse(text: string, grid: Grid, row: number): void {
    this.grid = grid;
    this.at = row * grid.columns;
    this.end = this.at + grid.columns;
    this.style = 0;
    let index = 0;
    while (index < text.length && this.at < this.end) {
      index = this.step(text, index);
    }
    grid.glyphs.fill(blankGlyph, this.at, this.end);
    grid.styles.fill(0, this.at, this.end);
  }

  /** Consumes the next piece of text and says where the one after it starts. */
  private step(text: string, index: number): number {
    const unit = text.charCodeAt(index);
    if (unit >= 0x20 && unit < 0x7f && !(text.charCodeAt(index + 1) >= 0x300)) {
      this.put(unit);
      return index + 1;
    }
    if (isControl(unit)) return this.control(text, index, unit);
    const kind = unitKind(unit);
    const next = index + 1 < text.length ? text.charCodeAt(index + 1) : 0x20;
    if (kind === glyphKind.joining || (unitKind(next) === glyphKind.joining && !isControl(next))) {
      const end = joinedEnd(text, index);
      for (const cluster of clusters(text.slice(index, end))) this.place(this.glyphs.place(cluster));
      return end;
    }
    if (kind === glyphKind.wide) this.putWide(unit);
    else this.put(unit);
    return index + 1;
  }

  private control(text: string, index: number, unit: number): number {
    if (unit === tab) this.put(blankGlyph);
    if (unit !== esc && unit < 0x80) return index + 1;
    const { end, sgr } = readEscape(text, index);
    if (sgr !== null) this.style = this.styles.apply(this.style, sgr);
    return end;
  }

  private place({ id, columns, blanks }: PlacedCluster): void {
    if (columns === 0) return;
    if (columns === 2) this.putWide(id);
    else this.put(id);
    for (let blank = 0; blank < blanks; blank++) this.put(blankGlyph);
  }

  private put(glyph: number): void {
    if (this.at >= this.end) return;
    this.grid.glyphs[this.at] = glyph;
    this.grid.styles[this.at] = this.style;
    this.at++;
  }

  private putWide(glyph: number): void {
    if (this.at + 2 > this.end) {
      this.put(blankGlyph);
      return;
    }
    this.put(glyph);
    this.put(tailGlyph);
  }
}
