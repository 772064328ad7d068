import { z } from "zod";
import { podStatuses } from "./vocabulary.js";

export const PodStatus = z.enum(podStatuses);
export type PodStatus = z.infer<typeof PodStatus>;

/** One GPU of a pod. null is unknown, never zero. */
export const Gpu = z.object({
  uuid: z.string(),
  index: z.number().int(),
  name: z.string(),
  utilPercent: z.number().nullable(),
  memoryUsedMiB: z.number().nullable(),
  memoryTotalMiB: z.number().nullable(),
  temperatureC: z.number().nullable(),
  powerW: z.number().nullable(),
});
export type Gpu = z.infer<typeof Gpu>;

/** One telemetry sample of a pod at a moment. */
export const TelemetrySample = z.object({
  podId: z.string(),
  at: z.number(),
  cpuPercent: z.number().nullable(),
  memoryUsedBytes: z.number().nullable(),
  memoryTotalBytes: z.number().nullable(),
  loadAverage: z.number().nullable(),
  /** Mean over the pod's GPUs. */
  gpuUtilPercent: z.number().nullable(),
  gpuMemoryPercent: z.number().nullable(),
  /** What the pod costs per hour at that moment. */
  costPerHourUsd: z.number().nullable(),
});
export type TelemetrySample = z.infer<typeof TelemetrySample>;

export const Pod = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  labId: z.string(),
  provider: z.string(),
  name: z.string(),
  gpuType: z.string(),
  gpuCount: z.number().int(),
  status: PodStatus,
  /** Why it is in this state, in the provider's own words where it has any. */
  statusReason: z.string().nullable(),
  /** False while it drains: running experiments go on, new ones are not started. */
  acceptsWork: z.boolean(),
  slots: z.number().int(),
  slotsUsed: z.number().int(),
  gpus: z.array(Gpu),
  costPerHourUsd: z.number().nullable(),
  costTodayUsd: z.number().nullable(),
  /** Minutes without work; null is unknown, 0 is working. */
  idleMinutes: z.number().nullable(),
  /** Display ids of the experiments running there. */
  experiments: z.array(z.string()),
  last: TelemetrySample.nullable(),
  startedAt: z.number().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Pod = z.infer<typeof Pod>;
