import { describe, expect, test } from "vitest";
import { summarise } from "../../src/chain/convergence.js";
import { createChainReader } from "../../src/chain/reader.js";
import type { MetricSeries } from "../../src/contract/metrics.js";

const minuteMs = 60_000;

function seriesOf(lines: readonly (readonly [atMinutes: number, line: string])[], own = true): MetricSeries {
  const reader = createChainReader();
  return {
    experimentId: "e1",
    points: lines.flatMap(([at, line]) => reader.read(line, at * minuteMs)),
    targets: own ? { rminus1: 0.02, rminus1_cl: 0.3 } : { rminus1: null, rminus1_cl: null },
  };
}
const progress = (rank: number, steps: number, accepted: number) =>
  `[${rank} : mcmc] Progress @ 2026-10-02 03:12:00 : ${steps} steps taken, and ${accepted} accepted.`;
const burning = (rank: number, steps: number, left: number) =>
  `[${rank} : mcmc] Progress @ 2026-10-02 03:12:00 : ${steps} steps taken -- still burning in, ${left} accepted steps left.`;
const means = (value: number | string, accepted: number) =>
  `[0 : mcmc]  - Convergence of means: R-1 = ${value} after ${accepted} accepted steps`;
const bounds = (value: number, accepted: number) =>
  `[0 : mcmc]  - Convergence of bounds: R-1 = ${value} after ${accepted} accepted steps`;

test("nothing known is null and not zero", () => {
  const health = summarise(seriesOf([]), 0);
  expect(health).toMatchObject({
    isChain: false,
    acceptance: null,
    steps: null,
    accepted: null,
    stepsPerSecond: null,
    acceptedPerHour: null,
    burnInLeft: null,
    slowestToFastest: null,
    ess: null,
    converged: false,
    silentForMs: null,
    silent: false,
    eta: null,
    restarts: 0,
  });
  expect(health.means.latest).toBeNull();
});

test("paces are per rank and in total; a slow rank is named", () => {
  const lines = [0, 1, 2, 3, 4].flatMap((minute) => [
    [minute, progress(0, 600 * minute, 180 * minute)] as const,
    [minute, progress(1, 600 * minute, 186 * minute)] as const,
    [minute, progress(2, 120 * minute, 36 * minute)] as const,
  ]);
  const health = summarise(seriesOf(lines), 4.5 * minuteMs);
  expect(health.ranks.map(({ stepsPerSecond }) => stepsPerSecond)).toEqual([10, 10, 2]);
  expect(health.stepsPerSecond).toBe(22);
  expect(health.acceptedPerHour).toBeCloseTo((180 + 186 + 36) * 60, 6);
  expect(health.steps).toBe(2400 + 2400 + 480);
  expect(health.accepted).toBe(4 * (180 + 186 + 36));
  expect(health.slowestToFastest).toBeCloseTo(0.2, 9);
  expect(health.stragglers).toEqual([2]);
  expect(health.silentForMs).toBe(30_000);
  expect(health.silent).toBe(false);
  expect(summarise(seriesOf(lines), 7.1 * minuteMs).silent).toBe(true);
});

test("a slow likelihood is not silence: five median steps are allowed", () => {
  const slow = [0, 10, 20, 30].map((minute) => [minute, progress(0, minute / 10, minute / 10)] as const);
  expect(summarise(seriesOf(slow), (30 + 49) * minuteMs).silent).toBe(false);
  expect(summarise(seriesOf(slow), (30 + 51) * minuteMs).silent).toBe(true);
});

test("a resume starts rates anew and is counted", () => {
  const lines = [
    [0, progress(0, 0, 0)],
    [1, progress(0, 6000, 1800)],
    [2, progress(0, 12000, 3600)],
    [60, progress(0, 60, 3610)],
    [61, progress(0, 120, 3630)],
  ] as const;
  const health = summarise(seriesOf(lines), 61 * minuteMs);
  expect(health.restarts).toBe(1);
  expect(health.stepsPerSecond).toBe(1);
  expect(health.steps).toBe(120);
  expect(health.accepted).toBe(3630);
});

