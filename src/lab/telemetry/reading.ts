import type { Insertable } from "kysely";
import type { GpuSample, TelemetrySample } from "../../contract/pod.js";
import type { SamplesTable } from "../store/schema.js";
import type { SampleRow } from "./thin.js";

/** One look at one pod. */
export interface Reading {
  readonly podId: string;
  /** Whose pod it is; null: it serves every lab. */
  readonly labId: string | null;
  /** null: it is not running, or there is no telemetry of it. Nothing is stored then, and its idle time is unknown. */
  readonly sample: Omit<TelemetrySample, "podId" | "at" | "costPerHourUsd"> | null;
  readonly costPerHourUsd: number | null;
  /** Slots that experiments of this lab have on it. */
  readonly slotsUsed: number | null;
  readonly gpuCount: number;
  readonly uptimeSeconds?: number | null | undefined;
  readonly isThisMachine?: boolean | undefined;
}

/** A number that can be: null where it is none, or lies outside. */
function within(value: number | null | undefined, least: number, most: number): number | null {
  return typeof value === "number" && value >= least && value <= most ? value : null;
}

const percent = (value: number | null | undefined) => within(value, 0, 100);
const hottestC = 150;
const mostWatts = 5_000;

const cleanGpu = (gpu: GpuSample): GpuSample => ({
  utilPercent: percent(gpu.utilPercent),
  memoryPercent: percent(gpu.memoryPercent),
  temperatureC: within(gpu.temperatureC, -50, hottestC),
  powerW: within(gpu.powerW, 0, mostWatts),
});

/** What a provider told, without what can't be: a negative load or 300 % are unknown, like what it did not tell. */
export function cleanSample(reading: Reading, at: number): TelemetrySample | null {
  const { sample, podId } = reading;
  if (sample === null) return null;
  const gpus = sample.gpus.map(cleanGpu);
  const total = within(sample.memoryTotalBytes, 1, Number.MAX_SAFE_INTEGER);
  return {
    podId,
    at: Math.round(at),
    cpuPercent: percent(sample.cpuPercent),
    memoryUsedBytes: within(sample.memoryUsedBytes, 0, total ?? Number.MAX_SAFE_INTEGER),
    memoryTotalBytes: total,
    loadAverage: within(sample.loadAverage, 0, 1e6),
    gpuUtilPercent: percent(sample.gpuUtilPercent ?? mean(gpus.map(({ utilPercent }) => utilPercent))),
    gpuMemoryPercent: percent(sample.gpuMemoryPercent ?? mean(gpus.map(({ memoryPercent }) => memoryPercent))),
    costPerHourUsd: within(reading.costPerHourUsd, 0, 1e6),
    gpus,
  };
}

/** Of the known values; null when there are none. */
export function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

export function toRow(
  sample: TelemetrySample,
  { slotsUsed, idleSince }: { slotsUsed: number | null; idleSince: number | null },
): Required<Insertable<SamplesTable>> {
  return {
    pod_id: sample.podId,
    at: sample.at,
    resolution_ms: 0,
    cpu_percent: sample.cpuPercent,
    memory_used_bytes: sample.memoryUsedBytes,
    memory_total_bytes: sample.memoryTotalBytes,
    load_average: sample.loadAverage,
    gpu_util_percent: sample.gpuUtilPercent,
    gpu_memory_percent: sample.gpuMemoryPercent,
    cost_per_hour_usd: sample.costPerHourUsd,
    slots_used: slotsUsed,
    gpus: sample.gpus.length === 0 ? null : JSON.stringify(sample.gpus),
    idle_since: idleSince,
  };
}

export function toSample(row: Omit<SampleRow, "slots_used" | "resolution_ms" | "idle_since">): TelemetrySample {
  return {
    podId: row.pod_id,
    at: row.at,
    cpuPercent: row.cpu_percent,
    memoryUsedBytes: row.memory_used_bytes,
    memoryTotalBytes: row.memory_total_bytes,
    loadAverage: row.load_average,
    gpuUtilPercent: row.gpu_util_percent,
    gpuMemoryPercent: row.gpu_memory_percent,
    costPerHourUsd: row.cost_per_hour_usd,
    gpus: row.gpus === null ? [] : (JSON.parse(row.gpus) as GpuSample[]),
  };
}
