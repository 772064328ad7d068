import { blankGlyph, unknownGlyph } from "./glyph-table.js";

/** A rectangle of cells: a glyph number and a style number each. The default cell is a blank in style 0. */
export class Grid {
  readonly columns: number;
  readonly rows: number;
  readonly glyphs: Uint32Array;
  readonly styles: Uint16Array;
  /** The same memory, for comparing rows natively. */
  private readonly glyphBytes: Buffer;
  private readonly styleBytes: Buffer;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.glyphs = new Uint32Array(columns * rows).fill(blankGlyph);
    this.styles = new Uint16Array(columns * rows);
    this.glyphBytes = Buffer.from(this.glyphs.buffer);
    this.styleBytes = Buffer.from(this.styles.buffer);
  }

  /** True if the row looks the same on the other grid, which is of the same size. */
  rowEquals(other: Grid, row: number): boolean {
    const from = row * this.columns;
    const to = from + this.columns;
    return (
      this.glyphBytes.compare(other.glyphBytes, from * 4, to * 4, from * 4, to * 4) === 0 &&
      this.styleBytes.compare(other.styleBytes, from * 2, to * 2, from * 2, to * 2) === 0
    );
  }

  /** Takes a row over from the other grid, which is of the same size. */
  copyRow(other: Grid, row: number): void {
    const from = row * this.columns;
    this.glyphs.set(other.glyphs.subarray(from, from + this.columns), from);
    this.styles.set(other.styles.subarray(from, from + this.columns), from);
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
