import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Experiment } from "../../src/contract/experiment.js";
import { freshHome } from "./driver.js";
import { eventually, labOf, run, start, stopEverything } from "./lab.js";

const home = freshHome();
beforeAll(() => {
  const config = join(home.dir, "config");
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, "config.json"), '{ "lab": { "cpuSlots": 4 } }');
});
afterAll(async () => {
  await stopEverything(home.dir);
  home.clear();
});

/** Prints `perTick` numbered lines each 10 ms until a file `stop` stands in its directory, then ends with `code`. */
const printer = (perTick: number, code: number) => `
  const { existsSync, writeSync } = require("node:fs");
  let n = 0;
  const tick = () => {
    let text = "";
    for (let i = 0; i < ${perTick}; i++) text += "line " + n++ + "\\n";
    writeSync(1, text);
    if (!existsSync("stop")) return setTimeout(tick, 10);
    process.exitCode = ${code};
  };
  tick();`;

async function launch(name: string, perTick: number, code: number): Promise<Experiment> {
  const script = join(home.dir, `${name}.js`);
  writeFileSync(script, printer(perTick, code));
  const { out, err } = await run(home.dir, [
    "experiments",
    "create",
    "--title",
    name,
    "--config",
    JSON.stringify({ script }),
    "--json",
  ]);
  expect(err).toBe("");
  return Experiment.parse(JSON.parse(out));
}

const runDir = ({ _id }: Experiment) => join(home.dir, "data", "lab", "runs", _id, "1");
const outOf = (row: Experiment) => readFileSync(join(runDir(row), "out"), "utf8");
const stop = (row: Experiment) => writeFileSync(join(runDir(row), "work", "stop"), "");
const waiting = { timeout: 20_000, interval: 20 };
const contentOf = (row: Experiment, file: string) =>
  vi.waitFor(() => readFileSync(join(runDir(row), file), "utf8"), waiting);
const grows = (row: Experiment, bytes: number) => {
  const before = outOf(row).length;
  return vi.waitFor(() => expect(outOf(row).length).toBeGreaterThan(before + bytes), waiting);
};
const get = async ({ _id }: Experiment) =>
  Experiment.parse(JSON.parse((await run(home.dir, ["experiments", "get", _id, "--json"])).out));

test("kill -9 of the lab during three runs: after the next start every line and every exit code is there", async () => {
  const slow = await launch("slow", 1, 0);
  const brisk = await launch("brisk", 20, 3);
  const fast = await launch("fast", 1000, 7);
  const all = [slow, brisk, fast];
  for (const row of all) await contentOf(row, "pid");
  const follower = start(home.dir, ["experiments", "logs", "-f", "--limit", "10000000", brisk._id]);
  let followed = "";
  follower.stdout?.on("data", (data: Buffer) => (followed += data.toString()));
  const ended = new Promise<number | null>((resolve) => follower.once("close", resolve));
  await vi.waitFor(() => expect(followed.length).toBeGreaterThan(1000), waiting);

  process.kill((await labOf(home.dir))?.pid ?? 0, "SIGKILL");
  await grows(fast, 300_000);
  stop(slow);
  stop(brisk);
  expect(await contentOf(slow, "exit")).toMatch(/^0 /);
  expect(await contentOf(brisk, "exit")).toMatch(/^3 /);
  // The follower may have started the lab again by now; a second one is refused by the lock, so this is safe.
  expect(await run(home.dir, ["lab", "start"])).toMatchObject({ code: 0 });
  await grows(fast, 100_000);
  stop(fast);

  for (const [row, status, exitCode] of [
    [slow, "pass", 0],
    [brisk, "fail", 3],
    [fast, "fail", 7],
  ] as const) {
    const done = await eventually(async () => {
      const now = await get(row);
      return now.status === "running" ? undefined : now;
    });
    const file = outOf(row);
    const lines = file.trimEnd().split("\n");
    expect(lines.every((line, index) => line === `line ${index}`)).toBe(true);
    expect(done).toMatchObject({ status, exitCode, attempt: 1, logLines: lines.length });
    const printed = await run(home.dir, ["experiments", "logs", "-f", "--limit", "10000000", row._id]);
    expect(printed.out === file).toBe(true);
  }
  expect(await ended).toBe(0);
  expect(followed === outOf(brisk)).toBe(true);
}, 90_000);
