import { markerSgr } from "./colour.js";
import { blankGlyph } from "./glyph-table.js";
import { Grid, type Rect, type Size } from "./grid.js";
import type { RowParser } from "./row-parser.js";
import type { StyleTable } from "./style-table.js";

/** A Surface's rectangle before Ink exists. */
export interface Placement {
  readonly slot: number;
  readonly rect: Rect;
}

/**
 * What lies under and around the Surfaces: Ink's frame or, before Ink, the launcher's rows. Knows for each cell which
 * Surface owns it: a blank in the marker background of slot n belongs to Surface n; 0 means the cell is the layer's own.
 */
export class BaseLayer {
  grid: Grid;
  owners: Uint8Array;
  private lines: readonly string[] = [];
  private drawn: (string | null)[] = [];
  private placements: readonly Placement[] = [];

  constructor({ columns, rows }: Size) {
    this.grid = new Grid(columns, rows);
    this.owners = new Uint8Array(columns * rows);
  }

  /** New grids; everything is parsed again. */
  resize({ columns, rows }: Size): void {
    this.grid = new Grid(columns, rows);
    this.owners = new Uint8Array(columns * rows);
    this.invalidate();
  }

  /** Forgets what was parsed. */
  invalidate(): void {
    this.drawn = [];
  }

  /** The lines to show from now on. */
  setLines(lines: readonly string[]): void {
    this.lines = lines;
  }

  /** Rectangles that own their cells whatever the lines say, later ones over earlier ones; none once Ink draws. */
  setPlacements(placements: readonly Placement[]): void {
    this.placements = placements;
    this.invalidate();
  }

  /** Parses the lines that changed and reports their rows. */
  refresh(parser: RowParser, styles: StyleTable, onRow: (row: number) => void): void {
    for (let row = 0; row < this.grid.rows; row++) {
      const line = this.lines[row] ?? "";
      if (this.drawn[row] === line) continue;
      this.drawn[row] = line;
      parser.parse(line, this.grid, row);
      if (line.includes(markerSgr)) this.markOwners(styles, row);
      else this.owners.fill(0, row * this.grid.columns, (row + 1) * this.grid.columns);
      for (const placement of this.placements) this.cover(placement, row);
      onRow(row);
    }
  }

  private markOwners(styles: StyleTable, row: number): void {
    const { columns, glyphs, styles: cellStyles } = this.grid;
    const end = (row + 1) * columns;
    let style = 0;
    let slot = 0;
    for (let at = row * columns; at < end; at++) {
      const cellStyle = cellStyles[at] ?? 0;
      if (cellStyle !== style) {
        style = cellStyle;
        slot = styles.slot(style);
      }
      this.owners[at] = glyphs[at] === blankGlyph ? slot : 0;
    }
  }

  private cover({ slot, rect }: Placement, row: number): void {
    if (row < rect.y || row >= rect.y + rect.height) return;
    const { columns } = this.grid;
    const from = Math.max(0, rect.x);
    const to = Math.min(columns, rect.x + rect.width);
    if (from < to) this.owners.fill(slot, row * columns + from, row * columns + to);
  }
}
