import { z } from "zod";

/** USD on the wire; the lab counts in whole micro-dollars. null is unknown, never zero. */
const Usd = z.number().nullable();

/** Cost of one pod, experiment or queue over the month. `estimated`: some of its hours are not billed yet. */
export const CostRow = z.object({
  id: z.string(),
  /** Pod name, display id or queue name. */
  name: z.string(),
  todayUsd: Usd,
  monthUsd: Usd,
  gpuHours: z.number().nullable(),
  idleUsd: Usd,
  /** Of the disk of a stopped pod, in `monthUsd` already. */
  diskUsd: Usd,
  estimated: z.boolean(),
});
export type CostRow = z.infer<typeof CostRow>;

/** One bar of a chart. */
export const CostPoint = z.object({ at: z.number(), usd: z.number(), idleUsd: z.number(), estimated: z.boolean() });
export type CostPoint = z.infer<typeof CostPoint>;

export const budgetStates = ["none", "ok", "warn", "over"] as const;

/**
 * GET /v1/costs and `costs:summary`: the seed's keys (hubify-api §2, decision 19: `summary` with month, gpuUsd, llmUsd, storageUsd,
 * totalUsd, gpuHours, budgetUsd, liveRunning; `experiments`), and ours.
 */
export const Costs = z.object({
  asOf: z.number(),
  summary: z.object({
    /** `2026-11`, of the lab's own time zone. */
    month: z.string(),
    gpuUsd: Usd,
    llmUsd: Usd,
    storageUsd: Usd,
    totalUsd: Usd,
    gpuHours: z.number().nullable(),
    budgetUsd: Usd,
    liveRunning: z.object({ podCount: z.number().int(), hourlyUsd: Usd, costUsd: Usd }),
  }),
  todayUsd: Usd,
  /** Spent on pods that idled. */
  idleTodayUsd: Usd,
  idleMonthUsd: Usd,
  /** What disks of stopped pods cost per hour now. */
  stoppedDiskHourlyUsd: Usd,
  /** Month to date and the present burn until its end. */
  projectedMonthUsd: Usd,
  /** Some hours of the month are not billed yet. */
  estimated: z.boolean(),
  /** ms; up to here the numbers are those of the provider's bill. */
  billedUntil: z.number().nullable(),
  budget: z.object({
    state: z.enum(budgetStates),
    monthlyUsd: Usd,
    warnUsd: Usd,
    hardLimitUsd: Usd,
    /** Why the queue stands still, where the budget is the reason. */
    queuePaused: z.string().nullable(),
  }),
  balance: z.object({
    usd: Usd,
    /** Hours until it is used up at the present burn. */
    runwayHours: z.number().nullable(),
    /** Why it is unknown. */
    reason: z.string().nullable(),
  }),
  pods: z.array(CostRow),
  experiments: z.array(CostRow),
  queues: z.array(CostRow),
  /** The last 24 hours, oldest first. */
  hours: z.array(CostPoint),
  /** The days of this month, and of the 30 before it at most. */
  days: z.array(CostPoint),
});
export type Costs = z.infer<typeof Costs>;

/** GET /v1/pods/costs: one month by pod. */
export const PodCosts = z.object({
  /** `2026-11` */
  month: z.string(),
  totalUsd: Usd,
  gpuHours: z.number().nullable(),
  estimated: z.boolean(),
  pods: z.array(CostRow),
});
export type PodCosts = z.infer<typeof PodCosts>;

/** A row of GET /v1/experiments/costs (hubify-api §2, decision 18): what an experiment cost on one pod. */
export const ExperimentCost = z.object({
  _id: z.string(),
  labId: z.string(),
  /** Document id; `displayId` is `EXP-054`. */
  experimentId: z.string(),
  displayId: z.string(),
  podId: z.string(),
  gpuType: z.string().nullable(),
  gpuHours: z.number(),
  costUsd: z.number(),
  estimated: z.boolean(),
  /** ms; of its first hour. */
  createdAt: z.number(),
});
export type ExperimentCost = z.infer<typeof ExperimentCost>;
