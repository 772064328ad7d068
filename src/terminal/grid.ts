import { blankGlyph, unknownGlyph } from "./glyph-table.js";

/** A rectangle of cells: a glyph number and a style number each. The default cell is a blank in style 0. */
export class Grid {
  readonly columns: number;
  readonly rows: number;
  readonly glyphs: Uint32Array;
  readonly styles: Uint16Array;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.glyphs = new Uint32Array(columns * rows).fill(blankGlyph);
    this.styles = new Uint16Array(columns * rows);
  }

  /** Forgets what every cell holds, so that each one differs from any real cell. */
  forget(): void {
    this.glyphs.fill(unknownGlyph);
  }
}

/** A place on the screen or on a grid, in cells from 0. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Size of a screen in cells. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}
