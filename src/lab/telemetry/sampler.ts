import type { Template } from "../../contract/lab.js";
import type { Gpu, GpuSample, TelemetrySample } from "../../contract/pod.js";
import { usedSlots } from "../scheduler/slots.js";
import type { LabStore } from "../store/store.js";
import type { HostReader } from "./host.js";
import { mean } from "./reading.js";
import type { PodTelemetry } from "./samples.js";

/** Samples of this machine this many periods apart say nothing of the time between: it may be busy. */
const gapPeriods = 5;
const firstSampleMs = 500;

export interface SamplerParts {
  readonly store: LabStore;
  readonly telemetry: PodTelemetry;
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
  /** Samples from now on. */
  start(): void;
  /** One sample now. */
  sample(): Promise<void>;
  stop(): Promise<void>;
}

/** Samples this machine every two seconds. */
export function createSampler(parts: SamplerParts): Sampler {
  const { store, telemetry, podId, periodMs = 2000 } = parts;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  const sample = async () => {
    const gpus = parts.gpus();
    const reading = {
      podId,
      labId: null,
      sample: readSample(parts.host, gpus),
      costPerHourUsd: parts.costPerHourUsd,
      slotsUsed: (await usedSlots(store, podId, parts.templates)).slots,
      gpuCount: gpus.length,
      isThisMachine: true,
    };
    await telemetry.record([reading], { maxGapMs: gapPeriods * periodMs });
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
    latest: () => telemetry.newest(podId),
    gpus: parts.gpus,
    idleMinutes: () => telemetry.idle(podId).idleMinutes,

    start() {
      // CPU is counted between two readings.
      parts.host.read();
      timer = setTimeout(tick, Math.min(periodMs, firstSampleMs));
    },

    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await working;
    },
  };
}

function readSample(host: HostReader, gpus: readonly Gpu[]): Omit<TelemetrySample, "podId" | "at" | "costPerHourUsd"> {
  const samples = gpus.map(toGpuSample);
  return {
    ...host.read(),
    gpuUtilPercent: mean(samples.map(({ utilPercent }) => utilPercent)),
    gpuMemoryPercent: mean(samples.map(({ memoryPercent }) => memoryPercent)),
    gpus: samples,
  };
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
