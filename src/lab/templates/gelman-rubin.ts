import { type ChainMoments, quantile } from "./chain-statistics.js";
import { cholesky, eigenvalues, type Matrix, scaled, solveLower, transpose } from "./matrix.js";
import type { ChainRow } from "./metropolis.js";

/** Mean of the chains' covariances, longer chains counting more: the variance within, and the next proposal. */
export function meanCovariance(chains: readonly ChainMoments[]): Matrix {
  const total = chains.reduce((sum, { accepted }) => sum + accepted, 0);
  return (chains[0]?.covariance ?? []).map((row, i) =>
    row.map((_, j) =>
      chains.reduce((sum, { accepted, covariance }) => sum + (accepted / total) * (covariance[i]?.[j] ?? 0), 0),
    ),
  );
}

/** Covariance of the chains' means, every chain counting the same: a short chain is likely the odd one out. */
function covarianceOfMeans(chains: readonly ChainMoments[]): Matrix {
  const axes = (chains[0]?.mean ?? []).map((_, axis) => axis);
  const centre = axes.map((axis) => chains.reduce((sum, { mean }) => sum + (mean[axis] ?? 0), 0) / chains.length);
  const off = (chain: ChainMoments, axis: number) => (chain.mean[axis] ?? 0) - (centre[axis] ?? 0);
  const sums = axes.map((i) => axes.map((j) => chains.reduce((sum, chain) => sum + off(chain, i) * off(chain, j), 0)));
  return scaled(sums, 1 / (chains.length - 1));
}

/**
 * Gelman and Rubin's R-1 in the form of Cobaya (Lewis 2013, arXiv:1304.4473): the largest eigenvalue of the variance of
 * the means in units of the mean of the variances. null if those do not yet form a positive definite matrix.
 */
export function rminus1OfMeans(chains: readonly ChainMoments[]): number | null {
  const lower = cholesky(meanCovariance(chains));
  if (lower === null) return null;
  const half = transpose(covarianceOfMeans(chains).map((row) => solveLower(lower, row)));
  const whitened = half.map((row) => solveLower(lower, row));
  return Math.max(...eigenvalues(whitened).map(Math.abs));
}

/**
 * R-1 of the bounds: how much the ends of the central 95 % interval differ between the chains, in units of the mean
 * standard deviation; the worst end of the worst parameter.
 */
export function rminus1OfBounds(chains: readonly (readonly ChainRow[])[], within: Matrix): number {
  const spreads = within.flatMap((row, axis) =>
    [0.025, 0.975].map((level) => {
      const ends = chains.map((rows) => quantile(rows, axis, level));
      const mean = ends.reduce((sum, end) => sum + end, 0) / ends.length;
      const variance = ends.reduce((sum, end) => sum + (end - mean) ** 2, 0) / ends.length;
      return Math.sqrt(variance / (row[axis] ?? Number.NaN));
    }),
  );
  return Math.max(...spreads);
}
