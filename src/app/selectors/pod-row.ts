import type { Pod, TelemetrySample } from "../../contract/pod.js";

/** A pod as its row shows it. null is unknown. */
export interface PodRow {
  readonly pod: Pod;
  /** Now: of the GPUs, or of the CPU where there is no GPU; null of what does not run. */
  readonly utilPercent: number | null;
  readonly memoryPercent: number | null;
  /** What its idle time has cost so far. */
  readonly wastedUsd: number | null;
  /** When it was last heard of. */
  readonly heardAt: number | null;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** From here on a pod without work is said to be idle. */
const idleFromMs = 5 * minuteMs;

export function podRow(pod: Pod, samples: readonly TelemetrySample[]): PodRow {
  const last = newestOf(pod, samples);
  const hasGpu = pod.gpuCount > 0;
  const util = hasGpu ? last?.gpuUtilPercent : last?.cpuPercent;
  return {
    pod,
    utilPercent: pod.status === "running" ? (util ?? null) : null,
    memoryPercent: last === null ? null : hasGpu ? last.gpuMemoryPercent : usedPercent(last),
    wastedUsd: wastedUsd(pod),
    heardAt: last?.at ?? null,
  };
}

/** Samples and the list of pods come by ways of their own: the newer counts. */
function newestOf({ last }: Pod, samples: readonly TelemetrySample[]): TelemetrySample | null {
  const newest = samples.at(-1);
  return newest !== undefined && newest.at >= (last?.at ?? -Infinity) ? newest : last;
}

function usedPercent({ memoryUsedBytes, memoryTotalBytes }: TelemetrySample): number | null {
  if (memoryUsedBytes === null || memoryTotalBytes === null || memoryTotalBytes === 0) return null;
  return (100 * memoryUsedBytes) / memoryTotalBytes;
}

/** What bills while it runs. A machine of one's own costs nothing that it would not cost anyway. */
export function isBilling({ status, costPerHourUsd }: Pod): boolean {
  return (status === "running" || status === "creating") && costPerHourUsd !== null && costPerHourUsd > 0;
}

/** How long it has had no work; null when it works, does not run, or nobody knows. */
export function idleMs({ status, idleMinutes }: Pod): number | null {
  return status !== "running" || idleMinutes === null || idleMinutes < 1 ? null : idleMinutes * minuteMs;
}

/** Money goes for nothing. */
export function isWasting(pod: Pod): boolean {
  return isBilling(pod) && (idleMs(pod) ?? 0) >= idleFromMs;
}

/** As the lab has counted it; else by the price of now. */
function wastedUsd(pod: Pod): number | null {
  if (pod.wastedUsd !== null) return pod.wastedUsd;
  const { idleMinutes, costPerHourUsd } = pod;
  return idleMinutes === null || costPerHourUsd === null ? null : ((idleMinutes * minuteMs) / hourMs) * costPerHourUsd;
}

export interface PodEnd {
  readonly at: number;
  readonly why: "idle" | "max hours";
  readonly action: "stop" | "terminate";
}

/** What will end it by itself, the next first. */
export function podEnds({ status, autoStopAt, maxHoursAt, maxHoursAction }: Pod): readonly PodEnd[] {
  if (status !== "running" && status !== "creating") return [];
  const ends: PodEnd[] = [];
  if (autoStopAt !== null) ends.push({ at: autoStopAt, why: "idle", action: "stop" });
  if (maxHoursAt !== null) ends.push({ at: maxHoursAt, why: "max hours", action: maxHoursAction ?? "stop" });
  return ends.sort((a, b) => a.at - b.at);
}
