import type { ColourDepth } from "../../src/terminal/colour-depth.js";
import { Compositor } from "../../src/terminal/compositor.js";
import type { Size } from "../../src/terminal/grid.js";
import { systemTimers } from "../../src/terminal/timers.js";
import { Emulator } from "./emulator.js";

/** What Ink's host needs of a terminal, drawn on an emulator. */
export class InkStage {
  readonly emulator: Emulator;
  readonly screen: Compositor;
  size: Size;
  /** Called after each write. */
  onWrite: () => void = () => undefined;
  private readonly listeners = new Set<(size: Size) => void>();

  constructor(size: Size, depth: ColourDepth = "truecolor") {
    this.size = size;
    this.emulator = new Emulator(size);
    this.emulator.write("\x1b[?1049h\x1b[?25l\x1b[?7l");
    this.emulator.writes.length = 0;
    const write = (frame: string) => {
      this.emulator.write(frame);
      this.onWrite();
      return true;
    };
    this.screen = new Compositor({ size, depth, sink: { write }, timers: systemTimers });
    this.screen.resume({ forget: false });
  }

  onResize(listener: (size: Size) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  resize(size: Size): void {
    this.size = size;
    this.emulator.xterm.resize(size.columns, size.rows);
    this.screen.resize(size);
    for (const listener of this.listeners) listener(size);
  }

  /** Text of each cell; "" for the second half of a wide glyph. */
  cells(): string[][] {
    return Array.from({ length: this.size.rows }, (_, row) => {
      const line = this.emulator.buffer.getLine(row);
      return Array.from({ length: this.size.columns }, (_, column) => {
        const cell = line?.getCell(column);
        return cell?.getWidth() === 0 ? "" : cell?.getChars() || " ";
      });
    });
  }
}

/** Lets microtasks, Ink's input and React's scheduler run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
