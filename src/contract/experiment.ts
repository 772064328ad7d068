import { z } from "zod";
import { QcConfig, QcSummary } from "./qc.js";
import { computeModes, experimentStatuses, priorities, retryCauses } from "./vocabulary.js";

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

/** When a failed attempt is followed by another by itself. */
export const RetryPolicy = z.object({
  /** Attempts in all, the first one too; somebody's restart begins to count anew. */
  maxAttempts: z.number().int().min(1).max(20),
  /** Pause before the second attempt; each further one is `factor` times as long, up to `maxBackoffSeconds`. */
  backoffSeconds: z.number().nonnegative().max(86_400).default(10),
  factor: z.number().min(1).max(10).default(2),
  maxBackoffSeconds: z.number().nonnegative().max(604_800).default(3600),
  /**
   * `fail`: it ended with an error, or was stopped after its longest wall time; `lost`: nobody knows how it ended; `qc`: it ended well and
   * its checks failed. What somebody cancelled is never tried again.
   */
  on: z.array(z.enum(retryCauses)).min(1).default(["fail", "lost"]),
});
export type RetryPolicy = z.infer<typeof RetryPolicy>;

/** Where a run keeps what it can go on from: files or folders in one directory, the newest is the one that counts. */
export const CheckpointConfig = z.object({
  /** In the run's own directory; $HUBIFY_CHECKPOINT_DIR names it. */
  path: z
    .string()
    .min(1)
    .refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), "must stay in the run's directory")
    .default("checkpoints/"),
  /** Told to the run as $HUBIFY_CHECKPOINT_SECONDS and $HUBIFY_CHECKPOINT_KEEP: it writes and removes them itself. */
  intervalSeconds: z.number().positive().optional(),
  keepLast: z.number().int().positive().optional(),
});
export type CheckpointConfig = z.infer<typeof CheckpointConfig>;

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
  dependsOn: z.array(z.string().min(1)).max(1000).optional(),
  /** CPU slots it takes; default 1. */
  slots: z.number().int().positive().optional(),
  /** Longest wall time in seconds; the run is stopped after it. */
  maxSeconds: z.number().positive().optional(),
  /** Seconds between TERM and KILL when it is stopped; default 10. */
  graceSeconds: z.number().nonnegative().optional(),
  retry: RetryPolicy.optional(),
  checkpoint: CheckpointConfig.optional(),
  /**
   * Files that the run reads, hashed for its record: absolute, `~/…`, or relative to its directory or `<data>/scripts`; `*`, `?` and
   * `**` are read.
   */
  inputs: z.array(z.string().min(1)).max(1000).optional(),
  qc: QcConfig.optional(),
});
export type ExperimentConfig = z.infer<typeof ExperimentConfig>;

const title = z.string().trim().min(1).max(300);
const dependsOn = z.array(z.string().min(1)).max(1000);
const config = z.record(z.string(), z.unknown());

/** Body of POST /v1/experiments; fields and defaults of the Experiments API seed, and ours. */
export const NewExperiment = z.object({
  labId: z.string().min(1),
  title,
  projectId: z.string().optional(),
  experimentId: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]*-\d+$/, "must look like EXP-054")
    .optional(),
  computeMode: ComputeMode.default("CPU"),
  /** What runs, and how: fields of `ExperimentConfig`, with a template its parameters; others are the experiment's own and are kept. */
  config: config.default({}),
  template: z.string().optional(),
  priority: Priority.default("normal"),
  estimatedSeconds: z.number().positive().optional(),
  /** It never starts before somebody queues it; `status: "draft"` says the same. */
  draft: z.boolean().optional(),
  status: z.enum(["draft", "queued"]).optional(),
  /** Name or document id; default: `default`. */
  queue: z.string().min(1).optional(),
  /** The same as `config.dependsOn`, where it is kept. */
  dependsOn: dependsOn.optional(),
  /** It starts when this one has passed, and finds its outputs in $HUBIFY_PARENT_DIR. */
  parent: z.string().min(1).optional(),
});
export type NewExperiment = z.input<typeof NewExperiment>;

