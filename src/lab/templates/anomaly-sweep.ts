import { z } from "zod";
import { type Count, countMatches, detect, robustScores } from "./anomaly-detection.js";
import { createLightCurve, separation } from "./light-curve.js";
import { paced } from "./pace.js";
import { type Bench, defineProgram, toJson } from "./program.js";
import { progressBar } from "./progress-bar.js";
import { createRandom } from "./random.js";

const Config = z
  .looseObject({
    firstSeed: z.int().default(1).describe("The first seed; the others follow it."),
    seeds: z.int().min(1).max(10_000).default(24).describe("How many seeds."),
    curvesPerSeed: z.int().min(1).default(25).describe("Light curves of each seed."),
    pointsPerCurve: z.int().min(100).max(100_000).default(600).describe("Samples of each curve."),
    injectionsPerCurve: z.int().min(1).default(3).describe("Flares and dips put into each curve."),
    threshold: z.number().positive().default(4.5).describe("Robust standard deviations that make a sample an anomaly."),
    curvesPerSecond: z.number().min(0).default(4).describe("Curves per second; 0 is as fast as it goes."),
  })
  .refine(({ pointsPerCurve, injectionsPerCurve }) => pointsPerCurve >= 2 * separation * (injectionsPerCurve + 1), {
    message: `too many for the length of the curve: each needs ${2 * separation} points`,
    path: ["injectionsPerCurve"],
  });
type Config = z.infer<typeof Config>;

interface SeedResult extends Count {
  readonly seed: number;
}

export const anomalySweep = defineProgram({
  template: {
    name: "anomaly-sweep",
    title: "Anomaly sweep, injected light curves",
    description:
      "For each seed, simulates light curves of variable stars with injected flares and dips, scores them with a robust z against a running median, and counts what is recovered. Draws a progress bar and writes sweep.json.",
    computeMode: "CPU",
    config: {
      ...Config.parse({}),
      outputs: ["sweep.json"],
      qc: { metrics: { recall: { min: 0.85 }, false_positives_per_curve: { max: 0.2 } } },
    },
    estimatedSeconds: 150,
  },
  config: Config,
  work: sweep,
});

async function sweep(config: Config, bench: Bench): Promise<number> {
  const total = config.seeds * config.curvesPerSeed;
  const startedAt = bench.now();
  const results: SeedResult[] = [];
  let [done, bar] = [0, ""];
  let seedResult = emptyResult(config.firstSeed);
  const drawBar = () => {
    bar = progressBar(done, total, bench.now() - startedAt);
    bench.write(`\r${bar}`);
  };

  bench.print(`${config.seeds} seeds, ${config.curvesPerSeed} curves each, threshold ${config.threshold} sigma`);
  for await (const units of paced(bench, config.curvesPerSecond)) {
    for (let unit = 0; unit < units && done < total; unit++) {
      seedResult = add(seedResult, countOfCurve(config, seedResult.seed, done % config.curvesPerSeed));
      done += 1;
      if (done % config.curvesPerSeed !== 0) continue;
      results.push(seedResult);
      // As tqdm does it: wipe the bar, write the line, draw the bar again below it.
      bench.print(`\r${" ".repeat(bar.length)}\r${seedLine(seedResult)}`);
      seedResult = emptyResult(seedResult.seed + 1);
    }
    drawBar();
    if (done === total) break;
  }
  bench.print("");
  if (done === total) report(config, bench, results);
  return 0;
}

const emptyResult = (seed: number): SeedResult => ({ seed, injected: 0, recovered: 0, falsePositives: 0 });

/** One curve of a seed, made, scored and counted. */
export function countOfCurve(config: Config, seed: number, curve: number): Count {
  const shape = { points: config.pointsPerCurve, injections: config.injectionsPerCurve };
  const { flux, injected } = createLightCurve(createRandom(seed, curve + 1), shape);
  return countMatches(injected, detect(robustScores(flux), config.threshold));
}

const add = (sum: SeedResult, count: Count): SeedResult => ({
  seed: sum.seed,
  injected: sum.injected + count.injected,
  recovered: sum.recovered + count.recovered,
  falsePositives: sum.falsePositives + count.falsePositives,
});

function seedLine({ seed, injected, recovered, falsePositives }: SeedResult): string {
  const counts = `injected ${injected}, recovered ${recovered}, false positives ${falsePositives}`;
  return `seed ${seed}: ${counts}, recall ${(recovered / injected).toFixed(3)}`;
}

function report(config: Config, bench: Bench, results: readonly SeedResult[]): void {
  const all = results.reduce(add, emptyResult(0));
  const recall = all.recovered / all.injected;
  const falsePositivesPerCurve = all.falsePositives / (config.seeds * config.curvesPerSeed);
  bench.print(
    `all ${config.seeds} seeds: ${all.recovered} of ${all.injected} recovered, ${all.falsePositives} false positives`,
  );
  const perSeed = results.map((result) => ({
    ...result,
    recall: result.recovered / result.injected,
    falsePositivesPerCurve: result.falsePositives / config.curvesPerSeed,
  }));
  bench.saveFile("sweep.json", toJson({ threshold: config.threshold, recall, falsePositivesPerCurve, seeds: perSeed }));
  bench.saveFile("metrics.json", toJson({ recall, false_positives_per_curve: falsePositivesPerCurve }));
}
