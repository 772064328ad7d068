import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { processStart } from "../../../src/lab/executors/local-process.js";
import { allLines, ended, freshDir, openLab } from "./runs-fixture.js";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function lab(options: Parameters<typeof openLab>[1] = {}) {
  const dataDir = freshDir();
  const opened = await openLab(dataDir, options);
  open.push(opened.close);
  return { ...opened, dataDir };
}

const workDir = (dataDir: string, id: string, attempt = 1) => join(dataDir, "runs", id, String(attempt), "work");

test("a run ends with its output, its exit code and its QC verdict", async () => {
  const here = await lab();
  const { _id } = await here.create({
    command: `echo one; echo two >&2; printf three; echo '{"rhat_minus_1": 0.004}' > metrics.json`,
    outputs: ["metrics.json"],
    qc: { metrics: { rhat_minus_1: { max: 0.01 } }, check: 'test -d "$HUBIFY_RUN_DIR" && echo looks fine' },
  });
  const done = await here.until(_id, ended);
  expect(done).toMatchObject({ status: "pass", exitCode: 0, result: "pass: 4 checks", logLines: 3 });
  expect(done.metrics).toEqual({ rhat_minus_1: 0.004 });
  expect(done.qc?.checks.map(({ name, reason }) => [name, reason])).toContainEqual(["check", "looks fine"]);
  expect(await allLines(here, _id)).toEqual(["one", "two", "three"]);
});

test("a metric out of bounds, a missing output and a non-zero exit fail with their reasons", async () => {
  const here = await lab();
  const bound = await here.create({
    command: `echo '{"rhat_minus_1": 0.031}' > metrics.json`,
    qc: { metrics: { rhat_minus_1: { max: 0.01 } } },
  });
  const output = await here.create({ command: "true", outputs: ["chain.txt"] });
  const code = await here.create({ command: "echo starting; echo 'ERROR: no covmat' >&2; exit 3" });
  const signal = await here.create({ command: "kill -SEGV $$" });
  expect((await here.until(bound._id, ended)).result).toBe("fail: rhat_minus_1 = 0.031 above 0.01");
  expect((await here.until(output._id, ended)).result).toBe("fail: chain.txt is missing");
  expect((await here.until(code._id, ended)).result).toBe("fail: exit code 3: ERROR: no covmat");
  expect(await here.until(signal._id, ended)).toMatchObject({ exitCode: 139, result: "fail: killed by SIGSEGV" });
});

test("what can't start says what is missing and where it was looked for", async () => {
  const here = await lab();
  writeFileSync(join(here.dataDir, "scripts", "fit.py"), "print(1)");
  const missing = await here.create({ script: "nowhere.py" });
  const interpreter = await here.create({ script: "fit.py", env: { PATH: "/nonexistent" } });
  const cwd = await here.create({ command: "true", cwd: "/nonexistent" });
  const { result } = await here.until(missing._id, ended);
  expect(result).toContain("script missing: nowhere.py; looked for");
  expect(result).toContain(join(here.dataDir, "scripts", "nowhere.py"));
  expect((await here.until(interpreter._id, ended)).result).toBe("fail: python3 not found on PATH");
  expect((await here.until(cwd._id, ended)).result).toBe("fail: working directory missing: /nonexistent");
});

test("a script gets its arguments, its environment and its config", async () => {
  const here = await lab();
  writeFileSync(
    join(here.dataDir, "scripts", "show.sh"),
    'echo "$1|$2|$GREETING|$HUBIFY_EXPERIMENT_ID"; cat "$HUBIFY_CONFIG"',
  );
  const made = await here.create({
    script: "show.sh",
    args: ["a b", "it's $HOME `x`"],
    env: { GREETING: "héllo 'you'" },
    own: { deep: [1] },
  });
  await here.until(made._id, ended);
  const [first = "", ...config] = await allLines(here, made._id);
  expect(first).toBe(`a b|it's $HOME \`x\`|héllo 'you'|${made.experimentId}`);
  expect(JSON.parse(config.join("\n"))).toMatchObject({ own: { deep: [1] } });
});

test("cancelling ends the whole group, also a child that ignores TERM", async () => {
  const here = await lab();
  const { _id } = await here.create({
    command: `sh -c 'trap "" TERM; echo $$ > stubborn; while :; do sleep 0.05; done' & echo ready; wait`,
    graceSeconds: 0.2,
  });
  await here.until(_id, ({ logLines }) => logLines > 0);
  const file = join(workDir(here.dataDir, _id), "stubborn");
  await here.until(_id, () => existsSync(file) && readFileSync(file, "utf8").trim() !== "");
  await here.services.experiments.cancel(_id);
  const done = await here.until(_id, ended);
  expect(done.status).toBe("fail");
  expect(done.result).toBe("cancelled, by KILL: it did not end on TERM");
  expect(processStart(Number(readFileSync(file, "utf8")))).toBeNull();
});

