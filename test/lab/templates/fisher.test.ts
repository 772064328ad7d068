import { expect, test } from "vitest";
import { parseLine } from "../../../src/chain/lines.js";
import { fisherMatrix, forecastOf } from "../../../src/lab/templates/fisher.js";
import { fisherForecast } from "../../../src/lab/templates/fisher-forecast.js";
import { gridPosterior, independentDistances, type Universe } from "./independent-bao.js";
import { simulatedBench } from "./simulated-bench.js";

const fiducial: Universe = { omegaM: 0.295, h0rd: 10_180, w0: -1 };
const parameters = ["omegaM", "h0rd", "w0"] as const;
const today = { areaFactor: 1, systematicFloor: 0 };

/** Errors and correlations of the 12 distances in order of redshift, written apart from src/. */
const sigmas = [0.15, 0.25, 0.61, 0.32, 0.6, 0.28, 0.35, 0.69, 0.42, 0.67, 0.94, 0.17];
const correlations = new Map([
  [1, -0.445],
  [3, -0.42],
  [5, -0.389],
  [7, -0.444],
  [10, -0.477],
]);

/** Chi² of one universe if another one is true and measured without noise. */
function chi2Between(model: Universe, truth: Universe): number {
  const [a, b] = [independentDistances(model), independentDistances(truth)];
  const pull = a.map((value, n) => (value - b[n]!) / sigmas[n]!);
  let chi2 = 0;
  for (let n = 0; n < pull.length; n++) {
    const r = correlations.get(n);
    if (r === undefined) chi2 += pull[n]! ** 2;
    else {
      chi2 += (pull[n]! ** 2 - 2 * r * pull[n]! * pull[n + 1]! + pull[n + 1]! ** 2) / (1 - r * r);
      n += 1;
    }
  }
  return chi2;
}

test("the matrix is the curvature of chi²/2, taken by finite differences of an independent chi²", () => {
  const fisher = fisherMatrix(fiducial, parameters, today);
  const step = { omegaM: 5e-4, h0rd: 5, w0: 5e-3 };
  const at = (...moves: readonly (readonly [keyof Universe, number])[]) => {
    const model = { ...fiducial };
    for (const [parameter, sign] of moves) model[parameter] += sign * step[parameter];
    return chi2Between(model, fiducial) / 2;
  };
  parameters.forEach((p, i) =>
    parameters.forEach((q, j) => {
      const mixed = at([p, 1], [q, 1]) - at([p, 1], [q, -1]) - at([p, -1], [q, 1]) + at([p, -1], [q, -1]);
      const curvature = mixed / (4 * step[p] * step[q]);
      expect(fisher[i]![j]! / curvature, `${p} ${q}`).toBeCloseTo(1, 3);
    }),
  );
});

test("the forecast for flat ΛCDM is the width of the posterior on a grid, within a few percent", () => {
  const grid = gridPosterior();
  const best = { omegaM: grid.omegaM.mean, h0rd: grid.h0rd.mean, w0: -1 };
  const forecast = forecastOf(fisherMatrix(best, ["omegaM", "h0rd"], today));
  expect(Math.abs(forecast!.sigmas[0]! / grid.omegaM.std - 1)).toBeLessThan(0.04);
  expect(Math.abs(forecast!.sigmas[1]! / grid.h0rd.std - 1)).toBeLessThan(0.04);
});

test("four times the area halves the errors; a systematic floor keeps some", () => {
  const sigma = (areaFactor: number, systematicFloor: number) =>
    forecastOf(fisherMatrix(fiducial, parameters, { areaFactor, systematicFloor }))!.sigmas[2]!;
  expect(sigma(4, 0) / sigma(1, 0)).toBeCloseTo(0.5, 9);
  expect(sigma(400, 0.01) / sigma(4, 0.01)).toBeGreaterThan(0.5);
  expect(sigma(1, 0.01)).toBeGreaterThan(sigma(1, 0));
});

test("figure of merit: one over the root of the determinant of two parameters' covariance", () => {
  const covariance = [
    [0.04, 0.006],
    [0.006, 0.09],
  ];
  const det = 0.04 * 0.09 - 0.006 ** 2;
  const fisher = [
    [0.09 / det, -0.006 / det],
    [-0.006 / det, 0.04 / det],
  ];
  const forecast = forecastOf(fisher)!;
  expect(forecast.sigmas[0]).toBeCloseTo(Math.sqrt(covariance[0]![0]!), 12);
  expect(forecast.correlations[0]![1]).toBeCloseTo(0.006 / (0.2 * 0.3), 12);
  expect(forecast.figureOfMerit).toBeCloseTo(1 / Math.sqrt(det), 9);
  expect(
    forecastOf([
      [1, 1],
      [1, 1],
    ]),
  ).toBeNull();
});

test("the program sweeps at its pace, shows progress, prints the table and writes it", async () => {
  const bench = simulatedBench();
  expect(await fisherForecast.run(fisherForecast.template.config, bench)).toBe(0);
  const events = bench.lines.flatMap(({ text }) => parseLine(text));
  const done = events.filter((event) => event.kind === "fraction").map((event) => event.done / event.total);
  expect(done).toHaveLength(24);
  expect(done.at(-1)).toBe(1);
  const etas = events.filter((event) => event.kind === "metric" && event.name === "eta_seconds");
  expect(etas[0]).toMatchObject({ value: 46 });
  expect(bench.lines.at(-1)!.at).toBeGreaterThan(40_000);
  expect(bench.lines.at(-1)!.at).toBeLessThan(60_000);
  expect(bench.lines.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^w0 .*1\.000$/));

  const file = JSON.parse(bench.files.get("fisher.json")!) as {
    fisher: number[][];
    baseline: { sigma: Record<string, number> };
    sweep: { areaFactor: number; sigma: Record<string, number> }[];
  };
  expect(file.fisher).toEqual(fisherMatrix(fiducial, parameters, today));
  expect(file.sweep.map(({ areaFactor }) => areaFactor).at(-1)).toBeCloseTo(16, 9);
  const w0 = file.sweep.map(({ sigma }) => sigma["w0"]!);
  expect([...w0].sort((a, b) => b - a)).toEqual(w0);
});

test("a stopped sweep writes no result", async () => {
  const bench = simulatedBench({ stopAtMs: 9000 });
  expect(await fisherForecast.run({}, bench)).toBe(0);
  expect(bench.files.size).toBe(0);
});
