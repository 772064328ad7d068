import { Grid, type Rect } from "./grid.js";
import type { RowParser } from "./row-parser.js";

/** A rectangle of the screen that a pane fills with rows of text with SGR. */
export interface Surface {
  readonly slot: number;
  /** Size in cells; 0 until the Surface has a place on the screen. */
  readonly width: number;
  readonly height: number;
  /** What to show, from the top; rows are clipped and padded, missing ones are blank, unchanged ones cost nothing. */
  setRows(rows: readonly string[]): void;
  /** Sends these rows (default: one) without waiting for a slow terminal; for the row that answers a key. */
  hurry(firstRow: number, count?: number): void;
  /**
   * Calls back with the size now, if there is one, and whenever it changes, inside the frame that shows the new size;
   * the callback sets the rows anew. Returns the way to stop.
   */
  onSize(callback: (width: number, height: number) => void): () => void;
}

/** How a Surface reaches the compositor. */
export interface SurfaceHost {
  changed(): void;
  hurry(firstScreenRow: number, count: number): void;
}

const nowhere: Rect = { x: 0, y: 0, width: 0, height: 0 };

/** A Surface with its own grid, so that whatever covered it can go away without asking the pane. */
export class SurfaceLayer implements Surface {
  readonly slot: number;
  rect: Rect = nowhere;
  grid = new Grid(0, 0);
  private readonly host: SurfaceHost;
  private readonly sizeCallbacks = new Set<(width: number, height: number) => void>();
  private rows: readonly string[] = [];
  private drawn: (string | null)[] = [];
  private isStale = false;

  constructor(slot: number, host: SurfaceHost) {
    this.slot = slot;
    this.host = host;
  }

  get width(): number {
    return this.rect.width;
  }

  get height(): number {
    return this.rect.height;
  }

  setRows(rows: readonly string[]): void {
    this.rows = rows;
    this.isStale = true;
    this.host.changed();
  }

  hurry(firstRow: number, count = 1): void {
    this.host.hurry(this.rect.y + firstRow, count);
  }

  onSize(callback: (width: number, height: number) => void): () => void {
    this.sizeCallbacks.add(callback);
    if (this.width > 0 && this.height > 0) callback(this.width, this.height);
    return () => this.sizeCallbacks.delete(callback);
  }

  /** Takes a new place; a new size gets a new grid and asks the pane for rows. Says whether anything changed. */
  move(rect: Rect | null): boolean {
    const to = rect ?? nowhere;
    const from = this.rect;
    if (to.x === from.x && to.y === from.y && to.width === from.width && to.height === from.height) return false;
    this.rect = to;
    if (to.width !== from.width || to.height !== from.height) {
      this.grid = new Grid(to.width, to.height);
      this.invalidate();
      if (to.width > 0 && to.height > 0) for (const callback of this.sizeCallbacks) callback(to.width, to.height);
    }
    return true;
  }

  /** Forgets what was parsed. */
  invalidate(): void {
    this.drawn = [];
    this.isStale = true;
  }

  /** Parses the rows that changed and reports them as screen rows. */
  refresh(parser: RowParser, onRow: (screenRow: number) => void): void {
    if (!this.isStale) return;
    this.isStale = false;
    for (let row = 0; row < this.grid.rows; row++) {
      const text = this.rows[row] ?? "";
      if (this.drawn[row] === text) continue;
      this.drawn[row] = text;
      parser.parse(text, this.grid, row);
      onRow(this.rect.y + row);
    }
  }
}
