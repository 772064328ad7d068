import { parameters } from "./bao-posterior.js";
import { type ChainMoments, effectiveSize, momentsOf } from "./chain-statistics.js";
import { cobayaLine } from "./cobaya-text.js";
import { meanCovariance } from "./gelman-rubin.js";
import type { MetropolisChain } from "./metropolis.js";
import { type Bench, toJson } from "./program.js";

/** What the sampler came to. */
export interface Sampled {
  readonly bench: Bench;
  readonly chains: readonly MetropolisChain[];
  readonly rminus1: number | null;
  readonly rminus1Bounds: number | null;
  readonly converged: boolean;
}

/** Longer chains count more. */
export function acceptanceOf(chains: readonly ChainMoments[]): number {
  const total = chains.reduce((sum, { accepted }) => sum + accepted, 0);
  return chains.reduce((sum, { accepted, acceptance }) => sum + (accepted / total) * acceptance, 0);
}

/** That of the worst parameter. */
export function essOf({ chains }: Pick<Sampled, "chains">): number {
  const rows = chains.map((chain) => chain.rows);
  return Math.min(...parameters.map((_, axis) => effectiveSize(rows, axis)));
}

/** The posterior of all chains together: printed, and as `summary.json` and `metrics.json`. */
export function report(sampling: Sampled): void {
  const { bench, chains, rminus1, rminus1Bounds, converged } = sampling;
  const moments = chains.map(({ rows }) => momentsOf(rows));
  const within = meanCovariance(moments);
  const total = moments.reduce((sum, { accepted }) => sum + accepted, 0);
  const ess = essOf(sampling);
  const acceptance = acceptanceOf(moments);
  const posterior = parameters.map(({ name }, axis) => ({
    name,
    mean: moments.reduce((sum, { accepted, mean }) => sum + (accepted / total) * (mean[axis] ?? 0), 0),
    std: Math.sqrt(within[axis]?.[axis] ?? Number.NaN),
  }));
  for (const { name, mean, std } of posterior)
    bench.print(cobayaLine(0, `${name} = ${Number(mean.toPrecision(5))} ± ${Number(std.toPrecision(3))}`, "results"));

  const diagnostics = { rminus1, rminus1_cl: rminus1Bounds, ess, acceptance, accepted: total, converged };
  const byName = Object.fromEntries(posterior.map(({ name, mean, std }) => [name, { mean, std }]));
  bench.saveFile("summary.json", toJson({ parameters: byName, ...diagnostics }));
  bench.saveFile(
    "metrics.json",
    toJson({
      ...(rminus1 === null ? {} : { "chain.rminus1": rminus1 }),
      ...(rminus1Bounds === null ? {} : { "chain.rminus1_cl": rminus1Bounds }),
      "chain.ess": ess,
      "chain.acceptance": acceptance,
      ...Object.fromEntries(
        posterior.flatMap(({ name, mean, std }) => [
          [name, mean],
          [`${name}_std`, std],
        ]),
      ),
    }),
  );
}
