import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pty from "@lydell/node-pty";
import type { Terminal } from "@xterm/headless";

const { Terminal: HeadlessTerminal } = createRequire(import.meta.url)("@xterm/headless") as {
  Terminal: typeof Terminal;
};

const keys: Readonly<Record<string, string>> = {
  enter: "\r",
  esc: "\x1b",
  tab: "\t",
  "shift-tab": "\x1b[Z",
  backspace: "\x7f",
  delete: "\x1b[3~",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  pgup: "\x1b[5~",
  pgdn: "\x1b[6~",
  space: " ",
  "ctrl-c": "\x03",
  "ctrl-s": "\x13",
  "ctrl-u": "\x15",
  "ctrl-z": "\x1a",
};

const bundle = new URL("../../bin/hubify-tui.js", import.meta.url).pathname;

/** A fresh home for config, state and data; removed by `clear`. */
export function freshHome(): { dir: string; clear(): void } {
  const dir = mkdtempSync(join(tmpdir(), "hubify-e2e-"));
  return { dir, clear: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

export interface Room {
  /** What the terminal shows now, right-trimmed. */
  lines(): string[];
  text(): string;
  /** Named keys (`enter`, `ctrl-c`) or single characters, in one write each. */
  press(...names: string[]): void;
  type(text: string): void;
  paste(text: string): void;
  /** Resolves when the screen matches; rejects with the screen when it does not in time. */
  until(pattern: RegExp | ((screen: string) => boolean), limitMs?: number): Promise<string>;
  resize(columns: number, rows: number): void;
  kill(signal?: string): void;
  readonly exited: Promise<{ exitCode: number; signal: number | undefined }>;
  readonly pid: number;
  /** Everything the program wrote. */
  raw(): string;
}

export interface RoomOptions {
  readonly home: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another program than the room, e.g. `bash`. */
  readonly command?: readonly [string, ...string[]];
}

/** Starts the built bundle in a pty behind a headless terminal, as a person's terminal would. */
export function openRoom(options: RoomOptions): Room {
  const { home, columns = 120, rows = 36, args = [] } = options;
  const terminal = new HeadlessTerminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
  const [file, ...rest] = options.command ?? [process.execPath, bundle, ...args];
  const child = pty.spawn(file, rest, {
    cols: columns,
    rows,
    name: "xterm-256color",
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      HUBIFY_TUI_HOME: home,
      TZ: "UTC",
      LANG: "C.UTF-8",
      COLORTERM: "truecolor",
      TERM: "xterm-256color",
      ...options.env,
    },
  });
  let raw = "";
  const waiting = new Set<() => void>();
  child.onData((data) => {
    raw += data;
    terminal.write(data, () => {
      for (const look of waiting) look();
    });
  });
  // The terminal answers queries (cursor reports, colours) as a real one does.
  terminal.onData((reply) => child.write(reply));
  const exited = new Promise<{ exitCode: number; signal: number | undefined }>((resolve) =>
    child.onExit(({ exitCode, signal }) => resolve({ exitCode, signal })),
  );

  const lines = () => {
    const { active } = terminal.buffer;
    return Array.from(
      { length: terminal.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true, 0, terminal.cols) ?? "",
    );
  };
  const text = () => lines().join("\n");

  return {
    lines,
    text,
    raw: () => raw,
    pid: child.pid,
    exited,
    press: (...names) => {
      for (const name of names) child.write(keys[name] ?? name);
    },
    type: (words) => {
      for (const letter of words) child.write(letter);
    },
    paste: (words) => child.write(`\x1b[200~${words}\x1b[201~`),
    resize: (nextColumns, nextRows) => {
      terminal.resize(nextColumns, nextRows);
      child.resize(nextColumns, nextRows);
    },
    kill: (signal) => child.kill(signal),
    until: (pattern, limitMs = 15_000) =>
      new Promise((resolve, reject) => {
        const matches = typeof pattern === "function" ? pattern : (screen: string) => pattern.test(screen);
        const finish = (settle: () => void) => {
          clearTimeout(limit);
          waiting.delete(look);
          settle();
        };
        const look = () => {
          const screen = text();
          if (matches(screen)) finish(() => resolve(screen));
        };
        const limit = setTimeout(
          () =>
            finish(() => reject(new Error(`no ${String(pattern)} within ${limitMs} ms; the screen was:\n${text()}`))),
          limitMs,
        );
        waiting.add(look);
        look();
      }),
  };
}
