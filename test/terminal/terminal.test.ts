import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import type { Host } from "../../src/terminal/exit-guard.js";
import { openTerminal } from "../../src/terminal/terminal.js";
import type { TerminalInput, TerminalOutput, TerminalParts } from "../../src/terminal/terminal-parts.js";
import { FakeTimers } from "./fake-timers.js";

/** A process, its streams and a clock that do only what they are told. */
function opened(options: Partial<TerminalParts> = {}) {
  const log: string[] = [];
  const timers = new FakeTimers();
  const stdin = Object.assign(new EventEmitter(), {
    setRawMode: (isRaw: boolean) => log.push(isRaw ? "raw" : "cooked"),
    pause: () => log.push("pause"),
    resume: () => log.push("resume"),
  });
  const stdout = Object.assign(new EventEmitter(), {
    fd: 1,
    columns: 40,
    rows: 5,
    getWindowSize: (): [number, number] => [stdout.columns, stdout.rows],
    write: (text: string) => log.push(text) > 0,
  });
  const process = Object.assign(new EventEmitter(), {
    exit: (status: number) => void log.push(`exit ${status}`),
    kill: (pid: number, signal: string) => log.push(`kill ${pid} ${signal}`),
  });
  let isThere = true;
  const writeNow = (text: string) => {
    if (isThere) log.push(`now ${text}`);
    return isThere;
  };
  const terminal = openTerminal({
    stdin: stdin as unknown as TerminalInput,
    stdout: stdout as unknown as TerminalOutput,
    env: { TERM: "xterm-256color" },
    host: process as unknown as Host,
    timers,
    writeNow,
    printCrash: (error) => void log.push(`crash ${String(error)}`),
    ...options,
  });
  const take = () => log.splice(0);
  return {
    terminal,
    stdin,
    stdout,
    process,
    timers,
    log,
    take,
    type: (text: string) => stdin.emit("data", Buffer.from(text)),
    vanish: () => (isThere = false),
  };
}

const enterModes = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[m\x1b[2J";
const leaveModes = "\x1b[?2026l\x1b[m\x1b[r\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l";

describe("entering and leaving", () => {
  test("raw at once; modes and first frame in one write; all back in one write", () => {
    const { terminal, take } = opened();
    expect(take()).toEqual(["raw", "resume"]);
    terminal.screen.setBase(["hello"]);
    expect(take()).toEqual([]);
    terminal.enter();
    expect(take()).toEqual(["raw", "resume", `now ${enterModes}\x1b[Hhello`]);
    terminal.leave();
    expect(take()).toEqual([`now ${leaveModes}`, "cooked", "pause"]);
    terminal.leave();
    terminal.enter();
    expect(take()).toEqual([]);
  });

  test("left before it was entered: input back, no mode touched", () => {
    const { terminal, take } = opened();
    take();
    terminal.leave();
    expect(take()).toEqual(["cooked", "pause"]);
  });

  test("mouse and title are given back as well", () => {
    const { terminal, take } = opened({ mouse: true });
    terminal.enter();
    terminal.title("queue 3");
    terminal.title("queue 3");
    terminal.title("queue 4");
    const text = take().join("");
    expect(text).toContain("\x1b[?1006h");
    expect(text.split("\x1b[22;2t")).toHaveLength(2);
    expect(text.split("\x1b]2;queue 3\x1b\\")).toHaveLength(2);
    terminal.leave();
    expect(take()[0]).toBe(`now \x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[23;2t${leaveModes}`);
  });

  test("after leaving nothing listens on the process any more", () => {
    const { terminal, process, stdin } = opened();
    terminal.enter();
    terminal.leave();
    expect(process.eventNames()).toEqual([]);
    expect(stdin.eventNames()).toEqual([]);
  });
});

describe("exits", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])("%s leaves with %i", (signal, status) => {
    const { terminal, process, take } = opened();
    terminal.enter();
    take();
    process.emit(signal);
    expect(take()).toEqual([`now ${leaveModes}`, "cooked", "pause", `exit ${status}`]);
  });

  test.each(["uncaughtException", "unhandledRejection"])("%s: leave, then print, status 1", (event) => {
    const { terminal, process, take } = opened();
    terminal.enter();
    take();
    process.emit(event, new Error("boom"));
    expect(take()).toEqual([`now ${leaveModes}`, "cooked", "pause", "crash Error: boom", "exit 1"]);
  });

  test("process exit leaves", () => {
    const { terminal, process, take } = opened();
    terminal.enter();
    take();
    process.emit("exit", 0);
    expect(take()).toEqual([`now ${leaveModes}`, "cooked", "pause"]);
  });

  test.each(["end", "error"])("stdin %s: the terminal is gone, not a word more", (event) => {
    const { terminal, stdin, take } = opened();
    const told: string[] = [];
    terminal.onClosed(() => told.push("closed"));
    terminal.enter();
    take();
    stdin.emit(event, new Error("EIO"));
    terminal.screen.setBase(["more"]);
    terminal.screen.composeNow();
    terminal.leave();
    expect(take()).toEqual(["cooked", "pause"]);
    expect(told).toEqual(["closed"]);
  });

  test("EPIPE on stdout without a listener: exit 129; later write errors are nobody's", () => {
    const { terminal, stdout, take } = opened();
    terminal.enter();
    take();
    stdout.emit("error", new Error("EPIPE"));
    stdout.emit("error", new Error("EPIPE"));
    expect(take()).toEqual(["cooked", "pause", "exit 129"]);
  });

  test("a terminal that can't be written to any more when leaving to suspend is closed", () => {
    const { terminal, vanish, take } = opened();
    terminal.enter();
    vanish();
    take();
    terminal.suspend();
    expect(take()).toContain("exit 129");
  });
});

