import type { Matrix, Vector } from "./matrix.js";
import type { ChainRow } from "./metropolis.js";

/** What a convergence test needs of one chain: moments of the rows looked at, weighted by how long it stayed at each. */
export interface ChainMoments {
  /** Accepted steps of the whole chain. */
  readonly accepted: number;
  readonly mean: Vector;
  readonly covariance: Matrix;
  /** Accepted over all steps. */
  readonly acceptance: number;
}

/** The second half of a chain: the first half is held to be on its way there. */
export const secondHalf = (rows: readonly ChainRow[]): readonly ChainRow[] => rows.slice(Math.floor(rows.length / 2));

export function momentsOf(rows: readonly ChainRow[]): ChainMoments {
  const half = secondHalf(rows);
  const steps = half.reduce((sum, { weight }) => sum + weight, 0);
  const axes = (rows[0]?.values ?? []).map((_, axis) => axis);
  const mean = axes.map((axis) => half.reduce((sum, row) => sum + row.weight * (row.values[axis] ?? 0), 0) / steps);
  const off = (row: ChainRow, axis: number) => (row.values[axis] ?? 0) - (mean[axis] ?? 0);
  const covariance = axes.map((i) =>
    axes.map((j) => half.reduce((sum, row) => sum + row.weight * off(row, i) * off(row, j), 0) / (steps - 1)),
  );
  return { accepted: rows.length, mean, covariance, acceptance: half.length / steps };
}

/** Value below which the fraction `level` of the weight of one parameter lies, in the second half of the chain. */
export function quantile(rows: readonly ChainRow[], axis: number, level: number): number {
  const sorted = secondHalf(rows)
    .map(({ weight, values }) => ({ weight, value: values[axis] ?? Number.NaN }))
    .sort((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let passed = 0;
  for (const { weight, value } of sorted) {
    passed += weight;
    if (passed >= level * total) return value;
  }
  return Number.NaN;
}

/**
 * Effective sample size of one parameter over the second halves of all chains: steps over the integrated autocorrelation
 * time, summed up to the first window of five times itself (Sokal's rule).
 */
export function effectiveSize(chains: readonly (readonly ChainRow[])[], axis: number): number {
  return chains.reduce((sum, rows) => {
    const series = secondHalf(rows).flatMap(({ weight, values }) =>
      Array.from({ length: weight }, () => values[axis] ?? Number.NaN),
    );
    return sum + series.length / autocorrelationTime(series);
  }, 0);
}

/** In steps; 1 for independent values. NaN for a series that does not vary. */
export function autocorrelationTime(series: readonly number[]): number {
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length;
  const off = Float64Array.from(series, (value) => value - mean);
  const covarianceAt = (lag: number) => {
    let sum = 0;
    for (let index = lag; index < off.length; index++) sum += (off[index] ?? 0) * (off[index - lag] ?? 0);
    return sum;
  };
  const variance = covarianceAt(0);
  let time = 1;
  for (let lag = 1; lag < off.length / 2; lag++) {
    time += (2 * covarianceAt(lag)) / variance;
    if (lag >= 5 * time) break;
  }
  return variance === 0 ? Number.NaN : Math.max(1, time);
}
