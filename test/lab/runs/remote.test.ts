import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Experiment } from "../../../src/contract/experiment.js";
import { type FakeSshd, sshdMissing, startSshd } from "../../fakes/sshd.js";
import { openRemoteLab, podId, type RemoteLab, sha256 } from "./remote-fixture.js";
import { allLines, ended, freshDir } from "./runs-fixture.js";

/** Prints numbered lines, some at a time, and writes a file of 3 MB at its end. */
const chatty = (lines: number, code: number) => `
  const { writeSync, writeFileSync } = require("node:fs");
  let n = 0;
  const tick = () => {
    let text = "";
    for (let i = 0; i < 200 && n < ${String(lines)}; i++) text += "line " + n++ + " of a run that talks much, \\u00e4\\n";
    for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(1, rest));
    if (n < ${String(lines)}) return setTimeout(tick, 5);
    const bytes = Buffer.alloc(3_000_000);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 31 + i / 255) & 255;
    writeFileSync("big.bin", bytes);
    writeSync(1, "done, without a newline");
    process.exitCode = ${String(code)};
  };
  tick();`;

describe.skipIf(sshdMissing !== null)("runs on a pod", () => {
  let sshd: FakeSshd;
  let lab: RemoteLab | null = null;
  let dataDir = "";

  beforeAll(async () => {
    sshd = await startSshd({ env: { PATH: process.env["PATH"] ?? "" } });
  });
  afterAll(() => sshd.close());
  const open = async (options = {}) => {
    dataDir = freshDir();
    lab = await openRemoteLab(dataDir, sshd, options);
    return lab;
  };
  afterEach(async () => {
    await sshd.start();
    await lab?.closeAll();
    lab = null;
    rmSync(dataDir, { recursive: true, force: true });
  });
  const script = (name: string, text: string) => {
    mkdirSync(join(dataDir, "scripts"), { recursive: true });
    writeFileSync(join(dataDir, "scripts", name), text);
    return name;
  };

  test("end with their output, exit code, metrics and outputs here", async () => {
    const here = await open();
    const passed = await here.run({
      command:
        'echo "$HUBIFY_EXPERIMENT_ID in $PWD"; test "$HUBIFY_RUN_DIR" = "$PWD" && cat "$HUBIFY_CONFIG"; mkdir sub; echo 42 > sub/out.txt; echo \'{"ess": 100}\' > metrics.json',
      outputs: ["sub/out.txt"],
      qc: { metrics: { ess: { min: 50 } }, check: "test $(cat sub/out.txt) = 42" },
    });
    const failed = await here.run({ command: "echo ERROR: no luck; exit 3" });
    const killed = await here.run({ command: "kill -SEGV $$" });
    const end = await here.until(passed._id, ended);
    expect(end).toMatchObject({ status: "pass", exitCode: 0, result: "pass: 4 checks", metrics: { ess: 100 } });
    expect(await here.until(failed._id, ended)).toMatchObject({
      status: "fail",
      exitCode: 3,
      result: "fail: exit code 3: ERROR: no luck",
    });
    expect(await here.until(killed._id, ended)).toMatchObject({ exitCode: 139, result: "fail: killed by SIGSEGV" });
    expect((await allLines(here, passed._id))[0]).toBe(`EXP-001 in ${here.there(passed._id, "work")}`);
    expect(readFileSync(here.here(passed._id, "work/sub/out.txt"), "utf8")).toBe("42\n");
    expect(await here.runRow(passed._id)).toMatchObject({
      pod_id: podId,
      remote_dir: here.there(passed._id, "").replace(/\/$/, ""),
      state: "ended",
      outputs_home_at: expect.any(Number) as number,
    });
    expect(await here.runs.unsynced(podId)).toEqual([]);
  });

  test("survive many lost connections byte for byte", async () => {
    const here = await open();
    const specs = [
      [30_000, 0],
      [20_000, 7],
      [10_000, 3],
    ] as const;
    const runs: Experiment[] = [];
    for (const [index, [lines, code]] of specs.entries()) {
      runs.push(
        await here.run({ script: script(`chatty${String(index)}.js`, chatty(lines, code)), outputs: ["big.bin"] }),
      );
    }
    const size = (name: string) =>
      runs
        .map(({ _id }) => here.here(_id, name))
        .reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
    let cuts = 0;
    for (let before = 0; cuts < 8; cuts++) {
      await here.waitUp();
      // While output arrives, then while the files come home.
      await here.untilSo(() => size("out") > before + 50_000 || size("work/big.bin") > 0);
      before = size("out");
      if (sshd.cut() === 0) continue;
      await here.untilSo(() => here.hosts.state(podId)?.link !== "up");
    }
    for (const [index, [lines, code]] of specs.entries()) {
      const { _id } = runs[index]!;
      const end = await here.until(_id, ended, 60_000);
      expect(end).toMatchObject({ exitCode: code, status: code === 0 ? "pass" : "fail", logLines: lines + 1 });
      expect(sha256(here.here(_id, "out"))).toBe(sha256(here.there(_id, "out")));
      expect(sha256(here.here(_id, "work/big.bin"))).toBe(sha256(here.there(_id, "work/big.bin")));
      expect((await allLines(here, _id)).at(-1)).toBe("done, without a newline");
      expect(existsSync(here.here(_id, "fetch"))).toBe(false);
    }
  }, 120_000);

  test("go on while nobody can reach the pod, and say so", async () => {
    const here = await open();
    const run = await here.run({
      command: "echo one; while [ ! -e go ]; do sleep 0.05; done; echo two; echo x > result",
      outputs: ["result"],
    });
    await here.until(run._id, ({ logLines }) => logLines === 1);
    await sshd.stop();
    const away = await here.until(run._id, ({ statusReason }) => statusReason !== null);
    expect(away).toMatchObject({ status: "running" });
    expect(away.statusReason).toMatch(/^pod-x unreachable: .*; the run goes on there$/);
    expect(await here.runs.unsynced(podId)).toEqual(["EXP-001"]);
    writeFileSync(here.there(run._id, "work/go"), "");
    await sshd.start();
    const end = await here.until(run._id, ended);
    expect(end).toMatchObject({ status: "pass", exitCode: 0, statusReason: null });
    expect(await allLines(here, run._id)).toEqual(["one", "two"]);
  }, 30_000);

  test("that ended wait for their outputs when the pod is out of reach", async () => {
    const here = await open();
    const run = await here.run({ command: "head -c 30000000 /dev/zero > big; echo done", outputs: ["big"] });
    await here.untilSo(() => existsSync(here.here(run._id, "fetch")));
    await sshd.stop();
    const away = await here.until(run._id, ({ statusReason }) => statusReason !== null);
    expect(away).toMatchObject({ status: "running", statusReason: "ended; its outputs are still on pod-x" });
    await sshd.start();
    expect(await here.until(run._id, ended)).toMatchObject({ status: "pass" });
    expect(sha256(here.here(run._id, "work/big"))).toBe(sha256(here.there(run._id, "work/big")));
  }, 30_000);

  test("are stopped in their group and out of it, with TERM and then KILL", async () => {
    const here = await open();
    const polite = await here.run({ command: "echo up; exec sleep 60" });
    const stubborn = await here.run({
      command: "trap '' TERM; setsid sleep 70 & echo up; while :; do sleep 0.1; done",
      graceSeconds: 0.2,
    });
    const timed = await here.run({ command: "sleep 80", maxSeconds: 1 });
    for (const { _id } of [polite, stubborn]) {
      await here.until(_id, ({ logLines }) => logLines === 1);
      await here.services.experiments.cancel(_id);
    }
    expect(await here.until(polite._id, ended)).toMatchObject({ status: "fail", exitCode: 143, result: "cancelled" });
    expect(await here.until(stubborn._id, ended)).toMatchObject({
      exitCode: 137,
      result: expect.stringContaining("by KILL") as string,
    });
    expect(await here.until(timed._id, ended)).toMatchObject({
      exitCode: 143,
      result: expect.stringContaining("longest wall time") as string,
    });
  }, 30_000);

  test("are taken up by the next lab, and one that ended meanwhile is learnt of", async () => {
    const first = await open();
    const going = await first.run({ script: script("going.js", chatty(8000, 5)) });
    const short = await first.run({
      command: "echo short; while [ ! -e go ]; do sleep 0.05; done; echo x > result; exit 4",
      outputs: ["result"],
    });
    await first.until(going._id, ({ logLines }) => logLines > 0);
    await first.until(short._id, ({ logLines }) => logLines > 0);
    await first.detachAll();
    writeFileSync(first.there(short._id, "work/go"), "");
    await first.untilSo(() => existsSync(first.there(short._id, "exit")));
    const here = (lab = await openRemoteLab(dataDir, sshd, { connect: false }));
    expect((await here.services.experiments.get(short._id)).status).toBe("running");
    here.connect();
    expect(await here.until(short._id, ended)).toMatchObject({ exitCode: 4 });
    expect(await here.until(going._id, ended, 30_000)).toMatchObject({ exitCode: 5, logLines: 8001 });
    expect(existsSync(here.here(short._id, "work/result"))).toBe(true);
    for (const { _id } of [going, short]) expect(sha256(here.here(_id, "out"))).toBe(sha256(here.there(_id, "out")));
  }, 60_000);

  test("of a pod that is gone for good end with that reason, also while their outputs are waited for", async () => {
    const here = await open();
    const running = await here.run({ command: "echo up; sleep 60" });
    const waiting = await here.run({ command: "head -c 50000000 /dev/zero > big" });
    await here.until(running._id, ({ logLines }) => logLines === 1);
    await here.untilSo(() => existsSync(here.here(waiting._id, "fetch")));
    await sshd.stop();
    await here.runs.forsake(podId, "pod-x was terminated by the provider");
    expect(await here.services.experiments.get(running._id)).toMatchObject({
      status: "fail",
      result: "pod-x was terminated by the provider",
    });
    expect(await here.services.experiments.get(waiting._id)).toMatchObject({
      status: "fail",
      exitCode: 0,
      result: "pod-x was terminated by the provider; it had ended (exit code 0), its outputs are lost",
    });
    await sshd.start();
    await here.waitUp();
    await here.runs.forsake(podId, "again");
  }, 30_000);

  test("fail when the pod's disk was wiped under them", async () => {
    const here = await open();
    const run = await here.run({ command: "echo up; sleep 60" });
    await here.until(run._id, ({ logLines }) => logLines === 1);
    rmSync(here.there(run._id, ""), { recursive: true });
    expect(await here.until(run._id, ended)).toMatchObject({
      status: "fail",
      result: "its directory on the pod is gone: the pod's disk was wiped",
    });
  });

  test("start when the link is back, if it was lost in the middle of the start", async () => {
    const here = await open();
    const run = await here.run({ command: "echo once >> ../count; echo ran" });
    sshd.cut();
    expect(await here.until(run._id, ended)).toMatchObject({ status: "pass" });
    expect(readFileSync(here.there(run._id, "count"), "utf8")).toBe("once\n");
  });

  test("go back to the queue when the pod can't be reached at the start", async () => {
    const here = await open({ connect: false });
    const run = await here.run({ command: "true" });
    const back = await here.until(run._id, ({ status }) => status === "queued");
    expect(back.podId).toBeNull();
    expect(here.said).toContain("EXP-001: its pod can't be reached: its pod is not connected; back to the queue");
  });

  test("bring what they need, and take only what they made", async () => {
    const here = await open();
    script("data.csv", "1,2\n");
    mkdirSync(join(dataDir, "scripts/lib"));
    script("lib/part.txt", "part");
    const elsewhere = mkdtempSync(join(tmpdir(), "hubify-elsewhere-"));
    const run = await here.run({
      script: script(
        "work.sh",
        `cat data.csv lib/part.txt; echo "$@"; echo new > made.txt; echo abs > ${elsewhere}/abs.txt`,
      ),
      args: ["a b"],
      files: ["data.csv", "lib/part.txt"],
      outputs: ["made.txt", `${elsewhere}/abs.txt`],
    });
    expect(await here.until(run._id, ended)).toMatchObject({ status: "pass" });
    expect(await allLines(here, run._id)).toEqual(["1,2", "parta b"]);
    expect(existsSync(here.here(run._id, "work/made.txt"))).toBe(true);
    expect(existsSync(here.here(run._id, "work/data.csv"))).toBe(false);
    expect(readFileSync(here.here(run._id, `work/elsewhere${elsewhere}/abs.txt`), "utf8")).toBe("abs\n");
    const inCwd = await here.run({
      command: "pwd; echo y > here.txt; echo '{\"x\": 1}' > metrics.json",
      cwd: elsewhere,
      outputs: ["here.txt"],
    });
    expect(await here.until(inCwd._id, ended)).toMatchObject({ status: "pass", metrics: { x: 1 } });
    expect(await allLines(here, inCwd._id)).toEqual([elsewhere]);
  });

  test("that can't start say what is missing, and where", async () => {
    const here = await open();
    const missing = await here.run({ script: "nowhere.py" });
    const noProgram = await here.run({ script: script("x.jl", "") });
    const noDir = await here.run({ command: "true", cwd: "/nowhere" });
    const noFile = await here.run({ command: "true", files: ["gone.csv"] });
    const result = async ({ _id }: { _id: string }) => (await here.until(_id, ended)).result;
    expect(await result(missing)).toMatch(
      /script missing: nowhere.py; looked for .*scripts\/nowhere.py and .* on the pod \(on pod-x\)/,
    );
    expect(await result(noProgram)).toBe("fail: julia not found on PATH (on pod-x)");
    expect(await result(noDir)).toBe("fail: working directory missing: /nowhere (on pod-x)");
    expect(await result(noFile)).toMatch(/file missing: gone.csv/);
    expect(await here.runs.unsynced(podId)).toEqual([]);
  });

  test("run templates with the pod's own node, whose program is brought there once", async () => {
    const bundle = freshDir();
    writeFileSync(join(bundle, "chunk-A.js"), "export const says = 'from a chunk';\n");
    writeFileSync(join(bundle, "templates.js"), 'import{says}from"./chunk-A.js";console.log(process.argv[2],says);\n');
    const templates = [{ name: "mcmc", title: "", description: "", config: {}, estimatedSeconds: null }] as never;
    const here = await open({ parts: { templates, templatesEntry: join(bundle, "templates.js") } });
    const claim = async () => {
      const made = await here.create({ command: "true" }, { computeMode: "H100" });
      await here.store.db
        .updateTable("experiments")
        .set({ template: "mcmc", config: "{}" })
        .where("id", "=", made._id)
        .execute();
      const claimed = await here.services.experiments.claim(made._id, podId);
      await here.runs.launch(claimed!);
      return claimed!;
    };
    const run = await claim();
    expect(await here.until(run._id, ended)).toMatchObject({ status: "pass" });
    expect(await allLines(here, run._id)).toEqual(["mcmc from a chunk"]);
  });

  test("leave large files on the pod and name them, until somebody fetches them", async () => {
    const here = await open();
    const run = await here.run({
      command: "head -c 3000000 /dev/zero > big; echo s > small",
      outputsMaxBytes: 1_000_000,
    });
    expect(await here.until(run._id, ended)).toMatchObject({ result: "pass: 1 check; left on pod-x: big (2.86 MiB)" });
    expect(existsSync(here.here(run._id, "work/big"))).toBe(false);
    expect(await here.runs.unsynced(podId)).toEqual(["EXP-001"]);
    expect(await here.runs.fetchOutputs(podId)).toEqual({ left: [], reason: null });
    expect(existsSync(here.here(run._id, "work/big"))).toBe(true);
    expect(await here.runs.unsynced(podId)).toEqual([]);
  });

  test("still under way give what they have when asked", async () => {
    const here = await open();
    const run = await here.run({ command: "echo 1 > checkpoint; ln -s /etc/passwd stolen; echo up; sleep 60" });
    await here.until(run._id, ({ logLines }) => logLines === 1);
    symlinkSync("checkpoint", here.there(run._id, "work/link"));
    expect(await here.runs.fetchOutputs(podId)).toEqual({ left: [], reason: null });
    expect(readFileSync(here.here(run._id, "work/checkpoint"), "utf8")).toBe("1\n");
    expect(readFileSync(here.here(run._id, "work/link"), "utf8")).toBe("1\n");
    expect(await here.runs.unsynced(podId)).toEqual(["EXP-001"]);
    await sshd.stop();
    here.hosts.drop(podId);
    expect(await here.runs.fetchOutputs(podId)).toEqual({ left: ["EXP-001"], reason: "its pod is not connected" });
    await sshd.start();
    here.connect();
    await here.waitUp();
  });

  test("fail in words when the pod's disk is full, and the log of this run is whole", async (context) => {
    const small = mkdtempSync(join(tmpdir(), "hubify-small-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", small], { stdio: "ignore" });
    } catch {
      context.skip("skipped: only root may mount a small disk");
    }
    try {
      const here = await open({ home: small });
      const filling = await here.run({
        command: "echo begun; head -c 1000000 /dev/zero > big || { rm big; echo full; exit 5; }",
      });
      const full = await here.until(filling._id, ended);
      expect(full, JSON.stringify(full)).toMatchObject({ exitCode: 5 });
      expect((await allLines(here, filling._id)).at(-1)).toBe("full");
      const script1 = script("large.sh", `# ${"x".repeat(400_000)}\n`);
      const late = await here.run({ script: script1 });
      expect((await here.until(late._id, ended)).result).toBe("fail: the pod refuses: its disk is full");
      await here.hosts.stat(podId);
      expect(here.hosts.troubleOf(podId)).toMatchObject({ code: "diskFull" });
      const after = await here.run({ command: "echo fine" });
      expect(await here.until(after._id, ended)).toMatchObject({ status: "pass" });
    } finally {
      await lab?.closeAll();
      lab = null;
      execFileSync("umount", ["-l", small]);
    }
  });

  test("share the GPUs of a pod with several slots", async () => {
    const here = await open({ slots: 2, gpus: 4 });
    const command = "echo gpus=$CUDA_VISIBLE_DEVICES; while [ ! -e go ]; do sleep 0.05; done";
    const runs = [await here.run({ command }), await here.run({ command })];
    const seen = [];
    for (const { _id } of runs) {
      await here.until(_id, ({ logLines }) => logLines === 1);
      seen.push(...(await allLines(here, _id)));
    }
    expect(seen).toEqual(["gpus=0,1", "gpus=2,3"]);
  });
});
