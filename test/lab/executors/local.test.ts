import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { RunHandle } from "../../../src/lab/executors/executor.js";
import { localExecutor, runEnvironment } from "../../../src/lab/executors/local.js";
import { bootId, parseProcStat, processStart } from "../../../src/lab/executors/local-process.js";

const executor = localExecutor({ env: runEnvironment(process.env) });

function handle(): RunHandle {
  const dir = mkdtempSync(join(tmpdir(), "hubify-local-"));
  return { executor: "local", dir, marker: `${dir}:1` };
}

/** Writes a pid file that names two processes. */
function writePids(dir: string, wrapper: [number, string], child: [number, string], boot = bootId()): void {
  mkdirSync(join(dir, "lock"), { recursive: true });
  writeFileSync(join(dir, "pid"), `${wrapper.join(" ")} ${child.join(" ")} ${boot} 0\n`);
}

const me = (): [number, string] => [process.pid, processStart(process.pid)!];
const other = (): [number, string] => [process.pid, "1"];

test.each([
  ["none", () => undefined],
  ["starting", (dir: string) => mkdirSync(join(dir, "lock"))],
  ["running", (dir: string) => writePids(dir, me(), other())],
  ["orphan", (dir: string) => writePids(dir, other(), me())],
  ["dead", (dir: string) => writePids(dir, other(), other())],
  ["rebooted", (dir: string) => writePids(dir, me(), me(), "another-boot")],
] as const)("a run is %s", async (life, prepare) => {
  const run = handle();
  prepare(run.dir);
  expect(await executor.inspect(run)).toMatchObject({ life, exit: null });
});

test("a pid that is somebody else's by now is never signalled", async () => {
  const bystander = spawn("sleep", ["60"], { detached: true });
  await once(bystander, "spawn");
  const run = handle();
  writePids(run.dir, other(), [bystander.pid!, "12345"]);
  expect(await executor.stop(run, "SIGKILL")).toBe(false);
  const rebooted = handle();
  writePids(rebooted.dir, other(), [bystander.pid!, processStart(bystander.pid!)!], "another-boot");
  expect(await executor.stop(rebooted, "SIGKILL")).toBe(false);
  expect(processStart(bystander.pid!)).not.toBeNull();
  const gone = once(bystander, "exit");
  bystander.kill("SIGKILL");
  await gone;
});

test("a zombie is dead", async () => {
  // The parent becomes a `sleep`, which knows nothing of its child; the child ends after that.
  const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  const [output] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(output.toString());
  await vi.waitFor(() => {
    const stat = parseProcStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
    expect(stat?.state).toBe("Z");
  });
  expect(processStart(pid)).toBeNull();
  parent.kill("SIGKILL");
});

test("a process's name may hold spaces and brackets", () => {
  const rest = Array.from({ length: 30 }, (_, index) => index + 4);
  expect(parseProcStat(`42 (a) b) (c) S 1 77 ${rest.join(" ")}`)).toMatchObject({ state: "S", group: 77 });
  expect(parseProcStat("")).toBeNull();
});

test("runs inherit nothing of the lab's own settings and keys", () => {
  const env = { PATH: "/bin", HOME: "/h", HUBIFY_TOKEN: "x", RUNPOD_API_KEY: "y", NODE_OPTIONS: "--inspect" };
  expect(runEnvironment(env)).toEqual({ PATH: "/bin", HOME: "/h" });
});
