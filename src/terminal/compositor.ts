import { BaseLayer, type Placement } from "./base-layer.js";
import { blitRow } from "./blit.js";
import type { ColourDepth } from "./colour-depth.js";
import { type Band, DiffWriter, type FrameSink } from "./diff-writer.js";
import { GlyphTable } from "./glyph-table.js";
import type { Rect, Size } from "./grid.js";
import { RowParser } from "./row-parser.js";
import { StyleTable } from "./style-table.js";
import { type Surface, SurfaceLayer } from "./surface-layer.js";
import type { Timers } from "./timers.js";

/** After a resize, nothing is drawn until Ink has rendered for the new size, but at most this long. */
const resizeGraceMs = 50;

/** What the compositor is made of. */
export interface CompositorParts {
  readonly size: Size;
  readonly depth: ColourDepth;
  readonly sink: FrameSink;
  readonly timers: Timers;
}

type Point = { readonly x: number; readonly y: number };

/**
 * Composes the screen from Ink's frame (or, before Ink, the launcher's rows) and the Surfaces, at most once per tick and
 * only after everything of that tick is known. Starts paused: nothing is drawn before `resume`.
 */
export class Compositor {
  private readonly timers: Timers;
  private readonly styles: StyleTable;
  private readonly glyphs = new GlyphTable();
  private readonly writer: DiffWriter;
  private readonly base: BaseLayer;
  private readonly parser: RowParser;
  private readonly surfaces: (SurfaceLayer | undefined)[] = [];
  private readonly placed = new Map<number, Rect>();
  private readonly mounted = new Map<number, () => Rect>();
  private dirtyRows: Uint8Array;
  private size: Size;
  private declared: Size | null = null;
  private hasInk = false;
  private isLayoutStale = false;
  private isPaused = true;
  private isScheduled = false;
  private isComposing = false;
  private cancelGrace: (() => void) | null = null;
  private urgent: Band | null = null;
  private measureCursor: (() => Point | null) | null = null;

  constructor({ size, depth, sink, timers }: CompositorParts) {
    this.size = size;
    this.timers = timers;
    this.styles = new StyleTable(depth);
    const onReady = () => this.request();
    this.writer = new DiffWriter({ size, sink, styles: this.styles, glyphs: this.glyphs, timers, onReady });
    this.base = new BaseLayer(size);
    this.parser = new RowParser(this.styles, this.glyphs, this.base.grid);
    this.dirtyRows = new Uint8Array(size.rows);
  }

  /** The Surface of `slot` (1–254); always the same one. */
  surface(slot: number): Surface {
    return this.layer(slot);
  }

  /** Before Ink: the rows under and around the Surfaces (borders, header, footer). Ink's first frame replaces them. */
  setBase(rows: readonly string[]): void {
    if (this.hasInk) return;
    this.base.setLines(rows);
    this.request();
  }

  /** Before Ink: gives a Surface its rectangle, null takes it away; later ones cover earlier ones. Ink's frame ends this. */
  place(slot: number, rect: Rect | null): void {
    if (this.hasInk) return;
    this.placed.delete(slot);
    if (rect !== null) this.placed.set(slot, rect);
    this.base.setPlacements(Array.from(this.placed, ([placedSlot, at]): Placement => ({ slot: placedSlot, rect: at })));
    if (this.layer(slot).move(rect)) this.dirtyRows.fill(1);
    this.request();
  }

  /** A whole frame as Ink writes it. Composed when its commit is complete, a microtask later. */
  inkFrame(frame: string): void {
    if (!this.hasInk) {
      this.hasInk = true;
      this.base.setPlacements([]);
    }
    this.base.setLines(frame.split("\n"));
    this.isLayoutStale = true;
    this.request();
  }

  /** Ink shows a Surface: `measure` says where, from Ink's own layout, whenever a frame is composed. Returns the end. */
  mount(slot: number, measure: () => Rect): () => void {
    this.mounted.set(slot, measure);
    this.isLayoutStale = true;
    this.request();
    return () => {
      if (this.mounted.get(slot) !== measure) return;
      this.mounted.delete(slot);
      // Shown with Ink's next frame; where none follows the whole tree is gone, and the screen stays as it is.
      this.isLayoutStale = true;
    };
  }

  /** The size that the tree being committed was rendered for; called before its frame is written. */
  declareSize(size: Size): void {
    this.declared = size;
  }

  /** Where the text cursor stands, asked whenever a frame is composed; null: hidden. */
  setTextCursor(measure: (() => Point | null) | null): void {
    this.measureCursor = measure;
    this.request();
  }

