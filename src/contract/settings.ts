import { z } from "zod";

/** Settings of a lab: GET and PATCH /v1/labs/{slug}/settings. `idleAlertMinutes` and `autoScheduleEnabled` are the Pods API seed's. */
export const LabSettings = z.object({
  /** A rented pod without work is an alert from here on. */
  idleAlertMinutes: z.number().int().positive().default(15),
  /** Rented pods without work are stopped after this; null: never. */
  autoStopIdleHours: z.number().positive().nullable().default(6),
  /** Stop idle pods too that the lab did not make. */
  autoStopForeignPods: z.boolean().default(false),
  /** Queued experiments are put on idle pods without asking. */
  autoScheduleEnabled: z.boolean().default(false),
  /** USD per calendar month; null: no budget. */
  budgetMonthlyUsd: z.number().positive().nullable().default(null),
  /** Warned from this part of the budget on. */
  budgetWarnPercent: z.number().positive().max(100).default(80),
  /** USD per month at which the queue pauses. Nothing that runs is stopped. */
  budgetHardLimitUsd: z.number().positive().nullable().default(null),
  /** Logs of finished attempts are removed this long after their end; null: kept for ever. Metrics and outputs stay. */
  logRetentionDays: z.number().positive().max(36_500).nullable().default(null),
  /** GB (10⁹ bytes) of logs that are kept; of more the oldest finished ones are removed. null: all. */
  logRetentionGb: z.number().positive().nullable().default(null),
});
export type LabSettings = z.infer<typeof LabSettings>;

export const LabSettingsPatch = z.strictObject({
  idleAlertMinutes: LabSettings.shape.idleAlertMinutes.unwrap().optional(),
  autoStopIdleHours: LabSettings.shape.autoStopIdleHours.unwrap().optional(),
  autoStopForeignPods: z.boolean().optional(),
  autoScheduleEnabled: z.boolean().optional(),
  budgetMonthlyUsd: LabSettings.shape.budgetMonthlyUsd.unwrap().optional(),
  budgetWarnPercent: LabSettings.shape.budgetWarnPercent.unwrap().optional(),
  budgetHardLimitUsd: LabSettings.shape.budgetHardLimitUsd.unwrap().optional(),
  logRetentionDays: LabSettings.shape.logRetentionDays.unwrap().optional(),
  logRetentionGb: LabSettings.shape.logRetentionGb.unwrap().optional(),
});
export type LabSettingsPatch = z.infer<typeof LabSettingsPatch>;