describe("keys", () => {
  test("typed early are kept, in order, for the first listener", async () => {
    const { terminal, type } = opened();
    type("ab\x1b[A\x1b[200~text\x1b[201~c");
    const seen: string[] = [];
    terminal.onPaste(({ text }) => seen.push(`paste:${text}`));
    terminal.onKey(({ name }) => seen.push(name));
    expect(seen).toEqual([]);
    await Promise.resolve();
    expect(seen).toEqual(["a", "b", "up", "paste:text", "c"]);
    type("d");
    expect(seen.at(-1)).toBe("d");
  });

  test("Ctrl-C leaves with 130 while nobody takes keys, and is a key from then on", () => {
    const early = opened();
    early.terminal.enter();
    early.take();
    early.type("\x03");
    expect(early.take()).toEqual([`now ${leaveModes}`, "cooked", "pause", "exit 130"]);
    const later = opened();
    const seen: string[] = [];
    later.terminal.onKey(({ name }) => seen.push(name));
    later.type("\x03");
    expect(seen).toEqual(["ctrl-c"]);
  });

  test("answers set the pace and are no keys", () => {
    const { terminal, type, timers } = opened();
    const seen: string[] = [];
    terminal.onKey(({ name }) => seen.push(name));
    terminal.screen.setBase(["x".repeat(40), "y".repeat(40)]);
    terminal.enter();
    expect(timers.count).toBe(1);
    type("\x1b[0n");
    expect(timers.count).toBe(0);
    expect(seen).toEqual([]);
  });

  test("the mouse", () => {
    const { terminal, type } = opened({ mouse: true });
    const seen: string[] = [];
    terminal.onMouse(({ action, x, y }) => seen.push(`${action} ${x},${y}`));
    terminal.onKey(() => undefined);
    type("\x1b[<0;3;2M");
    expect(seen).toEqual(["press 2,1"]);
  });
});

describe("suspend", () => {
  test("Ctrl-Z gives everything back, stops the group, and repaints when continued", () => {
    const { terminal, process, type, take } = opened();
    terminal.screen.setBase(["hello"]);
    terminal.enter();
    take();
    type("\x1a");
    expect(take()).toEqual([`now ${leaveModes}`, "cooked", "pause", "kill 0 SIGTSTP"]);
    expect(process.listenerCount("SIGTSTP")).toBe(0);
    terminal.screen.setBase(["newer"]);
    terminal.screen.composeNow();
    expect(take()).toEqual([]);
    process.emit("SIGCONT");
    const [raw, resume, frame] = take();
    expect([raw, resume]).toEqual(["raw", "resume"]);
    expect(frame).toContain(enterModes);
    expect(frame).toContain("newer");
    expect(process.listenerCount("SIGTSTP")).toBe(1);
    expect(process.listenerCount("SIGCONT")).toBe(0);
  });

  test("where the stop never comes it goes on by itself, once", () => {
    const { terminal, process, timers, take } = opened();
    terminal.enter();
    process.emit("SIGTSTP");
    take();
    timers.advance(100);
    process.emit("SIGCONT");
    expect(take().filter((entry) => entry.includes("?1049h"))).toHaveLength(1);
  });

  test("a size changed meanwhile is seen", () => {
    const { terminal, stdout, process, take } = opened();
    const sizes: number[] = [];
    terminal.onResize(({ columns }) => sizes.push(columns));
    terminal.enter();
    terminal.suspend();
    stdout.columns = 30;
    process.emit("SIGCONT");
    expect(sizes).toEqual([30]);
    expect(terminal.size).toEqual({ columns: 30, rows: 5 });
    take();
  });

  test("SIGTERM while stopped does not leave twice", () => {
    const { terminal, process, take } = opened();
    terminal.enter();
    terminal.suspend();
    take();
    process.emit("SIGTERM");
    expect(take()).toEqual(["exit 143"]);
  });
});

