import { expect, test } from "vitest";
import { mcmc } from "../../../src/lab/templates/mcmc.js";
import { simulatedBench } from "./simulated-bench.js";

const config = { ...mcmc.template.config, chains: 3, learnEvery: 15, Rminus1_stop: 0.05 };
const env = { HUBIFY_CHECKPOINT_DIR: "checkpoints", HUBIFY_EXPERIMENT_ID: "EXP-007" };
const folder = "checkpoints/bao";

type Bench = ReturnType<typeof simulatedBench>;
const textOf = ({ lines }: Bench) => lines.map(({ text }) => text);
const stageOf = ({ files }: Pick<Bench, "files">) => {
  return JSON.parse(files.get(`${folder}/checkpoint.json`) ?? "null") as Record<string, unknown> & {
    step: number;
    state: { chains: { steps: number }[] };
  };
};
/** What a new attempt finds: the checkpoint alone. */
const kept = ({ files }: Bench) => new Map([...files].filter(([name]) => name.startsWith("checkpoints/")));

async function run(options: Parameters<typeof simulatedBench>[0] = {}) {
  const bench = simulatedBench({ ...options, env: { ...env, ...options.env } });
  return { bench, exitCode: await mcmc.run(config, bench) };
}
const resume = (from: Bench, options: Parameters<typeof simulatedBench>[0] = {}) =>
  run({ files: kept(from), ...options, env: { HUBIFY_RESUME_FROM: folder } });

test("stopped twice and resumed, it comes to the very numbers of a run that was never stopped", async () => {
  const { bench: whole } = await run();
  const first = await run({ stopAtMs: 9_350 });
  expect(first.exitCode).toBe(0);
  expect(textOf(first.bench).at(-1)).toBe("[0 : mcmc] CHECKPOINT SAVED (emergency freeze)");
  expect(stageOf(first.bench)).toMatchObject({ experiment_id: "EXP-007", resumable: true, total_steps: 60_000 });

  const second = await resume(first.bench, { stopAtMs: 25_000 });
  const samples = stageOf(first.bench).step;
  expect(samples).toBeGreaterThan(10);
  expect(textOf(second.bench)[0]).toBe(`[0 : mcmc] Resuming from ${folder}: 3 chains with ${samples} samples.`);
  expect(stageOf(second.bench).step).toBeGreaterThan(samples);

  const { bench: last, exitCode } = await resume(second.bench);
  expect(exitCode).toBe(0);
  for (const name of ["summary.json", "metrics.json", "bao.1.txt", "bao.2.txt", "bao.3.txt", "bao.checkpoint"]) {
    expect(last.files.get(name), name).toBe(whole.files.get(name));
  }
  const untimed = (text = "") => text.replace(/\S+T\S+/g, "");
  expect(untimed(last.files.get("bao.progress"))).toBe(untimed(whole.files.get("bao.progress")));
  const steps = (bench: Bench) => stageOf(bench).state.chains.map((chain) => chain.steps);
  expect(steps(last)).toEqual(steps(whole));
  expect(stageOf(last)).toMatchObject({ resumable: false });
});

test("killed without a word, it goes on from what was written last; rows that were added since don't count", async () => {
  const { bench } = await run({ stopAtMs: 31_000 });
  const { bench: early } = await run({ stopAtMs: 12_000 });
  const torn = kept(bench);
  torn.set(`${folder}/checkpoint.json`, early.files.get(`${folder}/checkpoint.json`) ?? "");
  torn.set(`${folder}/chain.1.jsonl`, `${torn.get(`${folder}/chain.1.jsonl`)}[1,2`);
  const resumed = await resume({ ...bench, files: torn });
  const { bench: whole } = await run();
  expect(resumed.bench.files.get("summary.json")).toBe(whole.files.get("summary.json"));
});

test.each([
  ["every 10 s", {}, 6],
  ["as often as the experiment asks for", { HUBIFY_CHECKPOINT_SECONDS: "2" }, 30],
])("a checkpoint is written %s, and once when it is stopped", async (_, seconds: Record<string, string>, wanted) => {
  const bench = simulatedBench({ stopAtMs: 60_000, env: { ...env, ...seconds } });
  let written = 0;
  const saveFile: Bench["saveFile"] = (name, text) => {
    if (name === `${folder}/checkpoint.json`) written++;
    bench.saveFile(name, text);
  };
  await mcmc.run(config, { ...bench, saveFile });
  expect(Math.abs(written - wanted)).toBeLessThan(2);
});

test.each([
  ["other chains", { chains: 4 }, "it has 3 chains, and 4 are asked for"],
  ["nothing there", { from: "checkpoints/none" }, "there is no checkpoints/none/checkpoint.json"],
])(
  "it says why it can't resume: %s",
  async (_, { chains = 3, from = folder }: { chains?: number; from?: string }, why) => {
    const { bench } = await run({ stopAtMs: 9_000 });
    const again = simulatedBench({ files: kept(bench), env: { ...env, HUBIFY_RESUME_FROM: from } });
    expect(await mcmc.run({ ...config, chains }, again)).toBe(1);
    expect(textOf(again)).toEqual([`[0 : mcmc] *ERROR* Can't resume from ${from}: ${why}`]);
  },
);

test("by hand, without the lab's variables, it keeps no checkpoints", async () => {
  const bench = simulatedBench({ stopAtMs: 20_000 });
  await mcmc.run(config, bench);
  expect([...bench.files.keys()].filter((name) => name.includes("/"))).toEqual([]);
});
