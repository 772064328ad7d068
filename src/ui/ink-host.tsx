import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import chalk from "chalk";
import { Box, render, usePaste, useWindowSize } from "ink";
import { type ReactNode, useInsertionEffect } from "react";
import type { Compositor } from "../terminal/compositor.js";
import type { KeyEvent, PasteEvent } from "../terminal/input-event.js";
import type { Terminal } from "../terminal/terminal.js";
import { CompositorContext } from "./surface.js";

/** A mounted Ink tree. Keys reach it only through `feed`: the app decides which ones. */
export interface InkHost {
  /** Gives one key or paste to Ink's hooks (`useInput`, `usePaste`). */
  feed(event: KeyEvent | PasteEvent): void;
  rerender(node: ReactNode): void;
  /** Takes the tree down; the screen stays as it is. */
  unmount(): void;
  /** Rejects with the error if the tree dies of one. */
  readonly exited: Promise<unknown>;
}

/**
 * Renders `node` with Ink onto the terminal's compositor. Ink lays out and reads its own input stream; it changes no
 * mode and writes nothing to the terminal itself.
 */
export function mountInk(terminal: Pick<Terminal, "screen" | "size" | "onResize">, node: ReactNode): InkHost {
  // Surfaces are found by their true-colour backgrounds; the writer reduces colours to what the terminal has.
  chalk.level = 3;
  const stdin = inkStdin();
  const stdout = new InkStdout(terminal);
  const stopResize = terminal.onResize(() => stdout.emit("resize"));
  const root = (child: ReactNode) => <Root screen={terminal.screen}>{child}</Root>;
  const ink = render(root(node), {
    stdin,
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
    feed: (event) => void stdin.write(event.type === "key" ? event.chunk : bracketed(event.text)),
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
  // While nothing else takes pastes, this one does: Ink would type them as keys.
  usePaste(() => undefined);
  return (
    <CompositorContext value={screen}>
      <Box width={columns} height={rows} flexDirection="column">
        {children}
      </Box>
    </CompositorContext>
  );
}

function bracketed(text: string): string {
  return `\x1b[200~${text.replaceAll("\x1b[201~", "")}\x1b[201~`;
}

/** One chunk per key, kept apart by object mode; modes are the terminal's business, not Ink's. */
function inkStdin(): PassThrough {
  const nothing = () => stream;
  const stream: PassThrough = Object.assign(new PassThrough({ objectMode: true }), {
    isTTY: true,
    setRawMode: () => stream,
  });
  // Node's own setEncoding would merge the chunks.
  return Object.assign(stream, { setEncoding: nothing, ref: nothing, unref: nothing });
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
