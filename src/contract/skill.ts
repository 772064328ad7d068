import { z } from "zod";

// The older product's skills and what executions teach about them (Convex API seed). They belong to the server, not to one lab.

/** MAJOR.MINOR.PATCH, perhaps with a pre-release: `1.2.0`, `2.0.0-beta.1`. */
const semver =
  /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-((?:0|[1-9]\d{0,8}|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d{0,8}|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?$/;

export const SkillVersion = z.string().max(64).regex(semver, "must be a semantic version: 1.2.0");

/** Below zero: `a` comes before `b`. Order of semver.org, without build metadata; both are versions. */
export function compareVersions(a: string, b: string): number {
  const [, ...left] = semver.exec(a) ?? [];
  const [, ...right] = semver.exec(b) ?? [];
  for (const index of [0, 1, 2]) {
    const difference = Number(left[index]) - Number(right[index]);
    if (difference !== 0) return difference;
  }
  const [first, second] = [left[3], right[3]];
  if (first === undefined || second === undefined) return Number(first === undefined) - Number(second === undefined);
  return comparePrereleases(first.split("."), second.split("."));
}

/** Numbers come before words; of two that begin alike the longer comes later. */
function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  for (const [index, a] of left.entries()) {
    const b = right[index];
    if (b === undefined) return 1;
    if (a === b) continue;
    const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
    if (aIsNumber && bIsNumber) return Number(a) - Number(b);
    if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
}

export const SkillName = z
  .string()
  .max(100)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, "must be lower-case words joined by dashes: typescript-strict-mode")
  .refine((name) => name !== "search", "is the address of the search; take another name");

/** One version of a skill, without its content. */
export const SkillSummary = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  name: z.string(),
  version: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  /** 0..100: how likely its next execution succeeds, as far as executions tell. */
  confidence: z.number().int(),
  /** Reported executions of this version. */
  executions: z.number().int(),
  /** What it came from: an earlier version of it, or another skill. */
  parent: z.object({ name: z.string(), version: z.string() }).nullable(),
  /** `superseded`: a later version is registered. */
  status: z.enum(["active", "superseded"]),
  createdBy: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type SkillSummary = z.infer<typeof SkillSummary>;

export const Skill = SkillSummary.extend({ content: z.string().nullable() });
export type Skill = z.infer<typeof Skill>;

/** Arguments of skills:register. */
export const NewSkill = z.object({
  name: SkillName,
  version: SkillVersion,
  description: z.string().trim().min(1).max(2_000),
  content: z.string().max(500_000).optional(),
  tags: z.array(z.string().trim().min(1).max(50)).max(50).default([]),
  /** Name of the skill that the first version was made from. */
  parent: SkillName.optional(),
});
export type NewSkill = z.input<typeof NewSkill>;

export const outcomes = ["success", "failure", "partial"] as const;
export const ExecutionOutcome = z.enum(outcomes);
export type ExecutionOutcome = z.infer<typeof ExecutionOutcome>;

/** How many executions have ended each way. */
export interface Evidence {
  readonly successes: number;
  readonly failures: number;
  readonly partials: number;
}

/** What a version that nobody has executed counts as having seen. */
const priorExecutions = 2;

/**
 * 0..100: the mean of Beta(successes + a, failures + b), where a partial success is half of each. a + b is 2; their ratio is `prior`
 * (0..1): even for a new skill, and for a later version the confidence that its parent had when it was registered.
 */
export function confidenceOf({ successes, failures, partials }: Evidence, prior: number): number {
  const won = successes + partials / 2 + priorExecutions * prior;
  return (100 * won) / (successes + failures + partials + priorExecutions);
}

/** A report of an execution: arguments of learning:report. */
export const NewLearning = z.object({
  skillName: SkillName,
  /** Default is the newest version. */
  version: SkillVersion.optional(),
  outcome: ExecutionOutcome,
  /** What executed it: `claude-code`. */
  platform: z.string().trim().min(1).max(64).optional(),
  note: z.string().trim().max(5_000).optional(),
  durationMs: z.number().nonnegative().max(1e12).optional(),
});
export type NewLearning = z.infer<typeof NewLearning>;

export const Learning = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  skillName: z.string(),
  version: z.string(),
  outcome: ExecutionOutcome,
  platform: z.string().nullable(),
  note: z.string().nullable(),
  durationMs: z.number().nullable(),
  /** Who reported it. */
  actor: z.string(),
  createdAt: z.number(),
});
export type Learning = z.infer<typeof Learning>;

const count = z.number().int().nonnegative();
const rate = z.number().nullable();

/** All rates are 0..1, a partial success counting half; null where nothing was reported. */
export const LearningStats = z.object({
  skillName: z.string(),
  /** null: all of them together. */
  version: z.string().nullable(),
  /** Of that version, or of the newest. */
  confidence: z.number().int(),
  runs: count,
  successes: count,
  failures: count,
  partials: count,
  successRate: rate,
  meanDurationMs: z.number().nullable(),
  /** Most used first. */
  byPlatform: z.array(z.object({ platform: z.string().nullable(), runs: count, successRate: rate })),
  /** Days UTC, oldest first, with those on which nothing was reported. */
  last30Days: z.array(z.object({ day: z.string(), runs: count, successRate: rate })),
  /** The last 7 of those days against the 23 before; null when either has fewer than 3 runs. */
  trend: z.enum(["improving", "declining", "steady"]).nullable(),
});
export type LearningStats = z.infer<typeof LearningStats>;
