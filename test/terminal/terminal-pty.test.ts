import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pty from "@lydell/node-pty";
import { buildSync } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "hubify-pty-"));
const app = join(folder, "app.mjs");
const running = new Set<pty.IPty>();

beforeAll(() => {
  const entry = new URL("pty-app.ts", import.meta.url).pathname;
  buildSync({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile: app });
});
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program in a pty of its own. */
function run(file: string, args: string[]) {
  const env = { PATH: process.env["PATH"], TERM: "xterm-256color", PS1: "prompt> ", LANG: "C.UTF-8", HISTFILE: "" };
  const child = pty.spawn(file, args, { cols: 60, rows: 10, cwd: folder, env });
  running.add(child);
  const state = { output: "", status: null as number | null, signal: 0 };
  child.onData((data) => (state.output += data));
  child.onExit(({ exitCode, signal }) => {
    state.status = exitCode;
    state.signal = signal ?? 0;
    running.delete(child);
  });
  const see = (text: string | RegExp) =>
    vi.waitFor(() => expect(state.output).toMatch(text), { timeout: 15_000, interval: 10 });
  const ended = async () => {
    await vi.waitFor(() => expect(state.status).not.toBeNull(), { timeout: 15_000, interval: 10 });
    return state.status;
  };
  return { child, state, see, ended, type: (text: string) => child.write(text) };
}

/** The app in a shell that afterwards tells the status and the terminal's modes. */
const inShell = (...args: string[]) =>
  run("/bin/sh", ["-c", `"${process.execPath}" ${app} ${args.join(" ")}; echo "status $?."; stty -a`]);

const count = (text: string, part: string) => text.split(part).length - 1;
const pidIn = (output: string) => Number(/pid (\d+)\./.exec(output)?.[1]);

/** Primary screen, cursor, autowrap and echo are back, once. */
function expectRestored(output: string): void {
  expect(count(output, "\x1b[?1049h")).toBe(1);
  expect(count(output, "\x1b[?1049l")).toBe(1);
  const after = output.slice(output.indexOf("\x1b[?1049l"));
  const before = output.slice(0, output.indexOf("\x1b[?1049l"));
  expect(before.lastIndexOf("\x1b[?25h")).toBeGreaterThan(before.lastIndexOf("\x1b[?25l"));
  expect(before.lastIndexOf("\x1b[?7h")).toBeGreaterThan(before.lastIndexOf("\x1b[?7l"));
  expect(after).toMatch(/[^-]icanon/);
  expect(after).toMatch(/[^-]echo /);
}

describe("exits", () => {
  test("by key: status 0, nothing keeps the process alive", async () => {
    const { state, see, ended, type } = inShell();
    await see("ready");
    type("q");
    await ended();
    expect(state.output).toContain("status 0.");
    expectRestored(state.output);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const)("by %s: status %i", async (signal, status) => {
    const { state, see, ended } = inShell();
    await see("ready");
    process.kill(pidIn(state.output), signal);
    await ended();
    expect(state.output).toContain(`status ${status}.`);
    expectRestored(state.output);
  });

  test.each([
    ["t", "thrown in a timer", 1],
    ["r", "thrown in a promise", 1],
    ["e", "", 3],
  ] as const)("by key %s: the message %j on the primary screen, status %i", async (key, message, status) => {
    const { state, see, ended, type } = inShell();
    await see("ready");
    type(key);
    await ended();
    expect(state.output).toContain(`status ${status}.`);
    expect(state.output.slice(state.output.indexOf("\x1b[?1049l"))).toContain(message);
    expectRestored(state.output);
  });

  test("Ctrl-C before anybody takes keys: status 130", async () => {
    const { state, see, ended, type } = inShell("no-listener");
    await see("ready");
    type("\x03");
    await ended();
    expect(state.output).toContain("status 130.");
    expectRestored(state.output);
  });

  test("a throw before the screen was entered: no mode touched, echo back", async () => {
    const { state, ended } = inShell("throw-early");
    await ended();
    expect(state.output).toContain("thrown in the beginning");
    expect(state.output).toContain("status 1.");
    expect(state.output).not.toContain("1049");
    expect(state.output).toMatch(/[^-]echo /);
  });

  test("the terminal goes away: the process ends too", async () => {
    const { state, see, child } = run(process.execPath, [app]);
    await see("ready");
    const pid = pidIn(state.output);
    child.kill("SIGHUP");
    (child as unknown as { destroy(): void }).destroy();
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 15_000 });
  });
});

test("keys typed while Node boots arrive complete and in order", async () => {
  const { state, see, ended, type } = run(process.execPath, [app]);
  for (const key of ["a", "b", "\x1b[A", "c"]) type(key);
  await see(/keys a b up c/);
  type("q");
  expect(await ended()).toBe(0);
  expect(count(state.output, "\x1b[?1049h")).toBe(1);
});

test("a resize of the pty is drawn", async () => {
  const { child, see, ended, type } = run(process.execPath, [app]);
  await see("size 60");
  child.resize(44, 10);
  await see("resized");
  await see(/44/);
  type("q");
  expect(await ended()).toBe(0);
});

describe("job control", () => {
  test.each([
    ["bare", `"${process.execPath}" ${app}`],
    ["behind sh -c", `sh -c '"${process.execPath}" ${app}; true'`],
  ])("Ctrl-Z and fg in bash, %s", async (_, command) => {
    const { state, see, ended, type } = run("/bin/bash", ["--norc", "--noprofile", "-i"]);
    await see("prompt> ");
    type(`${command}\r`);
    await see("ready");
    type("\x1a");
    await see(/\x1b\[\?1049l[^]*Stopped[^]*prompt> /);
    type("stty -a | grep -c '[^-]echo '; echo between\r");
    await see(/1\r\nbetween/);
    type("fg\r");
    await see(/between[^]*\x1b\[\?1049h[^]*ready/);
    type("x");
    await see("keys x");
    type("q");
    await see(/\x1b\[\?1049l[^]*\x1b\[\?1049l[^]*prompt> /);
    type("echo status $?.; exit\r");
    await ended();
    expect(state.output).toContain("status 0.");
    expect(count(state.output, "\x1b[?1049l")).toBe(2);
  });

  test("Ctrl-Z without a job-control shell goes on by itself", async () => {
    const { state, see, ended, type } = run(process.execPath, [app]);
    await see("ready");
    type("\x1a");
    await see(/\x1b\[\?1049l[^]*\x1b\[\?1049h/);
    type("x");
    await see("keys x");
    type("q");
    expect(await ended()).toBe(0);
    expect(count(state.output, "\x1b[?1049l")).toBe(2);
  });
});

test("a child reads a line from the terminal and the screen comes back", async () => {
  const { see, ended, type } = run(process.execPath, [app]);
  await see("ready");
  type("l");
  await see(/\x1b\[\?1049l[^]*child here/);
  type("a line\r");
  await see(/child got a line[^]*\x1b\[\?1049h[^]*lent and back/);
  type("x");
  await see("keys x");
  type("q");
  expect(await ended()).toBe(0);
});
