import { z } from "zod";

/** One number a run printed. `step` is the run's own abscissa (accepted steps for a chain); `rank` the MPI rank or chain. */
export const MetricPoint = z.object({
  name: z.string(),
  rank: z.number().int(),
  step: z.number(),
  value: z.number(),
  at: z.number(),
});
export type MetricPoint = z.infer<typeof MetricPoint>;

/**
 * Words of a chain that are not numbers, kept in the same series with value 1. `cut_off`: the step limit was reached before
 * convergence. `not_finite`: the run printed NaN or infinity for some number (its other points can't hold that).
 */
export const chainMarks = [
  "chain.converged",
  "chain.stuck",
  "chain.resumed",
  "chain.oversampled",
  "chain.cut_off",
  "chain.not_finite",
] as const;

/**
 * Names the lab's capture writes for MCMC output (src/chain parses them):
 * `chain.steps`, `chain.accepted` (per rank) · `chain.acceptance` · `chain.rminus1` (means) · `chain.rminus1_cl` (bounds)
 * · `chain.burnin_left` · `chain.ess` · `progress` (0..1) · chainMarks.
 */
export const MetricSeries = z.object({
  experimentId: z.string(),
  points: z.array(MetricPoint),
  /** The run's own stop targets, from its config; null when it has none. */
  targets: z.object({ rminus1: z.number().nullable(), rminus1_cl: z.number().nullable() }),
});
export type MetricSeries = z.infer<typeof MetricSeries>;
