import { z } from "zod";
import { ExperimentStatus } from "./experiment.js";

/** The queue that every lab has: what names no other is in it. */
export const defaultQueue = "default";

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,59}$/, "must be 1 to 60 of a-z 0-9 _ . - and begin with a letter or digit");
const concurrency = z.number().int().min(1).max(10_000);

/** GET /v1/experiments/queues (hubify-api decision 18), with what is in it and how it goes on. */
export const Queue = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  labId: z.string(),
  name: z.string(),
  /** `complete`: everything that was put in it has ended. */
  status: z.enum(["running", "paused", "complete"]),
  /** Document ids in order: what ended last, what runs, what comes; at most 100 of them. */
  experiments: z.array(z.string()),
  experimentCount: z.number().int(),
  /** Where in `experiments` the first one is that has not ended. */
  currentIdx: z.number().int(),
  counts: z.record(ExperimentStatus, z.number().int()),
  /** Of what has not ended, as far as there are estimates; null: there is none. */
  totalEstimatedHours: z.number().nullable(),
  totalEstimatedCostUsd: z.number().nullable(),
  /** Of two experiments of the same priority the one whose queue has the lower place starts first. */
  place: z.number().int(),
  /** At most so many of it run at once; null: as many as there is room for. */
  concurrency: z.number().int().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Queue = z.infer<typeof Queue>;

/** Body of POST /v1/experiments/queues. */
export const NewQueue = z.object({
  labId: z.string().min(1),
  name,
  status: z.enum(["running", "paused"]).default("running"),
  concurrency: concurrency.nullable().default(null),
  /** Default: behind all others. */
  place: z.number().int().nonnegative().optional(),
});
export type NewQueue = z.input<typeof NewQueue>;

/** Body of PATCH /v1/experiments/queues/{queueId}. */
export const QueuePatch = z.object({
  name: name.optional(),
  status: z.enum(["running", "paused"]).optional(),
  concurrency: concurrency.nullable().optional(),
  place: z.number().int().nonnegative().optional(),
});
export type QueuePatch = z.infer<typeof QueuePatch>;
