import { createRequire } from "node:module";
import * as pty from "@lydell/node-pty";
import type { Terminal } from "@xterm/headless";
import { waitUntil } from "./process-cost.js";
import { createSlowLine, type SlowLine } from "./slow-line.js";

const { Terminal: HeadlessTerminal } = createRequire(import.meta.url)("@xterm/headless") as {
  Terminal: typeof Terminal;
};

export const screenSize = { columns: 200, rows: 50 } as const;
export const bundle = new URL("../../bin/hubify-tui.js", import.meta.url).pathname;

export interface BenchTerminalOptions {
  readonly command: readonly [string, ...string[]];
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly line?: SlowLine;
}

export interface BenchTerminal {
  readonly pid: number;
  /** ms of `performance.now` just before the program was started. */
  readonly startedAt: number;
  readonly exited: Promise<number>;
  /** Bytes that have arrived so far. */
  bytes(): number;
  screen(): string;
  type(text: string): void;
  /** Resolves, with the time, as soon as the bytes that arrive from now on contain the needle. */
  arrival(needle: string, limitMs?: number): Promise<number>;
  /** As `arrival`, once so many bytes have come since the start. */
  arrivalOf(byteCount: number, limitMs?: number): Promise<number>;
  until(pattern: RegExp, limitMs?: number): Promise<void>;
  kill(): void;
}

/** Starts a program in a 200×50 pty behind a headless terminal that answers queries, if wanted behind a slow line. */
export function openBenchTerminal({ command, home, env, line }: BenchTerminalOptions): BenchTerminal {
  const terminal = new HeadlessTerminal({ cols: screenSize.columns, rows: screenSize.rows, allowProposedApi: true });
  const [file, ...args] = command;
  const startedAt = performance.now();
  const child = pty.spawn(file, args, {
    cols: screenSize.columns,
    rows: screenSize.rows,
    name: "xterm-256color",
    encoding: null,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      HUBIFY_TUI_HOME: home,
      TZ: "UTC",
      LANG: "C.UTF-8",
      COLORTERM: "truecolor",
      TERM: "xterm-256color",
      ...env,
    },
  });
  let bytes = 0;
  const listeners = new Set<(piece: Buffer) => void>();
  const arrived = (piece: Buffer) => {
    bytes += piece.length;
    for (const listener of listeners) listener(piece);
    terminal.write(piece);
  };
  const model =
    line === undefined
      ? { send: arrived, back: (write: () => void) => write() }
      : createSlowLine(line, { arrived, hold: (isFull) => (isFull ? child.pause() : child.resume()) });
  // Typed as text, but without an encoding the pty gives buffers.
  child.onData((data) => model.send(data as unknown as Buffer));
  terminal.onData((reply) => model.back(() => child.write(reply)));
  let isGone = false;
  const exited = new Promise<number>((resolve) =>
    child.onExit(({ exitCode }) => {
      isGone = true;
      resolve(exitCode);
    }),
  );
  const screen = () => {
    const { active } = terminal.buffer;
    const row = (at: number) => active.getLine(active.viewportY + at)?.translateToString(true) ?? "";
    return Array.from({ length: screenSize.rows }, (_, at) => row(at)).join("\n");
  };

  const listen = (isIt: (piece: Buffer) => boolean, limitMs: number, what: string) =>
    new Promise<number>((resolve, reject) => {
      const listener = (piece: Buffer) => {
        if (!isIt(piece)) return;
        const at = performance.now();
        finish();
        resolve(at);
      };
      const finish = () => {
        clearTimeout(limit);
        listeners.delete(listener);
      };
      const limit = setTimeout(() => {
        finish();
        reject(new Error(`${what}: not within ${limitMs} ms; the screen is\n${screen()}`));
      }, limitMs);
      listeners.add(listener);
    });

  return {
    pid: child.pid,
    startedAt,
    exited,
    screen,
    bytes: () => bytes,
    type: (text) => model.back(() => child.write(text)),
    arrival(needle, limitMs = 10_000) {
      const wanted = Buffer.from(needle);
      let tail = Buffer.alloc(0);
      const contains = (piece: Buffer) => {
        const text = Buffer.concat([tail, piece]);
        tail = text.subarray(Math.max(0, text.length - wanted.length + 1));
        return text.includes(wanted);
      };
      return listen(contains, limitMs, needle);
    },
    arrivalOf: (byteCount, limitMs = 10_000) => listen(() => bytes >= byteCount, limitMs, `${byteCount} bytes`),
    until: (pattern, limitMs = 20_000) => waitUntil(() => pattern.test(screen()), limitMs, String(pattern)),
    kill: () => {
      if (!isGone) child.kill("SIGKILL");
    },
  };
}

/** The room of this home, ended with the benchmark. */
export function openBenchRoom(
  cleanup: AsyncDisposableStack,
  options: Omit<BenchTerminalOptions, "command">,
): BenchTerminal {
  const room = openBenchTerminal({ ...options, command: [process.execPath, bundle] });
  cleanup.defer(() => room.kill());
  return room;
}

/** Leaves as a person does, so that the view is kept for the next start. */
export async function leaveRoom(room: BenchTerminal): Promise<void> {
  room.type("q");
  await room.exited;
}
