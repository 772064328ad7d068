import { z } from "zod";
import { QcConfig, QcSummary } from "./qc.js";
import { computeModes, experimentStatuses, priorities } from "./vocabulary.js";

export const ExperimentStatus = z.enum(experimentStatuses);
export type ExperimentStatus = z.infer<typeof ExperimentStatus>;

export const Priority = z.enum(priorities);
export type Priority = z.infer<typeof Priority>;

export const ComputeMode = z.enum(computeModes);
export type ComputeMode = z.infer<typeof ComputeMode>;

/**
 * Which status a PATCH may lead to (hubify-api §2, decision 12). `pass` is terminal; anything else is a 422.
 * Cancelling a run is running → fail; a retry is fail → queued.
 */
export const allowedTransitions: Readonly<Record<ExperimentStatus, readonly ExperimentStatus[]>> = {
  draft: ["queued"],
  queued: ["running", "blocked", "fail"],
  running: ["pass", "fail", "blocked"],
  blocked: ["queued", "fail"],
  fail: ["queued"],
  pass: [],
};

/** One experiment as the lab stores and sends it. Times are ms since 1970 UTC; null means unknown or not yet. */
export const Experiment = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  /** Same as `_id`, for clients of the REST style. */
  id: z.string(),
  labId: z.string(),
  /** The display id, `EXP-054`. */
  experimentId: z.string(),
  title: z.string(),
  projectId: z.string().nullable(),
  template: z.string().nullable(),
  computeMode: ComputeMode,
  /** JSON text, as the seed has it ("stored as a string internally"). Always an object inside. */
  config: z.string(),
  priority: Priority,
  estimatedSeconds: z.number().nullable(),
  status: ExperimentStatus,
  /** Summary: QC verdict with reasons, or why it failed or was cancelled. */
  result: z.string().nullable(),
  /** Why it waits or is blocked, in words: `waits for EXP-052`, `no free CPU slot`. */
  statusReason: z.string().nullable(),
  /** How many times it was started; also the fencing token of the run. */
  attempt: z.number().int(),
  podId: z.string().nullable(),
  exitCode: z.number().nullable(),
  qc: QcSummary.nullable(),
  /** Last value of each metric the run printed or wrote. */
  metrics: z.record(z.string(), z.number()),
  /** 0..1 where the run's output tells it. */
  progress: z.number().nullable(),
  /** When it is expected to end: from progress, else from estimatedSeconds. */
  etaAt: z.number().nullable(),
  /** Lines of output so far. */
  logLines: z.number().int(),
  cancelRequested: z.boolean(),
  createdAt: z.number(),
  updatedAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** What it has cost so far, all attempts: its share of its pods by slots. null: nothing is known, which is not nothing. */
  costUsd: z.number().nullable().default(null),
  /** Some of it is not billed yet. */
  costEstimated: z.boolean().default(false),
  /** What it will have cost at `etaAt`, at the present price; of a queued one, with `estimatedSeconds` on the pod it would take. */
  projectedCostUsd: z.number().nullable().default(null),
  /** Document id of its queue; null: the lab's `default`. */
  queueId: z.string().nullable().default(null),
  queue: z.string().default("default"),
  /** Document id of the experiment whose outputs it goes on from. */
  parentId: z.string().nullable().default(null),
  batchId: z.string().nullable().default(null),
  /** It does not start before: the backoff of a retry. */
  notBeforeAt: z.number().nullable().default(null),
  /** Checkpoint that its next start goes on from, as its path in the run directory. */
  resumeFrom: z.string().nullable().default(null),
  /** Wall time of the current attempt so far, or of the last one. */
  actualSeconds: z.number().nullable().default(null),
});
export type Experiment = z.infer<typeof Experiment>;

/** What the lab reads of `config`; other fields are the experiment's own and are kept. */
export const ExperimentConfig = z.looseObject({
  /** File to run; the interpreter follows from its extension: py sh js mjs R jl. */
  script: z.string().min(1).optional(),
  /** Arguments of `script`. */
  args: z.array(z.string()).optional(),
  /** A shell command; used when there is no `script` and no template. */
  command: z.string().min(1).optional(),
  env: z.record(z.string(), z.coerce.string()).optional(),
  /** Working directory; default is the run's own directory. */
  cwd: z.string().optional(),
  /**
   * Files of the lab's machine that the run finds in its directory: absolute, `~/…`, or in `<data>/scripts`; relative ones keep
   * their folders.
   */
  files: z.array(z.string().min(1)).optional(),
  /** Larger ones stay on the pod until somebody fetches them; default 5 GiB for each file. */
  outputsMaxBytes: z.number().positive().optional(),
  /** Files expected in the run's directory when it ends (glob characters are not read). */
  outputs: z.array(z.string()).optional(),
  /** Experiment ids (EXP-NNN or document id) that must pass first. */
  dependsOn: z.array(z.string()).optional(),
  /** CPU slots it takes; default 1. */
  slots: z.number().int().positive().optional(),
  /** Longest wall time in seconds; the run is stopped after it. */
  maxSeconds: z.number().positive().optional(),
  /** Seconds between TERM and KILL when it is stopped; default 10. */
  graceSeconds: z.number().nonnegative().optional(),
  /**
   * Files that the run reads, hashed for its record: absolute, `~/…`, or relative to its directory or `<data>/scripts`; `*`, `?` and
   * `**` are read.
   */
  inputs: z.array(z.string().min(1)).max(1000).optional(),
  qc: QcConfig.optional(),
});
export type ExperimentConfig = z.infer<typeof ExperimentConfig>;

/** Body of POST /v1/experiments; fields and defaults of the Experiments API seed. */
export const NewExperiment = z.object({
  labId: z.string().min(1),
  title: z.string().trim().min(1).max(300),
  projectId: z.string().optional(),
  experimentId: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]*-\d+$/, "must look like EXP-054")
    .optional(),
  computeMode: ComputeMode.default("CPU"),
  config: z.record(z.string(), z.unknown()).default({}),
  template: z.string().optional(),
  priority: Priority.default("normal"),
  estimatedSeconds: z.number().positive().optional(),
});
export type NewExperiment = z.input<typeof NewExperiment>;

/** Body of PATCH /v1/experiments/{id}. */
export const ExperimentPatch = z.object({
  title: z.string().trim().min(1).max(300).optional(),
  status: ExperimentStatus.optional(),
  result: z.string().optional(),
  priority: Priority.optional(),
});
export type ExperimentPatch = z.infer<typeof ExperimentPatch>;
