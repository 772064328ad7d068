import { type GpuReader, startGpuReader } from "../telemetry/gpu.js";
import { createHostReader } from "../telemetry/host.js";
import { idleRules } from "../telemetry/idle.js";
import { noteGpus, registerLocalPod } from "../telemetry/local-pod.js";
import { createSampler } from "../telemetry/sampler.js";
import { createPodTelemetry } from "../telemetry/samples.js";
import { templates } from "../templates/index.js";
import type { LabParts } from "./lab-parts.js";

export type Machine = Awaited<ReturnType<typeof composeMachine>>;

const defaultTelemetrySeconds = 2;

/** This machine as a pod, and the samples of all pods. */
export async function composeMachine({ store, clock, settings, log }: LabParts) {
  const costPerHourUsd = settings.costPerHourUsd ?? null;
  const podId = await registerLocalPod(store, { slots: settings.cpuSlots, costPerHourUsd });
  const periodMs = 1000 * (settings.telemetrySeconds ?? defaultTelemetrySeconds);
  const gpuIdlePercent = settings.idleGpuPercent ?? idleRules.gpuIdlePercent;
  const telemetry = createPodTelemetry({ store, clock, log, rules: { ...idleRules, gpuIdlePercent } });
  let gpus: GpuReader | undefined;
  const latestGpus = () => gpus?.latest() ?? [];
  const host = createHostReader();
  const machine = { podId, host, gpus: latestGpus, costPerHourUsd, periodMs };
  const sampler = createSampler({ ...machine, store, telemetry, templates, log });
  return {
    podId,
    telemetry,
    sampler,
    async start() {
      await telemetry.start();
      sampler.start();
      const noted = () => {
        noteGpus(store, podId, latestGpus()).catch((error: unknown) => log(`GPUs: ${String(error)}`));
      };
      gpus = startGpuReader({ periodMs, onFirst: noted });
    },
    async stop() {
      gpus?.stop();
      await sampler.stop();
    },
  };
}
