import { z } from "zod";
import { ExperimentStatus, NewExperiment } from "./experiment.js";

/** What one request may make. */
export const mostOfBatch = 1000;

/** Values by dotted path in the config: `config.seed`, or `seed` for short. */
export const Grid = z
  .record(z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, "must be a dotted path, config.seed"), z.array(z.unknown()).min(1))
  .refine((grid) => Object.keys(grid).length > 0, "names at least one path with its values")
  .refine((grid) => Object.keys(grid).length <= 20, "takes at most 20 paths");
export type Grid = z.infer<typeof Grid>;

/** Body of POST /v1/experiments/batches: one experiment for each combination of the grid's values. */
export const NewBatch = NewExperiment.omit({ experimentId: true }).extend({ grid: Grid });
export type NewBatch = z.input<typeof NewBatch>;

/** GET /v1/experiments/batches. */
export const Batch = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  labId: z.string(),
  title: z.string(),
  grid: z.record(z.string(), z.array(z.unknown())),
  /** As it was made; what was deleted since is missing in `counts`. */
  experimentCount: z.number().int(),
  counts: z.record(ExperimentStatus, z.number().int()),
  /** 0..1: each experiment has the same share. */
  progress: z.number(),
  createdBy: z.string(),
  createdAt: z.number(),
});
export type Batch = z.infer<typeof Batch>;

export const BatchRow = z.object({
  _id: z.string(),
  experimentId: z.string(),
  status: ExperimentStatus,
  /** Its values of the grid, by path. */
  values: z.record(z.string(), z.unknown()),
  metrics: z.record(z.string(), z.number()),
  progress: z.number().nullable(),
  actualSeconds: z.number().nullable(),
  result: z.string().nullable(),
});
export type BatchRow = z.infer<typeof BatchRow>;

const Extreme = z.object({ experimentId: z.string(), value: z.number() });

/** GET /v1/experiments/batches/{batchId}. */
export const BatchDetail = Batch.extend({
  /** One for each experiment, in the grid's order. */
  rows: z.array(BatchRow),
  /** Of each metric the experiments with its least and its greatest last value. */
  best: z.record(z.string(), z.object({ min: Extreme, max: Extreme })),
});
export type BatchDetail = z.infer<typeof BatchDetail>;