  /** The terminal has a new size. Ink must be told afterwards. */
  resize(size: Size): void {
    this.size = size;
    this.writer.resize(size);
    this.base.resize(size);
    this.dirtyRows = new Uint8Array(size.rows).fill(1);
    this.isLayoutStale = true;
    this.cancelGrace?.();
    this.cancelGrace = this.hasInk ? this.timers.after(resizeGraceMs, () => this.endGrace()) : null;
    this.request();
  }

  /** Nothing is drawn until `resume`; the newest state is kept. */
  pause(): void {
    this.isPaused = true;
  }

  /** Draws again; `forget`: the terminal no longer shows what was sent. Composes at once. */
  resume({ forget }: { forget: boolean }): void {
    this.isPaused = false;
    if (forget) this.writer.restart();
    this.compose();
  }

  /** The terminal has answered a status query. */
  answered(): void {
    this.writer.pacer.answered();
  }

  /** Resolves when every frame that asked for an answer has it; with `pause` before it no further one is sent. */
  allAnswered(): Promise<void> {
    return this.writer.pacer.allAnswered();
  }

  /** The terminal takes output again after a write that returned false. */
  drained(): void {
    this.writer.drained();
  }

  /** Composes now what is waiting for the end of the tick; for flush barriers. */
  composeNow(): void {
    if (this.isScheduled) this.compose();
  }

  private layer(slot: number): SurfaceLayer {
    const hurry = (first: number, count: number) => this.hurry({ first, end: first + count });
    return (this.surfaces[slot] ??= new SurfaceLayer(slot, { changed: () => this.request(), hurry }));
  }

  private hurry(band: Band): void {
    const first = Math.max(0, Math.min(band.first, this.urgent?.first ?? band.first));
    const end = Math.min(this.size.rows, Math.max(band.end, this.urgent?.end ?? band.end));
    this.urgent = { first, end };
    this.request();
  }

  private request(): void {
    if (this.isScheduled || this.isComposing || this.isPaused) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      if (this.isScheduled) this.compose();
    });
  }

  private compose(): void {
    this.isScheduled = false;
    if (this.isPaused || this.awaitsInk()) return;
    this.isComposing = true;
    try {
      this.measure();
      this.parse();
      this.blit();
      this.writer.placeCursor(this.cursorCell());
      const { urgent } = this;
      this.urgent = null;
      this.writer.flush(urgent);
    } finally {
      this.isComposing = false;
    }
  }

  /** True after a resize while Ink's frame is of the old size. */
  private awaitsInk(): boolean {
    if (this.cancelGrace === null) return false;
    if (this.declared?.columns !== this.size.columns || this.declared.rows !== this.size.rows) return true;
    this.cancelGrace();
    this.cancelGrace = null;
    return false;
  }

  private endGrace(): void {
    this.cancelGrace = null;
    this.request();
  }

  /** Reads the Surfaces' rectangles from the layout that the present frame was made with. */
  private measure(): void {
    if (!this.isLayoutStale || !this.hasInk) return;
    this.isLayoutStale = false;
    for (const layer of this.surfaces) {
      if (layer === undefined) continue;
      const rect = this.mounted.get(layer.slot)?.() ?? null;
      if (layer.move(rect)) this.dirtyRows.fill(1);
    }
  }

  private parse(): void {
    this.parseChanged();
    if (!this.styles.overflowed && !this.glyphs.overflowed) return;
    // The tables are full: start them anew with what is on the screen now.
    this.styles.clear();
    this.glyphs.clear();
    this.base.invalidate();
    for (const layer of this.surfaces) layer?.invalidate();
    this.writer.forget();
    this.dirtyRows.fill(1);
    this.parseChanged();
  }

  private parseChanged(): void {
    const mark = (row: number) => {
      if (row >= 0 && row < this.dirtyRows.length) this.dirtyRows[row] = 1;
    };
    this.base.refresh(this.parser, this.styles, mark);
    for (const layer of this.surfaces) layer?.refresh(this.parser, mark);
  }

  private blit(): void {
    for (let row = 0; row < this.dirtyRows.length; row++) {
      if (this.dirtyRows[row] === 0) continue;
      this.dirtyRows[row] = 0;
      blitRow(this.writer.next, this.base, this.surfaces, row);
      this.writer.markRow(row);
    }
  }

  private cursorCell(): Point | null {
    const at = this.measureCursor?.() ?? null;
    if (at === null || at.x < 0 || at.x >= this.size.columns || at.y < 0 || at.y >= this.size.rows) return null;
    return this.base.owners[at.y * this.size.columns + at.x] === 0 ? at : null;
  }
}
