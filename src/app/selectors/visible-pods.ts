import type { Pod, TelemetrySample } from "../../contract/pod.js";
import { podStatuses } from "../../contract/vocabulary.js";
import { memoLast } from "../memo.js";
import type { PodsState } from "../slices/pods.js";
import { compileFilter, type FilterFields } from "./filter.js";

/** A pod as its row shows it. Series are one value a sample, oldest first; null where the sample did not know. */
export interface PodRow {
  readonly pod: Pod;
  /** GPU utilisation; of the CPU where there is no GPU. */
  readonly utilPercent: readonly (number | null)[];
  readonly memoryPercent: number | null;
  readonly costPerHourUsd: readonly (number | null)[];
  /** What its idle time has cost so far; null if unknown. */
  readonly wastedUsd: number | null;
}

export interface PodsView {
  readonly rows: readonly PodRow[];
  /** Pods before the filter. */
  readonly total: number;
  readonly problems: readonly string[];
}

const podFilter: FilterFields<Pod> = {
  text: (pod) => `${pod.name} ${pod.gpuType} ${pod.provider} ${pod.experiments.join(" ")}`,
  fields: {
    status: { read: (pod) => pod.status, match: "start", values: podStatuses },
    gpu: { read: (pod) => pod.gpuType, match: "words" },
    name: { read: (pod) => pod.name, match: "words" },
    provider: { read: (pod) => pod.provider, match: "words" },
    id: { read: (pod) => pod._id, match: "words" },
    experiment: { read: (pod) => pod.experiments.join(" "), match: "words" },
  },
};

const minutesPerHour = 60;

/** How far back the sparklines reach. */
export const sampleWindowMs = 15 * 60_000;

function podRow(pod: Pod, held: readonly TelemetrySample[]): PodRow {
  const startMs = (held.at(-1)?.at ?? 0) - sampleWindowMs;
  const samples = held.filter(({ at }) => at >= startMs);
  const hasGpu = pod.gpuCount > 0;
  const { idleMinutes, costPerHourUsd, last } = pod;
  return {
    pod,
    utilPercent: samples.map((sample) => (hasGpu ? sample.gpuUtilPercent : sample.cpuPercent)),
    memoryPercent: last === null ? null : hasGpu ? last.gpuMemoryPercent : usedPercent(last),
    costPerHourUsd: samples.map((sample) => sample.costPerHourUsd),
    wastedUsd: idleMinutes === null || costPerHourUsd === null ? null : (idleMinutes / minutesPerHour) * costPerHourUsd,
  };
}

function usedPercent({ memoryUsedBytes, memoryTotalBytes }: TelemetrySample): number | null {
  if (memoryUsedBytes === null || memoryTotalBytes === null || memoryTotalBytes === 0) return null;
  return (100 * memoryUsedBytes) / memoryTotalBytes;
}

const none: readonly TelemetrySample[] = [];

const viewOf = memoLast((rows: readonly Pod[], samples: PodsState["samples"], filter: string): PodsView => {
  const { matches, problems } = compileFilter(filter, podFilter);
  return {
    rows: rows.filter(matches).map((pod) => podRow(pod, samples[pod._id] ?? none)),
    total: rows.length,
    problems,
  };
});

export function visiblePods(state: PodsState): PodsView {
  return viewOf(state.rows, state.samples, state.filter);
}

export function selectedPod(state: PodsState): Pod | undefined {
  return state.rows.find((pod) => pod._id === state.selectedId);
}
