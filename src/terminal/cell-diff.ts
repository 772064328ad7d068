import { blankGlyph, type GlyphTable, tailGlyph } from "./glyph-table.js";
import type { Grid } from "./grid.js";
import type { StyleTable } from "./style-table.js";

/** More trailing blanks than this are erased with EL instead of being written. */
const maxWrittenBlanks = 4;
const unknownPosition = -1;
/** Glyphs are gathered in pieces of this many UTF-16 units: a string per cell would cost more than the comparison. */
const pieceUnits = 256;

/**
 * Writes the difference between two grids as terminal output. The cursor counts as unknown at the start of a diff, so
 * whatever is written in between can't hurt it; every diff starts and ends in the default style.
 */
export class CellDiff {
  private readonly styles: StyleTable;
  private readonly glyphs: GlyphTable;
  private out = "";
  private readonly piece = new Uint16Array(pieceUnits);
  private pieceLength = 0;
  /**
   * Where the terminal's cursor is; unknown at the start and after a doubtful glyph. Behind the last column it waits for
   * a wrap that never comes; the next cell is then on another row, and every move to another row is right from there.
   */
  private row = unknownPosition;
  private column = unknownPosition;
  private style = 0;

  constructor(styles: StyleTable, glyphs: GlyphTable) {
    this.styles = styles;
    this.glyphs = glyphs;
  }

  /** Output for the rows in `dirty` between `first` and `end`; copies what it wrote into `sent` and clears their mark. */
  write(next: Grid, sent: Grid, dirty: Uint8Array, { first, end }: { first: number; end: number }): string {
    this.out = "";
    this.row = unknownPosition;
    this.column = unknownPosition;
    this.style = 0;
    for (let row = first; row < end; row++) {
      if (dirty[row] === 0) continue;
      dirty[row] = 0;
      this.writeRow(next, sent, row);
    }
    this.setStyle(0);
    this.emit("");
    return this.out;
  }

  private writeRow(next: Grid, sent: Grid, row: number): void {
    if (next.rowEquals(sent, row)) return;
    this.writeCells(next, sent, row);
    sent.copyRow(next, row);
  }

  private writeCells(next: Grid, sent: Grid, row: number): void {
    const start = row * next.columns;
    const end = start + next.columns;
    const differs = (at: number) => next.glyphs[at] !== sent.glyphs[at] || next.styles[at] !== sent.styles[at];
    let last = end - 1;
    while (!differs(last)) last--;
    const blanksFrom = trailingBlanks(next, start, end);
    for (let at = start; at <= last; at++) {
      if (!differs(at)) continue;
      if (at >= blanksFrom && last - at >= maxWrittenBlanks) {
        this.move(at - start, row);
        this.setStyle(0);
        this.emit("\x1b[K");
        return;
      }
      // Never the second half of a wide glyph: it differs only where the first does, and is written together with it.
      this.reach(next, at, row);
      at = this.writeCell(next, at);
    }
  }

  /** Takes the cursor to cell `at`: over a few equal cells by writing them again, where that is no longer than a move. */
  private reach(next: Grid, at: number, row: number): void {
    const column = at - row * next.columns;
    const gap = column - this.column;
    if (this.row === row && gap > 0 && gap <= 4 && this.column >= 0 && this.bridgeable(next, at - gap, at)) {
      for (let cell = at - gap; cell < at; cell++) this.writeCell(next, cell);
      return;
    }
    this.move(column, row);
  }

  /** True if the cells can be rewritten in the current style for no more bytes than a cursor move takes. */
  private bridgeable(next: Grid, from: number, to: number): boolean {
    let bytes = 0;
    for (let at = from; at < to; at++) {
      const glyph = next.glyphs[at] ?? blankGlyph;
      if (glyph > 0xffff || next.styles[at] !== this.style || this.glyphs.isDoubtful(glyph)) return false;
      bytes += glyph < 0x80 ? 1 : glyph < 0x800 ? 2 : 3;
      if (next.glyphs[at + 1] === tailGlyph) return false;
    }
    return bytes <= 4;
  }

  private move(column: number, row: number): void {
    if (this.row === row && this.column === column) return;
    if (this.row === row && this.column >= 0 && column > this.column) {
      const steps = column - this.column;
      this.emit(steps === 1 ? "\x1b[C" : `\x1b[${steps}C`);
    } else if (this.row >= 0 && row === this.row + 1 && column === 0) this.emit("\r\n");
    else if (column === 0) this.emit(row === 0 ? "\x1b[H" : `\x1b[${row + 1}H`);
    else this.emit(`\x1b[${row + 1};${column + 1}H`);
    this.row = row;
    this.column = column;
  }

  private setStyle(style: number): void {
    if (style === this.style) return;
    this.emit(this.styles.transition(this.style, style));
    this.style = style;
  }

  /** Writes the glyph at `at` where the cursor is and returns the last cell it covers. */
  private writeCell(next: Grid, at: number): number {
    const glyph = next.glyphs[at] ?? blankGlyph;
    const isWide = (at + 1) % next.columns !== 0 && next.glyphs[at + 1] === tailGlyph;
    const columns = isWide ? 2 : 1;
    this.setStyle(next.styles[at] ?? 0);
    if (this.glyphs.isDoubtful(glyph)) this.writeDoubtful(glyph, columns);
    else {
      this.put(glyph);
      this.column += columns;
    }
    return at + columns - 1;
  }

  /** Blanks first, then the glyph over them: no stale cell stays where the terminal draws it narrower than we count. */
  private writeDoubtful(glyph: number, columns: number): void {
    const column = this.column;
    if (columns === 2) this.emit(`  \x1b[${this.row + 1};${column + 1}H`);
    this.emit(this.glyphs.text(glyph));
    this.column = unknownPosition;
  }

  private put(glyph: number): void {
    if (glyph > 0xffff) {
      this.emit(this.glyphs.text(glyph));
      return;
    }
    if (this.pieceLength === pieceUnits) this.emit("");
    this.piece[this.pieceLength++] = glyph;
  }

  /** Adds text behind the glyphs gathered so far. */
  private emit(text: string): void {
    if (this.pieceLength > 0) {
      // A spread would walk an iterator, cell by cell.
      this.out += String.fromCharCode.apply(null, this.piece.subarray(0, this.pieceLength) as unknown as number[]);
      this.pieceLength = 0;
    }
    this.out += text;
  }
}

/** First cell of the default blanks that end the row. */
function trailingBlanks(next: Grid, start: number, end: number): number {
  let from = end;
  while (from > start && next.glyphs[from - 1] === blankGlyph && next.styles[from - 1] === 0) from--;
  return from;
}