test("a process that forked away into a session of its own is found and ended too", async () => {
  const here = await lab();
  const { _id } = await here.create({
    command: "setsid sh -c 'echo $$ > daemon; while :; do sleep 0.05; done' & wait; while :; do sleep 0.05; done",
    graceSeconds: 5,
  });
  const file = join(workDir(here.dataDir, _id), "daemon");
  await here.until(_id, () => existsSync(file) && readFileSync(file, "utf8").trim() !== "");
  expect(processStart(Number(readFileSync(file, "utf8")))).not.toBeNull();
  await here.services.experiments.cancel(_id);
  expect((await here.until(_id, ended)).result).toBe("cancelled");
  expect(processStart(Number(readFileSync(file, "utf8")))).toBeNull();
});

test("a run is stopped after its longest wall time, and what it left running is told otherwise", async () => {
  const here = await lab();
  const long = await here.create({ command: "sleep 60", maxSeconds: 0.3 });
  const left = await here.create({ command: "setsid sleep 60 > /dev/null 2>&1 & echo $! > left" });
  expect(await here.until(long._id, ended)).toMatchObject({
    exitCode: 143,
    result: "stopped after its longest wall time of 0 s",
  });
  const done = await here.until(left._id, ended);
  const pid = Number(readFileSync(join(workDir(here.dataDir, left._id), "left"), "utf8"));
  process.kill(pid, "SIGKILL");
  expect(done).toMatchObject({ status: "pass", result: `pass: 1 check; left running: process ${pid}` });
});

test("chain lines become metrics, and a progress bar becomes progress", async () => {
  const here = await lab();
  const { _id } = await here.create({
    command: `echo '[mcmc]  - Convergence of means: R-1 = 0.0312 after 3968 accepted steps'; printf '\\r 45%%|####    | 4500/10000 [00:10<00:12, 440.12it/s]'; while [ ! -e go ]; do sleep 0.05; done; echo; printf 'plain'`,
    mcmc: { Rminus1_stop: 0.01 },
  });
  const running = await here.until(_id, ({ progress, metrics }) => progress !== null && "chain.rminus1" in metrics);
  expect(running.progress).toBeCloseTo(0.45);
  const series = await here.services.metrics.series(_id);
  expect(series.points).toContainEqual(expect.objectContaining({ name: "chain.rminus1", step: 3968, value: 0.0312 }));
  expect(series.targets).toEqual({ rminus1: 0.01, rminus1_cl: null });
  writeFileSync(join(workDir(here.dataDir, _id), "go"), "");
  expect((await here.until(_id, ended)).metrics["chain.rminus1"]).toBe(0.0312);
});

test("experiments wait for a slot with a reason and start when one gets free; a drained pod starts none", async () => {
  const here = await lab({ slots: 1 });
  const first = await here.create({ command: "while [ ! -e go ]; do sleep 0.05; done" });
  await here.until(first._id, ({ status }) => status === "running");
  const second = await here.create({ command: "true" });
  const gpu = await here.create({ command: "true" }, { computeMode: "H200" });
  await here.until(second._id, ({ statusReason }) => statusReason === "no free CPU slot");
  await here.until(gpu._id, ({ statusReason }) => statusReason === "no pod with H200 here");
  expect((await here.services.pods.get(here.podId)).experiments).toEqual([first.experimentId]);
  await here.services.pods.stop(here.podId);
  writeFileSync(join(workDir(here.dataDir, first._id), "go"), "");
  await here.until(first._id, ended);
  await here.until(second._id, ({ statusReason }) => statusReason === "here is drained");
  await here.services.pods.start(here.podId);
  expect((await here.until(second._id, ended)).status).toBe("pass");
});

test("deleting an experiment takes its log and keeps its outputs", async () => {
  const here = await lab();
  const { _id } = await here.create({ command: "echo kept > result.txt; echo said" });
  await here.until(_id, ended);
  const out = join(workDir(here.dataDir, _id), "..", "out");
  expect(existsSync(out)).toBe(true);
  await here.services.experiments.remove(_id);
  expect(existsSync(out)).toBe(false);
  expect(readFileSync(join(workDir(here.dataDir, _id), "result.txt"), "utf8")).toBe("kept\n");
});

test("a waiting experiment says when it is expected to end, and why it waits", async () => {
  const here = await lab({ slots: 1 });
  const first = await here.create({ command: "sleep 60" }, { estimatedSeconds: 60 });
  const running = await here.until(first._id, ({ status }) => status === "running");
  const second = await here.create({ command: "true" }, { estimatedSeconds: 30 });
  const waiting = await here.until(second._id, ({ etaAt }) => etaAt !== null);
  expect(waiting.status).toBe("queued");
  expect(waiting.statusReason).not.toBeNull();
  expect(waiting.etaAt).toBeCloseTo((running.startedAt ?? 0) + 90_000, -3);
});