describe("lending", () => {
  test("the child gets a clean terminal and its own Ctrl-C; then everything is repainted", async () => {
    const { terminal, process, take } = opened();
    terminal.screen.setBase(["hello"]);
    terminal.enter();
    take();
    const answer = terminal.lend(async () => {
      expect(take()).toEqual([`now ${leaveModes}`, "cooked", "pause"]);
      process.emit("SIGINT");
      process.emit("SIGQUIT");
      terminal.screen.setBase(["changed"]);
      terminal.screen.composeNow();
      expect(terminal.copy("x")).toBe(false);
      expect(take()).toEqual([]);
      return 42;
    });
    await expect(answer).resolves.toBe(42);
    const frame = take().at(-1);
    expect(frame).toContain(enterModes);
    expect(frame).toContain("changed");
    expect(process.listenerCount("SIGQUIT")).toBe(0);
    expect(process.listenerCount("SIGTSTP")).toBe(1);
  });

  test("an answer of the terminal that is on its way is not typed into the child", async () => {
    const { terminal, type, take } = opened();
    terminal.screen.setBase(["x".repeat(40), "y".repeat(40)]);
    terminal.enter();
    expect(take().join("")).toContain("\x1b[5n");
    let hasRun = false;
    const lent = terminal.lend(async () => void (hasRun = true));
    terminal.screen.setBase(["nothing is drawn meanwhile, nor asked for"]);
    terminal.screen.composeNow();
    await Promise.resolve();
    expect([hasRun, take()]).toEqual([false, []]);
    type("\x1b[0n");
    await lent;
    expect(hasRun).toBe(true);
  });

  test("a child that fails gives the terminal back too", async () => {
    const { terminal, take } = opened();
    terminal.enter();
    take();
    await expect(terminal.lend(() => Promise.reject(new Error("no editor")))).rejects.toThrow("no editor");
    expect(take().at(-1)).toContain(enterModes);
  });

  test("can't be lent twice, nor after leaving", async () => {
    const { terminal } = opened();
    terminal.enter();
    await terminal.lend(async () => {
      await expect(terminal.lend(async () => undefined)).rejects.toThrow("lent");
    });
    terminal.leave();
    await expect(terminal.lend(async () => undefined)).rejects.toThrow("left");
  });

  test("left while lent: it stays left", async () => {
    const { terminal, process, take } = opened();
    terminal.enter();
    await terminal.lend(async () => void process.emit("SIGTERM"));
    expect(take().filter((entry) => entry.includes("?1049"))).toHaveLength(2);
  });
});

test("a resize reaches the screen before the listeners", () => {
  const { terminal, stdout, take } = opened();
  terminal.enter();
  terminal.onResize(({ columns, rows }) =>
    terminal.screen.setBase(Array.from({ length: rows }, () => "x".repeat(columns))),
  );
  take();
  stdout.columns = 20;
  stdout.rows = 2;
  stdout.emit("resize");
  stdout.emit("resize");
  terminal.screen.composeNow();
  const frames = take();
  expect(frames).toHaveLength(1);
  expect(frames[0]).toContain("x".repeat(20));
});

test("copy, bell and title go out between frames; too long a text is refused", () => {
  const { terminal, take } = opened();
  terminal.enter();
  take();
  expect(terminal.copy("x")).toBe(true);
  expect(terminal.copy("x".repeat(80_000))).toBe(false);
  terminal.bell();
  expect(take()).toEqual(["\x1b]52;c;eA==\x1b\\", "\x07"]);
});

describe("background", () => {
  test("the terminal's answer wins over COLORFGBG", async () => {
    const { terminal, type, timers } = opened({ env: { COLORFGBG: "0;15" } });
    terminal.enter();
    const answer = terminal.background();
    type("\x1b]11;rgb:1111/1111/1111\x1b\\");
    await expect(answer).resolves.toBe("dark");
    expect(timers.count).toBe(0);
  });

  test("no answer within a second: COLORFGBG, or null", async () => {
    const told = opened({ env: { COLORFGBG: "0;15" } });
    const silent = opened();
    for (const { terminal } of [told, silent]) terminal.enter();
    const answers = [told.terminal.background(), silent.terminal.background()];
    for (const { timers } of [told, silent]) timers.advance(1_000);
    await expect(Promise.all(answers)).resolves.toEqual(["light", null]);
  });
});
