import type { Template } from "../../contract/lab.js";
import type { Gpu, GpuSample, TelemetrySample } from "../../contract/pod.js";
import type { Clock } from "../../core/clock.js";
import { usedSlots } from "../scheduler/slots.js";
import type { LabStore } from "../store/store.js";
import { insertSamples, thinHistory } from "./history.js";
import type { HostReader } from "./host.js";
import { type IdleState, idleMinutes, nextIdle } from "./idle.js";
import type { SampleRow } from "./thin.js";

const thinEveryMs = 10 * 60_000;
/** Samples this many periods apart say nothing of the time between. */
const gapPeriods = 5;

export interface SamplerParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly templates: readonly Template[];
  readonly podId: string;
  readonly host: HostReader;
  readonly gpus: () => readonly Gpu[];
  readonly costPerHourUsd: number | null;
  /** Default 2 s. */
  readonly periodMs?: number;
  readonly log: (line: string) => void;
}

/** What is known of the local pod right now. */
export interface Telemetry {
  readonly podId: string;
  latest(): TelemetrySample | null;
  gpus(): readonly Gpu[];
  idleMinutes(): number | null;
}

export interface Sampler extends Telemetry {
  /** Reads what earlier lives of the lab saw, and samples from now on. */
  start(): Promise<void>;
  /** One sample now. */
  sample(): Promise<void>;
  stop(): Promise<void>;
}

/** Samples this machine every two seconds into the store; history is thinned and survives restarts. */
export function createSampler(parts: SamplerParts): Sampler {
  const { store, clock, podId, periodMs = 2000 } = parts;
  const maxGapMs = gapPeriods * periodMs;
  let idle: IdleState | null = null;
  let last: TelemetrySample | null = null;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let thinnedAt = -Infinity;

  const sample = async () => {
    const row = await readSample(parts);
    await store.change(async ({ touch }) => {
      await insertSamples(store, [row]);
      touch("telemetry");
      touch("pods");
    });
    idle = nextIdle(idle, { at: row.at, slotsUsed: row.slots_used, gpuUtilPercent: row.gpu_util_percent }, maxGapMs);
    last = toSample(row);
    if (Math.abs(row.at - thinnedAt) < thinEveryMs) return;
    thinnedAt = row.at;
    await thinHistory(store, podId, row.at);
  };
  const tick = () => {
    working = sample()
      .catch((error: unknown) => parts.log(`telemetry: ${String(error)}`))
      .then(() => {
        if (timer !== undefined) timer = setTimeout(tick, periodMs);
      });
  };

  return {
    podId,
    sample,
    latest: () => last,
    gpus: parts.gpus,
    idleMinutes: () => idleMinutes(idle, clock.now(), maxGapMs),

    async start() {
      parts.host.read();
      for (const row of await recentRows(store, podId)) {
        const seen = { at: row.at, slotsUsed: row.slots_used, gpuUtilPercent: row.gpu_util_percent };
        idle = nextIdle(idle, seen, Math.max(maxGapMs, 2 * row.resolution_ms));
      }
      timer = setTimeout(tick, Math.min(periodMs, 500));
    },

    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await working;
    },
  };
}

const recentRows = (store: LabStore, podId: string) =>
  store.db
    .selectFrom("samples")
    .select(["at", "slots_used", "gpu_util_percent", "resolution_ms"])
    .where("pod_id", "=", podId)
    .orderBy("at")
    .execute();

async function readSample({
  store,
  clock,
  templates,
  podId,
  host,
  gpus,
  costPerHourUsd,
}: SamplerParts): Promise<SampleRow> {
  const usage = host.read();
  const cards = gpus();
  return {
    pod_id: podId,
    at: Math.round(clock.now()),
    resolution_ms: 0,
    cpu_percent: usage.cpuPercent,
    memory_used_bytes: usage.memoryUsedBytes,
    memory_total_bytes: usage.memoryTotalBytes,
    load_average: usage.loadAverage,
    gpu_util_percent: mean(cards.map(({ utilPercent }) => utilPercent)),
    gpu_memory_percent: mean(cards.map(memoryPercent)),
    cost_per_hour_usd: costPerHourUsd,
    slots_used: (await usedSlots(store, podId, templates)).slots,
    gpus: cards.length === 0 ? null : JSON.stringify(cards.map(toGpuSample)),
  };
}

/** Of the known values; null when there are none. */
function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function memoryPercent({ memoryUsedMiB, memoryTotalMiB }: Gpu): number | null {
  if (memoryUsedMiB === null || memoryTotalMiB === null || memoryTotalMiB <= 0) return null;
  return (100 * memoryUsedMiB) / memoryTotalMiB;
}

const toGpuSample = (gpu: Gpu): GpuSample => ({
  utilPercent: gpu.utilPercent,
  memoryPercent: memoryPercent(gpu),
  temperatureC: gpu.temperatureC,
  powerW: gpu.powerW,
});

export function toSample(row: Omit<SampleRow, "slots_used" | "resolution_ms">): TelemetrySample {
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
