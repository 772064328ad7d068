import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import chalk from "chalk";
import { Box, render, useWindowSize } from "ink";
import { type ReactNode, useInsertionEffect } from "react";
import type { Compositor } from "../terminal/compositor.js";
import type { Terminal } from "../terminal/terminal.js";
import { CompositorContext } from "./surface.js";

/** A mounted Ink tree. */
export interface InkHost {
  rerender(node: ReactNode): void;
  /** Takes the tree down; the screen stays as it is. */
  unmount(): void;
  /** Rejects with the error if the tree dies of one. */
  readonly exited: Promise<unknown>;
}

/**
 * Renders `node` with Ink onto the terminal's compositor. Ink lays out; it changes no mode and writes nothing to the terminal
 * itself. Nor does it read keys: it holds an Esc back to see whether it begins a sequence and loses it when the tree is drawn
 * anew meanwhile. The input filter has told them apart already, and `KeyQueue` hands them out.
 */
export function mountInk(terminal: Pick<Terminal, "screen" | "size" | "onResize">, node: ReactNode): InkHost {
  // Surfaces are found by their true-colour backgrounds; the writer reduces colours to what the terminal has.
  chalk.level = 3;
  const stdout = new InkStdout(terminal);
  const stopResize = terminal.onResize(() => stdout.emit("resize"));
  const root = (child: ReactNode) => <Root screen={terminal.screen}>{child}</Root>;
  const ink = render(root(node), {
    stdin: silentStdin(),
    stdout: stdout as unknown as NodeJS.WritableStream,
    debug: true,
    patchConsole: false,
    exitOnCtrlC: false,
    alternateScreen: false,
    interactive: true,
    isScreenReaderEnabled: false,
  });
  const exited = ink.waitUntilExit();
  // Whoever awaits `exited` sees the error; nobody awaiting it must not kill the process a second time.
  exited.catch(() => undefined);
  return {
    rerender: (child) => ink.rerender(root(child)),
    unmount() {
      stopResize();
      // Ink's last frame is of a tree without its Surfaces.
      stdout.isClosed = true;
      ink.unmount();
    },
    exited,
  };
}

/** Says which size the tree was rendered for, before its frame is written, and fills the screen. */
function Root({ screen, children }: { readonly screen: Compositor; readonly children: ReactNode }) {
  const { columns, rows } = useWindowSize();
  useInsertionEffect(() => screen.declareSize({ columns, rows }), [screen, columns, rows]);
  return (
    <CompositorContext value={screen}>
      <Box width={columns} height={rows} flexDirection="column">
        {children}
      </Box>
    </CompositorContext>
  );
}

/** Nothing comes from it; modes are the terminal's business, not Ink's. */
function silentStdin(): NodeJS.ReadStream {
  const stream = new PassThrough();
  const same = () => stream;
  return Object.assign(stream, { isTTY: true, setRawMode: same, ref: same, unref: same }) as never;
}

/** Modes that Ink switches: alternate screen, cursor, paste, synchronized output, kitty keyboard. */
const controlWrite = /^(?:\x1b\[(?:\?(?:1049|25|2004|2026)[hl]|\?u|[<>]\d*u))*$/;

/** Takes Ink's writes: frames go to the compositor, control sequences nowhere, and every callback runs. */
class InkStdout extends EventEmitter {
  readonly isTTY = true;
  /** Frames are no longer shown. */
  isClosed = false;
  private readonly terminal: Pick<Terminal, "screen" | "size">;

  constructor(terminal: Pick<Terminal, "screen" | "size">) {
    super();
    this.setMaxListeners(0);
    this.terminal = terminal;
  }

  get columns(): number {
    return this.terminal.size.columns;
  }

  get rows(): number {
    return this.terminal.size.rows;
  }

  write(text: string, encodingOrCallback?: unknown, callback?: () => void): boolean {
    const { screen } = this.terminal;
    const isBarrier = text === "";
    if (!this.isClosed && !controlWrite.test(text)) screen.inkFrame(text);
    const done = typeof encodingOrCallback === "function" ? (encodingOrCallback as () => void) : callback;
    if (isBarrier && done !== undefined) screen.composeNow();
    done?.();
    return true;
  }
}
