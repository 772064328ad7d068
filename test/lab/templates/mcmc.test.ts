import { beforeAll, describe, expect, test } from "vitest";
import { summarise } from "../../../src/chain/convergence.js";
import { parseLine } from "../../../src/chain/lines.js";
import { createChainReader } from "../../../src/chain/reader.js";
import type { MetricPoint } from "../../../src/contract/metrics.js";
import { mcmc } from "../../../src/lab/templates/mcmc.js";
import { gridPosterior } from "./independent-bao.js";
import { simulatedBench } from "./simulated-bench.js";

interface Summary {
  readonly parameters: Record<string, { mean: number; std: number }>;
  readonly rminus1: number;
  readonly rminus1_cl: number;
  readonly ess: number;
  readonly acceptance: number;
  readonly accepted: number;
  readonly converged: boolean;
}
const summaryOf = (bench: { files: ReadonlyMap<string, string> }) =>
  JSON.parse(bench.files.get("summary.json") ?? "null") as Summary;

describe("the sample as it ships", () => {
  const bench = simulatedBench();
  let points: MetricPoint[] = [];

  beforeAll(async () => {
    expect(await mcmc.run(mcmc.template.config, bench)).toBe(0);
    const reader = createChainReader();
    points = bench.lines.flatMap(({ at, text }) => reader.read(text, at));
  });
  const named = (name: string) => points.filter((point) => point.name === name);

  test("its posterior is that of a grid integration, within 0.2 sigma", () => {
    const grid = gridPosterior();
    const { omega_m: omegaM, h0_rd: h0rd } = summaryOf(bench).parameters;
    expect(Math.abs(omegaM!.mean - grid.omegaM.mean) / grid.omegaM.std).toBeLessThan(0.2);
    expect(Math.abs(h0rd!.mean - grid.h0rd.mean) / grid.h0rd.std).toBeLessThan(0.2);
    expect(omegaM!.std / grid.omegaM.std).toBeCloseTo(1, 0);
    expect(Math.abs(omegaM!.std / grid.omegaM.std - 1)).toBeLessThan(0.15);
    expect(Math.abs(h0rd!.std / grid.h0rd.std - 1)).toBeLessThan(0.15);
  });

  test("a newcomer sees it move: a test within 10 s, R-1 a tenth within a minute, the end after 4 to 8 minutes", () => {
    const rminus1 = named("chain.rminus1");
    expect(rminus1[0]!.at).toBeLessThan(10_000);
    expect(rminus1.findLast(({ at }) => at < 60_000)!.value).toBeLessThan(rminus1[0]!.value / 10);
    const endMs = bench.lines.at(-1)!.at;
    expect(endMs).toBeGreaterThan(4 * 60_000);
    expect(endMs).toBeLessThan(8 * 60_000);
    expect(Math.abs(endMs / 1000 / mcmc.template.estimatedSeconds! - 1)).toBeLessThan(0.15);
    const progressTimes = [...new Set(named("chain.steps").map(({ at }) => at))];
    const gaps = progressTimes.slice(1).map((at, n) => at - progressTimes[n]!);
    expect(Math.max(...gaps)).toBeLessThan(6000);
  });

  test("every line of the sampler is understood, save the remarks at the start", () => {
    const remark = /SEEDED|initial point|Initial point|Covariance matrix not present/;
    const sampler = bench.lines.map(({ text }) => text).filter((text) => / : (mcmc|diagnostics)\] /.test(text));
    const missed = sampler.filter((text) => parseLine(text).length === 0);
    expect(missed.filter((text) => !remark.test(text))).toEqual([]);
    expect(missed).toHaveLength(7);
    expect(sampler.length).toBeGreaterThan(400);
  });

  test("what the lines say is what the files say", () => {
    const rows = bench.files
      .get("bao.progress")!
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/));
    expect(rows.map(([accepted]) => Number(accepted))).toEqual(named("chain.rminus1").map(({ step }) => step));
    for (const [index, { value }] of named("chain.rminus1").entries())
      expect(Number(rows[index]![3])).toBeCloseTo(value, 4);
    expect(rows.at(-1)![4]).not.toBe("NaN");
    expect(rows[0]![4]).toBe("NaN");
    expect(rows[0]![1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);

    const summary = summaryOf(bench);
    expect(summary.converged).toBe(true);
    expect(named("chain.rminus1").at(-1)!.value).toBeCloseTo(summary.rminus1, 6);
    expect(named("chain.rminus1_cl").at(-1)!.value).toBeCloseTo(summary.rminus1_cl, 6);
    expect(named("chain.acceptance").at(-1)!.value).toBeCloseTo(summary.acceptance, 3);
    expect(named("chain.ess").at(-1)!.value).toBeCloseTo(summary.ess, -1);
    expect(bench.files.get("bao.checkpoint")).toContain("    converged: true\n");
    expect(bench.files.get("bao.checkpoint")).toContain("    mpi_size: 4\n");
  });

  test("the chain files hold every accepted step, and R-1 can be computed from them", () => {
    const chains = [1, 2, 3, 4].map((n) =>
      bench.files
        .get(`bao.${n}.txt`)!
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/).map(Number)),
    );
    const summary = summaryOf(bench);
    expect(chains.reduce((sum, chain) => sum + chain.length, 0)).toBe(summary.accepted);
    expect(bench.files.get("bao.1.txt")!.split("\n")[0]).toMatch(/^# +weight +minuslogpost +omega_m +h0_rd +chi2$/);
    // R-1 of Ω_m alone, from the files: not above that of the worst direction, and of its order.
    const stats = chains.map((chain) => {
      const values = chain
        .slice(Math.floor(chain.length / 2))
        .flatMap(([weight, , omegaM]) => Array.from({ length: weight! }, () => omegaM!));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) };
    });
    const centre = stats.reduce((sum, { mean }) => sum + mean, 0) / 4;
    const between = stats.reduce((sum, { mean }) => sum + (mean - centre) ** 2, 0) / 3;
    const within = stats.reduce((sum, { variance }) => sum + variance, 0) / 4;
    expect(between / within).toBeLessThan(1.05 * summary.rminus1);
  });

  test("the room calls it converged, with acceptance and paces that make sense", () => {
    const health = summarise({ experimentId: "e", points, targets: { rminus1: 0.01, rminus1_cl: 0.2 } }, 1e6);
    expect(health.converged).toBe(true);
    expect(health.acceptance?.value).toBeGreaterThan(0.2);
    expect(health.acceptance?.value).toBeLessThan(0.5);
    expect(health.stepsPerSecond).toBeCloseTo(32, 0);
    expect(health.ranks).toHaveLength(4);
    expect(health.restarts).toBe(0);
    expect(health.stuckEarly).toEqual([]);
    const middle = points.filter(({ at }) => at < 120_000);
    const early = summarise(
      { experimentId: "e", points: middle, targets: { rminus1: 0.01, rminus1_cl: 0.2 } },
      120_000,
    );
    expect(early.eta?.highMs).toBeGreaterThan(early.eta?.lowMs ?? Infinity);
  });
});

