import { CellDiff } from "./cell-diff.js";
import { FramePacer } from "./frame-pacer.js";
import type { GlyphTable } from "./glyph-table.js";
import { Grid, type Size } from "./grid.js";
import type { StyleTable } from "./style-table.js";
import type { Timers } from "./timers.js";

/** Frames longer than this are wrapped in synchronized output. */
const unsynchronizedBytes = 64;

/** Where frames go. */
export interface FrameSink {
  /** Sends one frame; false means: wait for `drained` before the next one. */
  write(frame: string): boolean;
}

/** What the writer is made of. */
export interface DiffWriterParts {
  readonly size: Size;
  readonly sink: FrameSink;
  readonly styles: StyleTable;
  readonly glyphs: GlyphTable;
  readonly timers: Timers;
  /** Called when a flush that had to wait may be tried again. */
  readonly onReady: () => void;
}

/** Rows from `first` up to but not including `end`. */
export interface Band {
  readonly first: number;
  readonly end: number;
}

/**
 * The only thing that draws. `next` is what the screen should show; a flush sends what differs from what was sent
 * before, as one write. Nothing is sent while the terminal has not answered the last frame; the newest state wins.
 */
export class DiffWriter {
  next: Grid;
  readonly pacer: FramePacer;
  private sent: Grid;
  private dirty: Uint8Array;
  private readonly diff: CellDiff;
  private readonly sink: FrameSink;
  private readonly onReady: () => void;
  private isBlocked = false;
  private cursor = "";
  private shownCursor = "";

  constructor({ size, sink, styles, glyphs, timers, onReady }: DiffWriterParts) {
    this.next = new Grid(size.columns, size.rows);
    this.sent = new Grid(size.columns, size.rows);
    this.dirty = new Uint8Array(size.rows);
    this.diff = new CellDiff(styles, glyphs);
    this.sink = sink;
    this.onReady = onReady;
    this.pacer = new FramePacer(timers, onReady);
  }

  /** Marks a row of `next` as changed. */
  markRow(row: number): void {
    this.dirty[row] = 1;
  }

  /** New grids for a new size; nobody knows what the terminal shows. */
  resize({ columns, rows }: Size): void {
    this.next = new Grid(columns, rows);
    this.sent = new Grid(columns, rows);
    this.dirty = new Uint8Array(rows);
    this.forget();
  }

  /** Nobody knows what the terminal shows: the next flush repaints everything. */
  forget(): void {
    this.sent.forget();
    this.dirty.fill(1);
    this.shownCursor = "?";
  }

  /** The screen was left and entered again, or lent: nothing is on its way any more. */
  restart(): void {
    this.forget();
    this.pacer.reset();
  }

  /** Where the text cursor shall stand from the next flush on; null hides it. */
  placeCursor(at: { readonly x: number; readonly y: number } | null): void {
    this.cursor = at === null ? "" : `\x1b[${at.y + 1};${at.x + 1}H\x1b[?25h`;
  }

  /** The sink has room again. */
  drained(): void {
    this.isBlocked = false;
    this.onReady();
  }

  /**
   * Sends what changed, if a frame may go now; else only the rows of the urgent band, if any. What waits is tried again
   * by `onReady`.
   */
  flush(urgent: Band | null = null): void {
    if (this.isBlocked) return;
    if (this.pacer.isReady) this.send({ first: 0, end: this.next.rows });
    else if (urgent !== null && this.pacer.isReadyForUrgent) this.send(urgent);
  }

  private send(band: Band): void {
    const cells = this.diff.write(this.next, this.sent, this.dirty, band);
    const frame = this.withCursor(cells);
    if (frame === "") return;
    const query = this.pacer.frame(frame.length);
    const isLong = frame.length > unsynchronizedBytes;
    this.isBlocked = !this.sink.write(isLong ? `\x1b[?2026h${frame}\x1b[?2026l${query}` : frame + query);
  }

  private withCursor(cells: string): string {
    if (cells === "" && this.cursor === this.shownCursor) return "";
    // Cells move the cursor about: hidden while they do, where it was shown.
    const hide = this.shownCursor === "" ? "" : "\x1b[?25l";
    this.shownCursor = this.cursor;
    return hide + cells + this.cursor;
  }
}
