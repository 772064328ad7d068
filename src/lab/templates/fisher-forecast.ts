import { z } from "zod";
import { type FisherParameter, type Forecast, fisherMatrix, forecastOf } from "./fisher.js";
import type { Matrix } from "./matrix.js";
import { paced } from "./pace.js";
import { type Bench, defineProgram, toJson } from "./program.js";

const parameters: readonly FisherParameter[] = ["omegaM", "h0rd", "w0"];
const names = ["omega_m", "h0_rd", "w0"] as const;

const Config = z.looseObject({
  /** Where the derivatives are taken: the universe that is assumed. */
  fiducial: z
    .object({ omegaM: z.number().gt(0).lt(1), h0rd: z.number().positive(), w0: z.number().lt(-1 / 3) })
    .default({ omegaM: 0.295, h0rd: 10_180, w0: -1 }),
  largestArea: z
    .number()
    .gt(1)
    .default(16)
    .describe("Survey areas go from 1 to this many times DESI's first year, evenly in the logarithm."),
  areas: z.int().min(2).max(1000).default(24).describe("How many areas."),
  systematicFloor: z
    .number()
    .min(0)
    .max(0.1)
    .default(0.002)
    .describe("Relative error of each distance that a larger area does not reduce."),
  areasPerSecond: z.number().min(0).default(0.5).describe("Areas per second; 0 is as fast as it goes."),
});
type Config = z.infer<typeof Config>;

interface Row {
  readonly areaFactor: number;
  readonly forecast: Forecast;
}

export const fisherForecast = defineProgram({
  template: {
    name: "fisher-forecast",
    title: "Fisher forecast, BAO survey area",
    description:
      "Fisher matrix of matter density, H0·r_d and w0 from the covariance of the DESI 2024 BAO distances (arXiv:2404.03002), for growing survey areas down to a systematic floor. Prints a table and writes fisher.json.",
    computeMode: "CPU",
    config: {
      ...Config.parse({}),
      outputs: ["fisher.json"],
      qc: { metrics: { sigma_omega_m: { max: 0.05 }, sigma_w0: { max: 0.5 }, figure_of_merit: { min: 100 } } },
    },
    estimatedSeconds: 50,
  },
  config: Config,
  work: forecast,
});

async function forecast(config: Config, bench: Bench): Promise<number> {
  const { fiducial, areas, systematicFloor } = config;
  const matrixOf = (areaFactor: number, floor: number) =>
    fisherMatrix(fiducial, parameters, { areaFactor, systematicFloor: floor });
  const today = matrixOf(1, 0);
  bench.print(`Fisher forecast at omega_m ${fiducial.omegaM}, h0_rd ${fiducial.h0rd} km/s, w0 ${fiducial.w0}`);
  bench.print(`DESI 2024 BAO, ${areas} areas, systematic floor ${(100 * systematicFloor).toFixed(2)} %`);

  const rows: Row[] = [];
  for await (const units of paced(bench, config.areasPerSecond)) {
    for (let unit = 0; unit < units && rows.length < areas; unit++) {
      const areaFactor = config.largestArea ** (rows.length / (areas - 1));
      const found = forecastOf(matrixOf(areaFactor, systematicFloor));
      if (found === null) return degenerate(bench);
      rows.push({ areaFactor, forecast: found });
      bench.print(sweepLine(rows, config));
    }
    if (rows.length === areas) break;
  }
  const baseline = forecastOf(today);
  if (baseline === null) return degenerate(bench);
  if (rows.length === areas) report({ config, bench, rows, today, baseline });
  return 0;
}

function degenerate(bench: Bench): number {
  bench.print("ERROR: the Fisher matrix is singular: these distances can't tell the parameters apart at this fiducial");
  return 1;
}

/** `[3/24] area  1.27  sigma omega_m 0.0412 …  ETA 42 s`. */
function sweepLine(rows: readonly Row[], config: Config): string {
  const { areaFactor, forecast: found } = rows.at(-1) ?? { areaFactor: Number.NaN, forecast: null };
  const sigmas = names.map((name, index) => `${name} ${significant(found?.sigmas[index])}`);
  const left =
    config.areasPerSecond === 0 ? "" : `  ETA ${((config.areas - rows.length) / config.areasPerSecond).toFixed(0)} s`;
  const merit = found?.figureOfMerit.toFixed(1) ?? "";
  return `[${rows.length}/${config.areas}] area ${areaFactor.toFixed(2).padStart(5)}  sigma ${sigmas.join("  ")}  FoM ${merit}${left}`;
}

const significant = (value: number | undefined) => (value ?? Number.NaN).toPrecision(4);

interface Report {
  readonly config: Config;
  readonly bench: Bench;
  readonly rows: readonly Row[];
  /** The Fisher matrix of the survey as published: area 1, no floor. */
  readonly today: Matrix;
  readonly baseline: Forecast;
}

function report({ config, bench, rows, today, baseline }: Report): void {
  bench.print("");
  bench.print(`area 1, no floor    sigma  ${names.map((name) => name.padStart(9)).join("")}   correlation`);
  for (const [index, name] of names.entries()) {
    const cells = (baseline.correlations[index] ?? []).map((value) => value.toFixed(3).padStart(9));
    bench.print(`${name.padEnd(14)} ${significant(baseline.sigmas[index]).padStart(10)}  ${cells.join("")}`);
  }
  bench.print(`figure of merit, omega_m and w0: ${baseline.figureOfMerit.toFixed(1)}`);

  const { fiducial, systematicFloor } = config;
  const bySigma = (found: Forecast) => Object.fromEntries(names.map((name, index) => [name, found.sigmas[index]]));
  const card = (found: Forecast) => ({
    sigma: bySigma(found),
    correlations: found.correlations,
    figure_of_merit: found.figureOfMerit,
  });
  const sweep = rows.map(({ areaFactor, forecast: found }) => ({ areaFactor, ...card(found) }));
  bench.saveFile(
    "fisher.json",
    toJson({ parameters: names, fiducial, systematicFloor, fisher: today, baseline: card(baseline), sweep }),
  );
  bench.saveFile(
    "metrics.json",
    toJson({
      ...Object.fromEntries(names.map((name, index) => [`sigma_${name}`, baseline.sigmas[index]])),
      figure_of_merit: baseline.figureOfMerit,
      figure_of_merit_best: Math.max(...rows.map(({ forecast: found }) => found.figureOfMerit)),
    }),
  );
}
