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

/** What one GPU did at a moment; the order is that of the pod's `gpus`. null is unknown, never zero. */
export const GpuSample = z.object({
  utilPercent: z.number().nullable(),
  memoryPercent: z.number().nullable(),
  temperatureC: z.number().nullable(),
  powerW: z.number().nullable(),
});
export type GpuSample = z.infer<typeof GpuSample>;

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
  /** Empty where the provider tells of no single GPU. */
  gpus: z.array(GpuSample).default([]),
});
export type TelemetrySample = z.infer<typeof TelemetrySample>;

/** How to log in. Never a key: whoever connects uses their own. */
export const SshAccess = z.object({
  host: z.string(),
  port: z.number().int(),
  username: z.string(),
  /** `proxy` is RunPod's relay: an interactive shell only, no commands, no copying of files. */
  via: z.enum(["direct", "proxy"]),
});
export type SshAccess = z.infer<typeof SshAccess>;

export const PodPort = z.object({
  private: z.number().int(),
  public: z.number().int().nullable(),
  type: z.string(),
  ip: z.string().nullable(),
});

/** What is wrong with a pod although its status may look well. Shown in red, never hidden. */
export const PodTrouble = z.object({
  /** `error` `zeroGpu` `volumeGone` `vanished` `neverBooted` `unreachable` `hostKeyChanged` `noSshd` `diskFull` `clockWrong` `stopFailed` `providerDown`; others may come. */
  code: z.string(),
  /** In words, with what to do: `came up without a GPU: the host gave it away; r tries again, n makes a new one`. */
  message: z.string(),
});
export type PodTrouble = z.infer<typeof PodTrouble>;

/** An experiment of the queue that this pod could run now, and why this one. */
export const PodProposal = z.object({
  /** Document id. */
  id: z.string(),
  /** `EXP-056`. */
  experimentId: z.string(),
  reason: z.string(),
});
export type PodProposal = z.infer<typeof PodProposal>;

/** What a rented pod has beside what every machine has. Defaults: an older lab, or a provider that does not say. */
const rentedPod = {
  /** The provider's own id, `7h9k2m4n6p` at RunPod. */
  providerId: z.string().nullable().default(null),
  /** The provider's own word for its state. */
  providerStatus: z.string().nullable().default(null),
  trouble: PodTrouble.nullable().default(null),
  /** What the provider would accept now: start stop restart terminate. */
  actions: z.array(z.string()).default([]),
  region: z.string().nullable().default(null),
  /** SECURE or COMMUNITY at RunPod. */
  cloud: z.string().nullable().default(null),
  image: z.string().nullable().default(null),
  diskGb: z.number().nullable().default(null),
  volumeGb: z.number().nullable().default(null),
  /** What its volume costs per 730 h while it is stopped. */
  stoppedCostPerMonthUsd: z.number().nullable().default(null),
  /** What it costs an hour when it runs, as last seen; of a stopped one, whose `costPerHourUsd` is 0. null: unknown. */
  runningCostPerHourUsd: z.number().nullable().default(null),
  locked: z.boolean().default(false),
  /** The lab made it: only those are stopped by themselves. */
  createdByLab: z.boolean().default(false),
  ssh: SshAccess.nullable().default(null),
  /** Why there is no `ssh`, in words. */
  sshReason: z.string().nullable().default(null),
  ports: z.array(PodPort).default([]),
  /** Values of secrets are masked by the lab: they never leave it. */
  env: z.record(z.string(), z.string()).default({}),
  /** ms; since when it has no work. null: works, or unknown. */
  idleSince: z.number().nullable().default(null),
  /** `memory held, no work`. */
  idleReason: z.string().nullable().default(null),
  /** What the present idle stretch has cost so far. */
  wastedUsd: z.number().nullable().default(null),
  /** ms; when it will be stopped for idleness. null: it won't be. */
  autoStopAt: z.number().nullable().default(null),
  /** ms; end of its max hours. */
  maxHoursAt: z.number().nullable().default(null),
  /** Terminate is the seed's rule and happens only when every output is home; else it is stopped. */
  maxHoursAction: z.enum(["terminate", "stop"]).nullable().default(null),
  costMonthUsd: z.number().nullable().default(null),
  /** Today's and this month's cost hold hours that the provider has not billed yet. */
  costEstimated: z.boolean().default(false),
  proposal: PodProposal.nullable().default(null),
  /** Display ids of experiments whose outputs are only on the pod. */
  unsynced: z.array(z.string()).default([]),
  /** Last line of the provider's system log while it comes up: pulling, creating, starting. */
  lastSystemLine: z.string().nullable().default(null),
  /** It serves every lab of the server: a machine of its own. `slotsUsed` are those of all labs, `experiments` are the asking one's. */
  shared: z.boolean().default(false),
};

