import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { parsePidFile } from "../../../src/lab/executors/local.js";
import { allLines, ended, freshDir, openLab } from "./runs-fixture.js";

const hostFile = new URL("adoption-host.ts", import.meta.url).pathname;
const wrapper = new URL("../../../src/lab/executors/hubify-run.sh", import.meta.url).pathname;

/** Prints `lines` numbered lines, `perTick` each few ms, until a file `stop` appears or all are printed; ends with `code`. */
const printer = (name: string, { lines, perTick, code }: { lines: number; perTick: number; code: number }) => `
  const { existsSync, writeSync } = require("node:fs");
  let n = 0;
  const tick = () => {
    let text = "";
    for (let i = 0; i < ${perTick} && n < ${lines}; i++) text += "${name} " + n++ + "\\n";
    writeSync(1, text);
    if (n < ${lines} && !existsSync("stop")) return setTimeout(tick, 5);
    if (existsSync("stop")) writeSync(1, "stopped after " + n);
    process.exitCode = ${code};
  };
  tick();`;

async function startHost(dataDir: string, bundle: string): Promise<ChildProcess> {
  const host = spawn(process.execPath, [bundle, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  await once(host.stdout, "data");
  return host;
}

async function kill(host: ChildProcess) {
  const gone = once(host, "exit");
  host.kill("SIGKILL");
  await gone;
}

test("after kill -9 of the lab, twice, every line and every exit code is there", async () => {
  const dataDir = freshDir();
  const bundle = join(dataDir, "host.mjs");
  await build({
    entryPoints: [hostFile],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  writeFileSync(join(dataDir, "hubify-run.sh"), readFileSync(wrapper));

  const first = await openLab(dataDir);
  const script = (name: string, text: string) => {
    writeFileSync(join(dataDir, "scripts", `${name}.js`), text);
    return { script: `${name}.js` };
  };
  const fast = await first.create(script("fast", printer("fast", { lines: 1e9, perTick: 100, code: 7 })));
  const slow = await first.create(script("slow", printer("slow", { lines: 1e9, perTick: 1, code: 0 })));
  const short = await first.create(script("short", printer("short", { lines: 400, perTick: 10, code: 3 })));
  const orphan = await first.create(script("orphan", printer("orphan", { lines: 1e9, perTick: 1, code: 5 })));
  const all = [fast, slow, short, orphan];
  await first.until(fast._id, ({ logLines }) => logLines > 0);
  await first.until(orphan._id, ({ logLines }) => logLines > 0);
  await first.detach();

  const dirOf = ({ _id }: { _id: string }) => join(dataDir, "runs", _id, "1");
  const outSize = (run: { _id: string }) => readFileSync(join(dirOf(run), "out")).length;
  const grows = async (run: { _id: string }, by: number) => {
    const before = outSize(run);
    const deadline = Date.now() + 10_000;
    while (outSize(run) < before + by && Date.now() < deadline) await new Promise(setImmediate);
  };

  for (let round = 0; round < 2; round++) {
    const host = await startHost(dataDir, bundle);
    await grows(fast, 20_000);
    await kill(host);
  }
  // While no lab runs, one run ends and the wrapper of another is killed.
  const { wrapperPid } = parsePidFile(readFileSync(join(dirOf(orphan), "pid"), "latin1"))!;
  process.kill(wrapperPid, "SIGKILL");
  await grows(slow, 200);
  for (const run of all) writeFileSync(join(dirOf(run), "work", "stop"), "");

  const last = await openLab(dataDir);
  const results = new Map<string, unknown>();
  for (const run of all) {
    const { exitCode, result } = await last.until(run._id, ended);
    results.set(run._id, { exitCode, result });
    const file = readFileSync(join(dirOf(run), "out"), "utf8");
    expect(await allLines(last, run._id)).toEqual(file.replace(/\n$/, "").split("\n"));
    const blocks = await last.store.db
      .selectFrom("blocks")
      .selectAll()
      .where("experiment_id", "=", run._id)
      .orderBy("off")
      .execute();
    for (const { off, seq } of blocks) expect(file.slice(0, off).split("\n").length - 1).toBe(seq);
    const row = await last.store.db
      .selectFrom("runs")
      .selectAll()
      .where("experiment_id", "=", run._id)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ off: Buffer.byteLength(file), state: "ended", attempt: 1 });
  }
  expect(results.get(fast._id)).toEqual({ exitCode: 7, result: "fail: exit code 7" });
  expect(results.get(slow._id)).toEqual({ exitCode: 0, result: "pass: 1 check" });
  expect(results.get(short._id)).toEqual({ exitCode: 3, result: "fail: exit code 3" });
  expect(results.get(orphan._id)).toEqual({
    exitCode: null,
    result: "exit status unknown: the run and its wrapper were killed",
  });
  await last.close();
}, 30_000);
