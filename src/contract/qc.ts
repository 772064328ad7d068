import { z } from "zod";

/**
 * The gates an ended run goes through, in this order, and what each weighs in the score. `exit` can't be skipped.
 *
 * The score is 0–100: the weighted mean over the gates that had anything to check, a gate counting by the share of its checks that
 * hold (half for a warning). The verdict does not follow from it: one failed check is a fail.
 */
export const qcGateWeights = {
  exit: 30,
  completeness: 20,
  errorBounds: 15,
  plausibility: 15,
  convergence: 20,
  finite: 15,
  numeric: 10,
  reproducibility: 10,
  command: 20,
} as const;
export type QcGate = keyof typeof qcGateWeights;

const skippable = ["completeness", "errorBounds", "plausibility", "convergence", "finite", "numeric"] as const;
export const qcSkips = [...skippable, "reproducibility", "command"] as const;

/** What `config.qc.require` can make a condition of passing. `progress`: it reached its end. The others are of the record. */
export const qcRequirements = [
  "progress",
  "gitRevision",
  "cleanTree",
  "script",
  "unchanged",
  "inputs",
  "environment",
  "seeds",
  "host",
] as const;
export type QcRequirement = (typeof qcRequirements)[number];

export const QcVerdict = z.enum(["pass", "fail"]);
export type QcVerdict = z.infer<typeof QcVerdict>;

/** One thing that was looked at. `ok: false` fails the run, unless it is a warning. */
export const QcCheck = z.object({
  name: z.string(),
  ok: z.boolean(),
  /** In words, with value and bound. */
  reason: z.string(),
  gate: z.string().optional(),
  /** What was found; NaN and infinity as text, since JSON has no such numbers. */
  value: z.union([z.number(), z.string()]).nullable().optional(),
  /** What it was held against: `≤ 0.01`, `0.2 to 0.4`, `not empty`. */
  bound: z.string().nullable().optional(),
  severity: z.enum(["error", "warning"]).optional(),
});
export type QcCheck = z.infer<typeof QcCheck>;

/** Somebody's decision over the checks. */
export const QcOverride = z.object({ verdict: QcVerdict, note: z.string(), by: z.string(), at: z.number() });
export type QcOverride = z.infer<typeof QcOverride>;

/** What an experiment shows of its QC; the whole is in its report. */
export const QcSummary = z.object({
  /** That of the override where there is one. */
  verdict: QcVerdict,
  /** At most 20, the failed ones first where there are more. */
  checks: z.array(QcCheck),
  /** 0–100. null: judged by a lab that gave none. */
  score: z.number().nullable().optional(),
  /** How many checks there were. */
  checksTotal: z.number().int().optional(),
  override: QcOverride.nullable().optional(),
});
export type QcSummary = z.infer<typeof QcSummary>;

const finite = z.number();

/** A closed range, one end of which may be open. */
const Range = z
  .strictObject({ min: finite.optional(), max: finite.optional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, "needs min, max or both")
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, "min must not be above max");

/** Bounds of one metric. */
const MetricBound = z
  .strictObject({
    min: finite.optional(),
    max: finite.optional(),
    /** Most of its own error (`H0_std`, `H0.std` …). */
    maxError: finite.positive().optional(),
    /** Most of error / |value|. */
    maxRelativeError: finite.positive().optional(),
    /** The value it should have, within `tolerance`: |value − expected| / |expected|; default 0.05. */
    expected: finite.optional(),
    tolerance: finite.positive().optional(),
  })
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, "min must not be above max");

/** Bounds of convergence: of every parameter and of the run as a whole. R-hat and R-1 are the same number, one apart. */
const ConvergenceBound = z.strictObject({
  rMinus1: finite.positive().optional(),
  rHat: finite.gt(1).optional(),
  /** Least effective sample size. */
  ess: finite.positive().optional(),
  /** Most drift of the mean, in standard deviations. */
  drift: finite.positive().optional(),
});

const OutputBound = z.strictObject({
  minBytes: z.number().int().positive().optional(),
  /** Lines that are neither empty nor comments (`#`). */
  minRows: z.number().int().positive().optional(),
});

/** What the numeric sanity checks allow, where the run has such numbers (`val_loss`, `score`, columns `ra`, `dec`, `cluster` …). */
const NumericBounds = z.strictObject({
  /** Largest share of rows without coordinates; default 0.05. */
  nullCoords: z.number().min(0).max(1).optional(),
  /** Largest validation loss; default 1000. */
  valLoss: finite.optional(),
  /** Largest share of one cluster; default 0.8. */
  clusterShare: z.number().min(0).max(1).optional(),
  /** Largest score; default 1e6. */
  score: finite.optional(),
  /** The 20 best rows must not all lie within so many degrees; default 5. */
  topSpreadDegrees: finite.nonnegative().optional(),
});

