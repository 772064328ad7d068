import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { wrapperFile } from "../../../src/lab/executors/executor.js";
import { parseExitFile, parsePidFile } from "../../../src/lab/executors/local.js";
import { bootId, processStart } from "../../../src/lab/executors/local-process.js";

function directory(cmd: string): string {
  const dir = mkdtempSync(join(tmpdir(), "hubify-wrap-"));
  writeFileSync(join(dir, "cmd"), cmd);
  return dir;
}

const read = (dir: string, name: string) => readFileSync(join(dir, name), "utf8");
const runIn = (dir: string) => spawnSync("sh", [wrapperFile, dir], { stdio: "ignore" }).status;

test("keeps output and exit code, and ends with the command's own", () => {
  const dir = directory("echo out; echo err >&2; exit 7");
  expect(runIn(dir)).toBe(7);
  expect(read(dir, "out")).toBe("out\nerr\n");
  const exit = parseExitFile(read(dir, "exit"));
  expect(exit?.code).toBe(7);
  expect(Math.abs((exit?.at ?? 0) - Date.now())).toBeLessThan(60_000);
});

test("never runs twice: a settled attempt is left alone, a started one refused", () => {
  const dir = directory("echo again");
  expect(runIn(dir)).toBe(0);
  expect(runIn(dir)).toBe(0);
  expect(read(dir, "out")).toBe("again\n");
  const started = directory("echo never");
  mkdirSync(join(started, "lock"));
  expect(runIn(started)).toBe(98);
  expect(existsSync(join(started, "out"))).toBe(false);
  expect(runIn(join(started, "missing"))).toBe(97);
});

test("death by signal is 128 + its number", () => {
  const dir = directory("kill -SEGV $$");
  expect(runIn(dir)).toBe(139);
  expect(parseExitFile(read(dir, "exit"))?.code).toBe(139);
});

test("names itself and its command by pid, start time and boot; the command leads a session of its own", async () => {
  const dir = directory("ps -o pid=,pgid=,sid= -p $$; while [ ! -e go ]; do sleep 0.05; done");
  const wrapper = spawn("sh", [wrapperFile, dir], { stdio: "ignore" });
  const ended = once(wrapper, "exit");
  const pid = await vi.waitFor(() => parsePidFile(read(dir, "pid"))!, { timeout: 5000 });
  expect(pid.wrapperPid).toBe(wrapper.pid);
  expect(pid.wrapperStart).toBe(processStart(wrapper.pid!));
  expect(pid.childStart).toBe(processStart(pid.childPid));
  expect(pid.bootId).toBe(bootId());
  await vi.waitFor(() => expect(read(dir, "out").trim().split(/\s+/).map(Number)).toEqual(Array(3).fill(pid.childPid)));
  writeFileSync(join(dir, "go"), "");
  await ended;
});

test("hands TERM on to the command's group and still writes its exit", async () => {
  const dir = directory("trap 'echo bye; exit 4' TERM; echo up; while :; do sleep 0.05; done");
  const wrapper = spawn("sh", [wrapperFile, dir], { stdio: "ignore" });
  const ended = once(wrapper, "exit");
  await vi.waitFor(() => expect(existsSync(join(dir, "pid")) && read(dir, "out")).toBe("up\n"), { timeout: 5000 });
  wrapper.kill("SIGTERM");
  expect(await ended).toEqual([4, null]);
  expect(read(dir, "out")).toMatch(/^up\n[^]*bye\n$/);
  expect(parseExitFile(read(dir, "exit"))?.code).toBe(4);
});

test("a command that ends at once leaves a whole pid file all the same", () => {
  for (let round = 0; round < 20; round++) {
    const dir = directory(":");
    expect(runIn(dir)).toBe(0);
    expect(parsePidFile(read(dir, "pid"))).toMatchObject({ bootId: bootId() });
  }
});
