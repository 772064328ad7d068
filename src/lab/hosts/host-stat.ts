import type { Gpu, TelemetrySample } from "../../contract/pod.js";
import { parseGpuLine } from "../telemetry/gpu.js";
import { cpuPercent, parseCpuTimes, parseMemory } from "../telemetry/host.js";

/** What a host uses now, as a telemetry sample names it. null is unknown, never zero. */
export interface HostStat {
  readonly sample: Omit<TelemetrySample, "podId" | "at" | "costPerHourUsd">;
  readonly gpus: readonly Gpu[];
  readonly disk: { readonly totalBytes: number; readonly freeBytes: number } | null;
  /** How far its clock is ahead of ours, ms. */
  readonly clockSkewMs: number | null;
}

/** One answer of the agent's `stat`, with the counters that the next one is compared with. */
export interface HostReading {
  readonly lines: ReadonlyMap<string, string>;
  readonly gpus: readonly Gpu[];
  /** ms, when the answer came. */
  readonly at: number;
}

export function parseStat(text: readonly string[], at: number): HostReading {
  const lines = new Map<string, string>();
  const gpus: Gpu[] = [];
  for (const line of text) {
    const [, name, value] = /^([\w.]+):? +(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const gpu = name === "gpu" ? parseGpuLine(value) : null;
    if (gpu !== null) gpus.push(gpu);
    else lines.set(name, value);
  }
  return { lines, gpus: gpus.sort((a, b) => a.index - b.index), at };
}

/** `before` is the reading before: percentages of CPU need two. */
export function hostStat(before: HostReading | null, now: HostReading): HostStat {
  const memory = memoryOf(now);
  const load = numberOf(now, "load");
  const [total, , free] = (now.lines.get("disk") ?? "").split(" ").map(Number);
  const epoch = numberOf(now, "now");
  return {
    sample: {
      cpuPercent: before === null ? null : (quotaPercent(before, now) ?? wholePercent(before, now)),
      memoryUsedBytes: memory?.usedBytes ?? null,
      memoryTotalBytes: memory?.totalBytes ?? null,
      loadAverage: load,
      gpuUtilPercent: mean(now.gpus.map(({ utilPercent }) => utilPercent)),
      gpuMemoryPercent: mean(now.gpus.map(memoryPercent)),
      gpus: now.gpus.map((gpu) => ({
        utilPercent: gpu.utilPercent,
        memoryPercent: memoryPercent(gpu),
        temperatureC: gpu.temperatureC,
        powerW: gpu.powerW,
      })),
    },
    gpus: now.gpus,
    disk:
      total === undefined || free === undefined || Number.isNaN(free)
        ? null
        : { totalBytes: total * 1024, freeBytes: free * 1024 },
    clockSkewMs: epoch === null ? null : epoch * 1000 + 500 - now.at,
  };
}

function numberOf({ lines }: HostReading, name: string): number | null {
  const value = Number.parseFloat(lines.get(name) ?? "");
  return Number.isFinite(value) ? value : null;
}

/** A container's own limit where it has one: /proc shows the whole machine, of which it has a part. */
function memoryOf(reading: HostReading): { usedBytes: number; totalBytes: number } | null {
  const meminfo = ["MemTotal", "MemAvailable"].map((name) => `${name}: ${reading.lines.get(name) ?? ""}`);
  const machine = parseMemory(meminfo.join("\n"));
  const [limit, current] = [numberOf(reading, "memory.max"), numberOf(reading, "memory.current")];
  if (limit === null || current === null || (machine !== null && limit >= machine.totalBytes)) return machine;
  // Files in the cache can be given back at once.
  return { usedBytes: Math.max(0, current - (numberOf(reading, "memory.inactive_file") ?? 0)), totalBytes: limit };
}

/** CPU of a container with a quota: 100 % is all it may use. */
function quotaPercent(before: HostReading, now: HostReading): number | null {
  const [quota, period] = (now.lines.get("cpu.max") ?? "").split(" ").map(Number);
  const [from, to] = [numberOf(before, "cpu.usage_usec"), numberOf(now, "cpu.usage_usec")];
  const elapsedMs = now.at - before.at;
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return null;
  if (from === null || to === null || to < from || elapsedMs <= 0) return null;
  return Math.min(100, ((to - from) / 1000 / elapsedMs / (quota / period)) * 100);
}

const cpuTimes = ({ lines }: HostReading) => parseCpuTimes(`cpu ${lines.get("cpu") ?? ""}`);

const wholePercent = (before: HostReading, now: HostReading) => cpuPercent(cpuTimes(before), cpuTimes(now));

const memoryPercent = ({ memoryUsedMiB: used, memoryTotalMiB: total }: Gpu) =>
  used === null || total === null || total <= 0 ? null : (100 * used) / total;

/** Over those that are known. */
function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
