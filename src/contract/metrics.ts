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

/** GET /v1/experiments/{id}/metrics. `since`: ms, points that are not older. `points`: of each line at most. */
export interface MetricsQuery {
  readonly name?: string | undefined;
  readonly rank?: number | undefined;
  readonly since?: number | undefined;
  readonly points?: number | undefined;
  /** The current one where there is none. */
  readonly attempt?: number | undefined;
}

export const MetricsAnswer = MetricSeries.extend({
  /** The newest point of each name, of whichever rank. */
  last: z.record(z.string(), z.object({ step: z.number(), value: z.number(), at: z.number() })),
  /** What there is: how many points are kept, of how many ranks. */
  names: z.array(z.object({ name: z.string(), count: z.number().int(), ranks: z.number().int() })),
});
export type MetricsAnswer = z.infer<typeof MetricsAnswer>;

/** Points of one POST. */
export const maxPostedPoints = 10_000;

/** Body of POST /v1/experiments/{id}/metrics. JSON has no NaN: it is sent as a text. */
export const NewMetricPoints = z.object({
  points: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z][ -~]{0,99}$/, "must be printable ASCII, at most 100 characters, a letter first"),
        step: z.number(),
        value: z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]),
        /** ms UTC; now where there is none. */
        at: z.number().int().nonnegative().optional(),
        rank: z.int().min(0).max(1_000_000).default(0),
      }),
    )
    .min(1)
    .max(maxPostedPoints),
});
export type NewMetricPoints = z.input<typeof NewMetricPoints>;
