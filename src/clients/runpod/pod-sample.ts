import type { SeenPod } from "../../contract/provider.js";
import type { RunpodPod } from "./pod.js";

/** Bytes of a GB as RunPod counts host memory. */
const gb = 1e9;

/**
 * What a pod does now; null when its host tells nothing. A field that is missing is unknown. Only a running pod's: RunPod
 * keeps telling the last numbers of one that has stopped (runpod-api §9).
 */
export function sampleOfPod(pod: RunpodPod): SeenPod["sample"] {
  const { runtime, status } = pod;
  if (status !== "RUNNING" || runtime === null) return null;
  const gpus = runtime.gpus.map(({ util, memoryUtil }) => ({
    utilPercent: util,
    memoryPercent: memoryUtil,
    temperatureC: null,
    powerW: null,
  }));
  const memoryPercent = runtime.memory?.util ?? null;
  const sample = {
    cpuPercent: runtime.cpu?.util ?? null,
    ...hostMemory(pod, memoryPercent),
    loadAverage: null,
    gpuUtilPercent: mean(gpus.map(({ utilPercent }) => utilPercent)),
    gpuMemoryPercent: mean(gpus.map((gpu) => gpu.memoryPercent)),
    gpus,
  };
  const told = [sample.cpuPercent, memoryPercent, sample.gpuUtilPercent, sample.gpuMemoryPercent];
  return told.every((value) => value === null) ? null : sample;
}

function hostMemory({ gpu, cpu }: RunpodPod, percent: number | null) {
  const hostGb = gpu?.memory ?? cpu?.memory ?? null;
  const memoryTotalBytes = hostGb === null ? null : hostGb * gb;
  const isKnown = percent !== null && memoryTotalBytes !== null;
  return { memoryUsedBytes: isKnown ? Math.round((percent / 100) * memoryTotalBytes) : null, memoryTotalBytes };
}

/** Of what is known; null when nothing is. */
function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