/** `config.qc`. Unknown fields are refused: a misspelled bound would hold nothing. */
export const QcConfig = z.strictObject({
  metrics: z.record(z.string(), MetricBound).optional(),
  /** Where each parameter may lie at all: a value outside it is a mistake, however well the chain converged. */
  plausible: z.record(z.string(), Range).optional(),
  convergence: ConvergenceBound.extend({
    parameters: z.record(z.string(), ConvergenceBound).optional(),
  }).optional(),
  outputs: z.record(z.string(), OutputBound).optional(),
  numeric: NumericBounds.optional(),
  /** Gates that are left out. */
  skip: z.array(z.enum(qcSkips)).optional(),
  require: z.array(z.enum(qcRequirements)).optional(),
  /** Shell command run in the run's directory when everything else passed; exit 0 passes. */
  check: z.string().min(1).optional(),
  /** Default 60. */
  checkTimeoutSeconds: z.number().positive().max(3600).optional(),
});
export type QcConfig = z.infer<typeof QcConfig>;
export type ConvergenceBound = z.infer<typeof ConvergenceBound>;

const Hashed = z.object({
  path: z.string(),
  bytes: z.number().nullable(),
  modifiedAt: z.number().nullable(),
  /** Hex. null: not known, and `reason` says why. It is always of the content, never of size and time. */
  sha256: z.string().nullable(),
  reason: z.string().nullable(),
});
export type Hashed = z.infer<typeof Hashed>;

/** What is needed to do the run again, as found when it started. null: unknown. */
export const Reproduction = z.object({
  capturedAt: z.number(),
  /** False while inputs are still hashed, or when the lab was stopped meanwhile. */
  complete: z.boolean(),
  script: Hashed.nullable(),
  template: z.string().nullable(),
  /** Of the effective config: the experiment's over its template's. */
  configSha256: z.string(),
  git: z
    .object({
      root: z.string(),
      revision: z.string().nullable(),
      branch: z.string().nullable(),
      /** Tracked files differ from the revision. */
      dirty: z.boolean().nullable(),
      /** Without credentials. */
      remote: z.string().nullable(),
    })
    .nullable(),
  inputs: z.array(Hashed),
  /** Inputs beyond the thousandth, which are not in the record. */
  inputsLeft: z.number().int(),
  environment: z
    .object({
      interpreter: z.object({ program: z.string(), version: z.string() }).nullable(),
      /** `name==version`, sorted; from the interpreter or from conda. */
      packages: z.array(z.string()).nullable(),
      /** requirements.txt, renv.lock, Manifest.toml and the like beside the script. */
      lockFiles: z.array(Hashed),
      /** Only names of a fixed list that holds no secrets. */
      variables: z.record(z.string(), z.string()),
    })
    .nullable(),
  /** Every `seed` and `seeds` of the config, by path. */
  seeds: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number())])),
  host: z
    .object({
      name: z.string(),
      kernel: z.string().nullable(),
      arch: z.string().nullable(),
      cpu: z.string().nullable(),
      cpus: z.number().nullable(),
      memoryBytes: z.number().nullable(),
      gpus: z.array(z.string()),
      driver: z.string().nullable(),
    })
    .nullable(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  /** What was not the same any more when it ended, in words. */
  changed: z.array(z.string()),
});
export type Reproduction = z.infer<typeof Reproduction>;

/** One judgement: when the run ended, or when somebody asked again. */
export const QcJudgement = z.object({
  at: z.number(),
  by: z.string(),
  verdict: QcVerdict,
  score: z.number().nullable(),
  result: z.string(),
});
export type QcJudgement = z.infer<typeof QcJudgement>;

/** Everything about the QC of one attempt. */
export const QcReport = z.object({
  id: z.string(),
  experimentId: z.string(),
  attempt: z.number().int(),
  /** That of the override where there is one. null: this attempt was not judged (cancelled, lost, or still at work). */
  verdict: QcVerdict.nullable(),
  score: z.number().nullable(),
  /** One line. */
  result: z.string().nullable(),
  checks: z.array(QcCheck),
  /** The last 4 KiB that the check command wrote. */
  checkOutput: z.string().nullable(),
  override: QcOverride.nullable(),
  /** What each judgement said, oldest first; the last 20. */
  judgements: z.array(QcJudgement),
  reproduction: Reproduction.nullable(),
});
export type QcReport = z.infer<typeof QcReport>;

/** Body of POST /v1/experiments/{id}/qc. */
export const QcRerun = z.object({
  /** An override stays otherwise, over whatever the checks say now. */
  clearOverride: z.boolean().default(false),
});

/** Body of PATCH /v1/experiments/{id}/qc. */
export const QcOverrideRequest = z.object({
  verdict: QcVerdict,
  /** Why: it stays with the experiment. */
  note: z.string().trim().min(1, "needs a note that says why").max(2000),
});
export type QcOverrideRequest = z.infer<typeof QcOverrideRequest>;