/** `rentedPod` as values, for what has none of it. */
export const notRented = z.object(rentedPod).parse({});

export const Pod = z.object({
  ...rentedPod,
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  /** Of a shared machine: the lab through which it is seen, where its own is not the caller's to know. */
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

/** Body of POST /v1/pods: fields and defaults of the Pods API seed; below the line is ours. */
export const NewPod = z.strictObject({
  labId: z.string().min(1),
  /** H200, H100, A100 (or a RunPod id such as `NVIDIA H200`); `CPU` for none. */
  gpuType: z.string().min(1),
  gpuCount: z.number().int().min(1).max(64).default(1),
  /** A year at most: beyond that it is a slip of the finger. */
  maxHours: z.number().positive().max(8760).optional(),
  /** Default: the provider's own, since the seed's `hubify/base:latest` is on no registry. */
  image: z.string().min(1).optional(),
  env: z.record(z.string(), z.string()).default({}),
  /** GB of persistent volume; 0 for none. */
  volumeSize: z.number().int().nonnegative().max(100_000).default(50),
  // ---
  provider: z.string().default("runpod"),
  name: z.string().trim().min(1).max(60).optional(),
  maxHoursAction: z.enum(["terminate", "stop"]).default("terminate"),
  /** GB of container disk, wiped at every stop. */
  diskSize: z.number().int().positive().max(100_000).default(50),
  /** Try these places only, in this order. */
  regions: z.array(z.string()).default([]),
  cloud: z.enum(["SECURE", "COMMUNITY"]).default("SECURE"),
  ports: z.array(z.string()).default(["22/tcp"]),
  /** Refuse candidates that cost more. */
  maxCostPerHourUsd: z.number().positive().optional(),
  /** Of templates and network volumes of the provider's account. */
  templateId: z.string().optional(),
  networkVolumeId: z.string().optional(),
});
export type NewPod = z.input<typeof NewPod>;

/** Body of PATCH /v1/pods/{id}. */
export const PodPatch = z.strictObject({
  name: z.string().trim().min(1).max(60).optional(),
  locked: z.boolean().optional(),
  /** ms; not stopped for idleness before then. null: the rule of the lab again. */
  postponeAutoStopUntil: z.number().nullable().optional(),
  /** Stop it by itself when it idles; null: the rule of the lab. */
  autoStop: z.boolean().nullable().optional(),
});
export type PodPatch = z.infer<typeof PodPatch>;

/** One GPU type at one provider: what it costs and where it is to be had. */
export const StockRow = z.object({
  provider: z.string(),
  /** The provider's id, `NVIDIA H200`; what NewPod.gpuType takes. */
  gpuType: z.string(),
  name: z.string(),
  memoryGb: z.number().nullable(),
  maxCount: z.number().nullable(),
  cloud: z.string(),
  costPerHourUsd: z.number().nullable(),
  /** What a GB of its volume costs per 730 h while the pod is stopped; null is unknown. */
  stoppedUsdPerGbMonth: z.number().nullable().default(null),
  /** The best of all places: high medium low none, or a word of the provider; null is unknown. */
  stock: z.string().nullable(),
  regions: z.array(z.object({ id: z.string(), name: z.string(), stock: z.string().nullable() })),
});
export type StockRow = z.infer<typeof StockRow>;

/** A line of a pod's own log (not of an experiment). `source`: container or system. */
export const PodLogLine = z.object({ id: z.string(), at: z.number().nullable(), source: z.string(), line: z.string() });
export type PodLogLine = z.infer<typeof PodLogLine>;