const flatOut = { stepsPerSecond: 0, outputEverySeconds: 0 };

test("the same seed gives the same run, another seed another one", async () => {
  const runs = [];
  for (const seed of [5, 5, 6]) {
    const bench = simulatedBench();
    await mcmc.run({ ...flatOut, seed, maxSteps: 200 }, bench);
    runs.push(bench.files.get("bao.2.txt"));
  }
  expect(runs[0]).toBe(runs[1]);
  expect(runs[0]).not.toBe(runs[2]);
});

test("a limit of steps ends it, and says so", async () => {
  const bench = simulatedBench();
  expect(await mcmc.run({ ...flatOut, maxSteps: 100, chains: 2, prefix: "short" }, bench)).toBe(0);
  expect(bench.lines.map(({ text }) => text).find((text) => text.includes("Reached maximum"))).toMatch(
    /^\[[01] : mcmc\] Reached maximum number of accepted steps allowed \(100\)\. Stopping\.$/,
  );
  expect(summaryOf(bench).converged).toBe(false);
  expect([...bench.files.keys()].sort()).toEqual([
    "metrics.json",
    "short.1.txt",
    "short.2.txt",
    "short.checkpoint",
    "short.progress",
    "summary.json",
  ]);
});

test("a run that is stopped leaves its chains and no result", async () => {
  const bench = simulatedBench({ stopAtMs: 30_000 });
  expect(await mcmc.run({}, bench)).toBe(0);
  expect(bench.files.has("summary.json")).toBe(false);
  expect(bench.files.get("bao.checkpoint")).toContain("converged: false");
  expect(bench.files.get("bao.3.txt")!.split("\n").length).toBeGreaterThan(20);
});

test("without a burn-in every accepted step is kept, and no burn-in is spoken of", async () => {
  const bench = simulatedBench({ stopAtMs: 5000 });
  await mcmc.run({ burnIn: 0 }, bench);
  expect(bench.lines.some(({ text }) => text.includes("burn"))).toBe(false);
  expect(bench.files.get("bao.1.txt")!.split("\n").length).toBeGreaterThan(5);
});

test.each([{ chains: 1 }, { prefix: "../escape" }, { stepsPerSecond: -1 }, { Rminus1_stop: "soon" }])(
  "a config it can't use is refused before anything is written: %o",
  async (config) => {
    const bench = simulatedBench();
    await expect(async () => mcmc.run(config, bench)).rejects.toMatchObject({ name: "ZodError" });
    expect(bench.files.size).toBe(0);
  },
);
