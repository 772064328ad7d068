import { baoChi2 } from "./bao-distances.js";
import type { Vector } from "./matrix.js";

/** A sampled parameter: flat prior, where chains start, and the width of the first, unlearned proposal. */
export interface Parameter {
  readonly name: string;
  readonly prior: readonly [from: number, to: number];
  /** Chains start anywhere here, wider than the posterior, so that R-1 means something. */
  readonly start: readonly [from: number, to: number];
  readonly proposal: number;
}

/** Flat ΛCDM: matter density, and H0 · r_d in km/s. */
export const parameters: readonly Parameter[] = [
  { name: "omega_m", prior: [0.01, 0.99], start: [0.2, 0.45], proposal: 0.004 },
  { name: "h0_rd", prior: [2000, 20_000], start: [9000, 11_500], proposal: 30 },
];

const minusLogPrior = parameters.reduce((sum, { prior: [from, to] }) => sum + Math.log(to - from), 0);

export const chi2Of = ([omegaM = Number.NaN, h0rd = Number.NaN]: Vector) => baoChi2({ omegaM, h0rd, w0: -1 });

/** -log posterior of the distances; Infinity outside the prior. */
export function minusLogPosterior(values: Vector): number {
  const inside = parameters.every(({ prior: [from, to] }, axis) => {
    const value = values[axis] ?? Number.NaN;
    return value >= from && value <= to;
  });
  return inside ? chi2Of(values) / 2 + minusLogPrior : Infinity;
}
