import { expect, test } from "vitest";
import { parseLine } from "../../../src/chain/lines.js";
import { displayLine } from "../../../src/chain/terminal-line.js";
import { countMatches, detect, robustScores } from "../../../src/lab/templates/anomaly-detection.js";
import { anomalySweep } from "../../../src/lab/templates/anomaly-sweep.js";
import { createLightCurve } from "../../../src/lab/templates/light-curve.js";
import { progressBar } from "../../../src/lab/templates/progress-bar.js";
import { createRandom } from "../../../src/lab/templates/random.js";
import { simulatedBench } from "./simulated-bench.js";

interface Sweep {
  readonly recall: number;
  readonly falsePositivesPerCurve: number;
  readonly seeds: { seed: number; injected: number; recovered: number; falsePositives: number; recall: number }[];
}
const middle = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
};

test("scores are robust standard deviations from the running median", () => {
  const random = createRandom(9);
  const flux = Array.from({ length: 400 }, (_, n) => 0.01 * n + random.normal());
  flux[200]! += 10;
  const scores = robustScores(flux);
  const residuals = flux.map((value, n) => value - middle(flux.slice(Math.max(0, n - 10), n + 11)));
  const centre = middle(residuals);
  const sigma = 1.4826 * middle(residuals.map((residual) => Math.abs(residual - centre)));
  expect(scores).toHaveLength(400);
  scores.forEach((score, n) => expect(score).toBeCloseTo((residuals[n]! - centre) / sigma, 9));
  expect(detect(scores, 6)).toEqual([200]);
});

test("samples close together are one event; matches and false alarms are counted apart", () => {
  expect(detect([0, 9, 0, -9, 0, 0, 0, 0, 0, 9, 9], 5)).toEqual([1, 9]);
  expect(countMatches([10, 50, 90], [12, 55, 200])).toEqual({ injected: 3, recovered: 1, falsePositives: 2 });
  expect(countMatches([], [])).toEqual({ injected: 0, recovered: 0, falsePositives: 0 });
});

test("injections are where they are said to be, and apart", () => {
  for (let seed = 0; seed < 50; seed++) {
    const { flux, injected } = createLightCurve(createRandom(seed), { points: 600, injections: 3 });
    expect(flux).toHaveLength(600);
    expect(injected).toHaveLength(3);
    expect(Math.min(...injected)).toBeGreaterThanOrEqual(25);
    expect(Math.max(...injected)).toBeLessThan(575);
    for (const [n, place] of injected.entries()) if (n > 0) expect(place - injected[n - 1]!).toBeGreaterThanOrEqual(25);
  }
});

test("the sweep's numbers are those of a direct count", async () => {
  const bench = simulatedBench();
  const config = { seeds: 3, firstSeed: 11, curvesPerSeed: 8, curvesPerSecond: 0 };
  expect(await anomalySweep.run(config, bench)).toBe(0);
  const file = JSON.parse(bench.files.get("sweep.json")!) as Sweep;

  let [injectedAll, foundAll, falseAll] = [0, 0, 0];
  for (const [index, seed] of [11, 12, 13].entries()) {
    let [found, wrong] = [0, 0];
    for (let curve = 1; curve <= 8; curve++) {
      const { flux, injected } = createLightCurve(createRandom(seed, curve), { points: 600, injections: 3 });
      const hot = [...robustScores(flux).entries()].filter(([, score]) => Math.abs(score) >= 4.5).map(([n]) => n);
      const events = hot.filter((n, k) => k === 0 || n - hot[k - 1]! > 4);
      for (const place of injected) if (events.some((n) => n >= place - 4 && n <= place + 4)) found += 1;
      for (const n of events) if (injected.every((place) => n < place - 4 || n > place + 4)) wrong += 1;
    }
    expect(file.seeds[index]).toEqual({
      seed,
      injected: 24,
      recovered: found,
      falsePositives: wrong,
      recall: found / 24,
      falsePositivesPerCurve: wrong / 8,
    });
    injectedAll += 24;
    foundAll += found;
    falseAll += wrong;
  }
  expect(file.recall).toBeCloseTo(foundAll / injectedAll, 12);
  expect(file.falsePositivesPerCurve).toBeCloseTo(falseAll / 24, 12);
  expect(foundAll).toBeGreaterThan(60);
});

test("the bar is tqdm's, is parsed, and is wiped before each seed's line", async () => {
  const bench = simulatedBench();
  expect(await anomalySweep.run({ seeds: 3, curvesPerSeed: 4, curvesPerSecond: 2 }, bench)).toBe(0);
  const shown = bench.lines.map(({ text }) => displayLine(text));
  expect(shown.filter((line) => line.startsWith("seed "))).toHaveLength(3);
  expect(shown.some((line) => /%\|.*seed/.test(line))).toBe(false);
  expect(shown.find((line) => line.startsWith("100%"))).toMatch(
    /^100%\|█{10}\| 12\/12 \[00:05<00:00, {2}2\.03it\/s\]$/,
  );
  const events = bench.lines.flatMap(({ text }) => parseLine(text));
  const done = events.filter((event) => event.kind === "fraction");
  expect(done.at(-1)).toEqual({ kind: "fraction", rank: 0, done: 12, total: 12 });
  expect(
    events
      .filter((event) => event.kind === "metric" && event.name === "recall")
      .map((event) => "step" in event && event.step),
  ).toEqual([1, 2, 3]);
});

test("a bar at nothing, in between, and after an hour", () => {
  expect(progressBar(0, 600, 0)).toBe("  0%|          | 0/600 [00:00<?, ?it/s]");
  expect(progressBar(270, 600, 67_500)).toBe(" 45%|████▌     | 270/600 [01:07<01:22,  4.00it/s]");
  expect(progressBar(1, 2, 3_723_000)).toBe(" 50%|█████     | 1/2 [1:02:03<1:02:03,  0.00it/s]");
});

test("more injections than fit are refused", async () => {
  await expect(async () => anomalySweep.run({ injectionsPerCurve: 40 }, simulatedBench())).rejects.toMatchObject({
    name: "ZodError",
  });
});