describe("stuck", () => {
  test("steps go on and nothing is accepted for three lines", () => {
    const lines = [
      [0, progress(0, 100, 30)],
      [1, progress(0, 200, 31)],
      [2, progress(0, 300, 31)],
      [2, progress(1, 300, 90)],
    ] as const;
    expect(summarise(seriesOf(lines), 2 * minuteMs).stuckEarly).toEqual([]);
    expect(summarise(seriesOf([...lines, [3, progress(0, 400, 31)]]), 3 * minuteMs).stuckEarly).toEqual([0]);
  });

  test("also in the burn-in, where nothing is saved yet", () => {
    const healthy = [0, 1, 2, 3].map((minute) => [minute, burning(0, 10 * minute, 60 - minute)] as const);
    const stuck = [0, 1, 2, 3].map((minute) => [minute, burning(0, 10 * minute, 60)] as const);
    expect(summarise(seriesOf(healthy), 0).stuckEarly).toEqual([]);
    expect(summarise(seriesOf(healthy), 0).burnInLeft).toBe(57);
    expect(summarise(seriesOf(stuck), 0).stuckEarly).toEqual([0]);
  });

  test("the sampler's own word", () => {
    const line = "[3 : mcmc] *WARNING* Proposal has been rejected 200 times";
    expect(summarise(seriesOf([[2, line]]), 0).stuckAt).toBe(2 * minuteMs);
  });
});

describe("converged", () => {
  test("once below the target is not enough, twice is", () => {
    const lines = [
      [1, means(0.5, 100)],
      [2, means(0.019, 200)],
    ] as const;
    expect(summarise(seriesOf(lines), 0).converged).toBe(false);
    const health = summarise(seriesOf([...lines, [3, means(0.018, 300)]]), 0);
    expect(health.convergedAt).toBe(3 * minuteMs);
    expect(health.eta).toBeNull();
  });

  test("the bounds count where the run tests them", () => {
    const below = [
      [1, means(0.01, 100)],
      [2, means(0.01, 200)],
    ] as const;
    expect(summarise(seriesOf([...below, [2, bounds(0.4, 200)]]), 0).converged).toBe(false);
    expect(summarise(seriesOf([...below, [2, bounds(0.29, 200)]]), 0).converged).toBe(true);
  });

  test("the sampler's word counts, until the run is resumed", () => {
    const mark = [5, "[0 : mcmc] The run has converged!"] as const;
    expect(summarise(seriesOf([mark]), 0).converged).toBe(true);
    expect(summarise(seriesOf([mark, [6, "[0 : mcmc] Resuming from previous sample!"]]), 0).converged).toBe(false);
  });

  test("targets are the run's own, else Cobaya's and called so", () => {
    expect(summarise(seriesOf([]), 0).means.target).toEqual({ value: 0.02, isDefault: false });
    expect(summarise(seriesOf([], false), 0).means.target).toEqual({ value: 0.01, isDefault: true });
    expect(summarise(seriesOf([], false), 0).bounds.target).toEqual({ value: 0.2, isDefault: true });
  });
});

test("a thinned acceptance rate is called thinned", () => {
  const rate = [1, "[mcmc]  - Acceptance rate: 0.570"] as const;
  expect(summarise(seriesOf([rate]), 0).acceptance).toEqual({ value: 0.57, thinned: false });
  const factors = [0, "[mcmc] Oversampling with factors:"] as const;
  expect(summarise(seriesOf([factors, rate]), 0).acceptance).toEqual({ value: 0.57, thinned: true });
});

test("no new best R-1 in eight tests is a plateau", () => {
  const falling = Array.from({ length: 9 }, (_, n) => [n, means(1 / (n + 1), 100 * n)] as const);
  const flat = Array.from({ length: 9 }, (_, n) => [n, means(0.5 + 0.01 * (n % 3), 100 * n)] as const);
  expect(summarise(seriesOf(falling), 0).plateau).toBe(false);
  expect(summarise(seriesOf(flat), 0).plateau).toBe(true);
  expect(summarise(seriesOf(flat.slice(0, 8)), 0).plateau).toBe(false);
});

test("the history is kept for the chart; what is not a number is left out and told", () => {
  const lines = [
    [1, means(6.5, 128)],
    [2, means("nan", 256)],
    [3, means(0.9, 384)],
    [3, "[0 : diagnostics] ESS = 412"],
  ] as const;
  const health = summarise(seriesOf(lines), 0);
  expect(health.means.history.map(({ step, value }) => [step, value])).toEqual([
    [128, 6.5],
    [384, 0.9],
  ]);
  expect(health.notFiniteAt).toBe(2 * minuteMs);
  expect(health.ess).toBe(412);
});