const message = z.string().trim().min(1).max(2000);

/** Body of PATCH /v1/experiments/{id}. What decides how it runs may be changed until it starts. */
export const ExperimentPatch = z.object({
  title: title.optional(),
  status: ExperimentStatus.optional(),
  result: z.string().optional(),
  priority: Priority.optional(),
  projectId: z.string().nullable().optional(),
  /** Why the status is changed: kept in the history. */
  message: message.optional(),
  /** The whole config: it takes the place of the one before. */
  config: config.optional(),
  computeMode: ComputeMode.optional(),
  estimatedSeconds: z.number().positive().nullable().optional(),
  /** null: `default`. */
  queue: z.string().min(1).nullable().optional(),
  dependsOn: dependsOn.optional(),
});
export type ExperimentPatch = z.infer<typeof ExperimentPatch>;

/** Body of POST /v1/experiments/{id}/copy: what is to be different. `config` is merged into the one that is there. */
export const ExperimentCopy = NewExperiment.omit({ labId: true }).partial().extend({
  computeMode: ComputeMode.optional(),
  config: config.optional(),
  priority: Priority.optional(),
});
export type ExperimentCopy = z.infer<typeof ExperimentCopy>;

/** Body of POST /v1/experiments/{id}/statuses. */
export const StatusMove = z.object({ status: ExperimentStatus, message: message.optional() });
export type StatusMove = z.infer<typeof StatusMove>;

/** One change of status: GET /v1/experiments/{id}/statuses. */
export const StatusChange = z.object({
  _id: z.string(),
  id: z.string(),
  experimentId: z.string(),
  attempt: z.number().int(),
  /** null: it was made. */
  from: ExperimentStatus.nullable(),
  status: ExperimentStatus,
  at: z.number(),
  /** `owner`, `key ci`; `lab` for what the lab did by itself. */
  actor: z.string(),
  reason: z.string().nullable(),
  /** What somebody wrote to it. */
  message: z.string().nullable(),
});
export type StatusChange = z.infer<typeof StatusChange>;

/** One start of an experiment: GET /v1/experiments/{id}/attempts. */
export const Attempt = z.object({
  attempt: z.number().int(),
  /** What it became: `queued` was given back before anything was started. */
  status: ExperimentStatus,
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** Wall time so far, or of all of it. */
  actualSeconds: z.number().nullable(),
  exitCode: z.number().nullable(),
  result: z.string().nullable(),
  qc: QcSummary.nullable(),
  metrics: z.record(z.string(), z.number()),
  podId: z.string().nullable(),
  /** Checkpoint that it went on from: `<attempt>/<path in its run directory>`. */
  resumedFrom: z.string().nullable(),
  /** When retention took its log away. */
  logRemovedAt: z.number().nullable(),
});
export type Attempt = z.infer<typeof Attempt>;

/** Something that a run can go on from: GET /v1/experiments/{id}/checkpoints. */
export const Checkpoint = z.object({
  /** `<attempt>/<path in its run directory>`: what `resume` takes. */
  id: z.string(),
  attempt: z.number().int(),
  name: z.string(),
  /** In the run's directory. */
  path: z.string(),
  type: z.enum(["file", "folder"]),
  /** Of a file; null: a folder. */
  sizeBytes: z.number().nullable(),
  changedAt: z.number(),
  /** As its JSON says, where it is one: `step`, `total_steps`, `step_name`, `resumable`. */
  step: z.number().nullable(),
  totalSteps: z.number().nullable(),
  stepName: z.string().nullable(),
  /** 0..1. */
  progress: z.number().nullable(),
  resumable: z.boolean(),
});
export type Checkpoint = z.infer<typeof Checkpoint>;
