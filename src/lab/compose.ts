import type { Config } from "../config/config.js";
import type { Clock } from "../core/clock.js";
import { pruneAnswers } from "./backend.js";
import { localExecutor, runEnvironment } from "./executors/local.js";
import { sshExecutor } from "./executors/ssh.js";
import { createHosts } from "./hosts/hosts.js";
import { createMoney } from "./money/money.js";
import { composePods } from "./pods/compose-pods.js";
import { podCostsOf } from "./pods/pod-costs.js";
import { createProviders } from "./pods/providers.js";
import { createRuns, type Runs } from "./runs.js";
import { createScheduler, type Scheduler } from "./scheduler/loop.js";
import { createExperiments } from "./services/experiments.js";
import { createFirstLab, createLabs } from "./services/labs.js";
import { createLogs } from "./services/logs.js";
import { createMetrics } from "./services/metrics.js";
import type { Services } from "./services/service.js";
import { createSettings } from "./services/settings.js";
import type { LabStore } from "./store/store.js";
import { type GpuReader, startGpuReader } from "./telemetry/gpu.js";
import { createHostReader } from "./telemetry/host.js";
import type { Idle } from "./telemetry/idle.js";
import { idleRules } from "./telemetry/idle.js";
import { noteGpus, registerLocalPod } from "./telemetry/local-pod.js";
import { createSampler } from "./telemetry/sampler.js";
import { createPodTelemetry } from "./telemetry/samples.js";
import { templates } from "./templates/index.js";

export interface LabParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly settings: Config["lab"];
  /** Where `credentials.json` may be. */
  readonly configDir: string;
  /** File that runs a template: `node <file> mcmc`. */
  readonly templatesEntry: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

/** The lab behind its wires: what answers, and what works by itself. */
export interface ComposedLab {
  readonly services: Services;
  /** Takes up the runs of an earlier life, then starts what waits. */
  start(): Promise<void>;
  /** Runs go on without it. */
  stop(): Promise<void>;
}

const defaultTelemetrySeconds = 2;
/** Niceness of runs: the machine stays usable while it computes. */
const runNice = 10;

/** Puts services, runs, scheduler and telemetry of this machine together. Nothing works before `start`. */
export async function composeLab(parts: LabParts): Promise<ComposedLab> {
  const { store, clock, dataDir, settings, log } = parts;
  const labId = await createFirstLab(store, { name: "Local lab", slug: "local" });
  const costPerHourUsd = settings.costPerHourUsd ?? null;
  const podId = await registerLocalPod(store, { labId, slots: settings.cpuSlots, costPerHourUsd });
  const periodMs = 1000 * (settings.telemetrySeconds ?? defaultTelemetrySeconds);
  let gpus: GpuReader | undefined;
  const gpuIdlePercent = settings.idleGpuPercent ?? idleRules.gpuIdlePercent;
  const telemetry = createPodTelemetry({ store, clock, log, rules: { ...idleRules, gpuIdlePercent } });
  const sampler = createSampler({
    store,
    telemetry,
    templates,
    labId,
    podId,
    host: createHostReader(),
    gpus: () => gpus?.latest() ?? [],
    costPerHourUsd,
    periodMs,
    log,
  });
  const labs = createLabs(store);
  const logs = createLogs({ store, dataDir });
  const labSettings = createSettings(store);
  const env = runEnvironment(parts.env);
  const hosts = createHosts({ dataDir, env, now: clock.now, log });
  const { providers, missing } = createProviders({ ...parts, labId, hosts });
  const money = createMoney({
    store,
    clock,
    settings: labSettings,
    templates,
    labId,
    providers,
    local: { podId, idle: () => idleOf(telemetry.idle(podId)) },
    log,
  });
  // Runs and plan stand on the pods, which ask both: they are named here and made below.
  const later: { runs?: Runs; scheduler?: Scheduler } = {};
  const pods = composePods({
    ...parts,
    labId,
    templates,
    labs,
    settings: labSettings,
    local: sampler,
    telemetry,
    ledger: money.ledger,
    providers,
    missingProviders: missing,
    runs: {
      fetchOutputs: async (id) => (await later.runs?.fetchOutputs(id)) ?? { left: [], reason: null },
      forsake: async (id, reason) => later.runs?.forsake(id, reason),
    },
    hosts: { ...hosts, troubleOf: (id) => hosts.state(id)?.trouble ?? null },
    costs: podCostsOf(money.spending),
    proposalFor: (id) => later.scheduler?.proposalFor(id) ?? null,
  });
  const services: Services = {
    labs,
    logs,
    experiments: createExperiments({ store, labs, templates: { list: () => templates }, removeLogs: logs.remove }),
    metrics: createMetrics(store, templates),
    pods: pods.service,
    costs: money.costs,
    settings: labSettings,
    templates: { list: () => templates },
  };
  const local = localExecutor({ env });
  const remote = sshExecutor(hosts, clock.now);
  const runs = (later.runs = createRuns({
    store,
    services,
    executorFor: (runPodId) => (runPodId === null || runPodId === podId ? local : remote),
    hosts,
    dataDir,
    clock,
    nowMs: () => performance.now(),
    templates,
    nodePath: process.execPath,
    templatesEntry: parts.templatesEntry,
    env,
    nice: runNice,
    log,
  }));
  const takesAnyGpu = settings.acceptGpuJobs ?? false;
  const scheduler = (later.scheduler = createScheduler({
    store,
    clock,
    services,
    templates,
    takesAnyGpu,
    cpuJobsOnGpuPods: settings.cpuJobsOnGpuPods,
    autoSchedule: async () => (await labSettings.get(labId)).autoScheduleEnabled,
    paused: money.budget.paused,
    launch: runs.launch,
    log,
  }));

  return {
    services,
    async start() {
      await runs.start();
      scheduler.start();
      await telemetry.start();
      sampler.start();
      pods.fleet.start();
      money.start();
      const noted = () => {
        noteGpus(store, podId, gpus?.latest() ?? []).catch((error: unknown) => log(`GPUs: ${String(error)}`));
      };
      gpus = startGpuReader({ periodMs, onFirst: noted });
      await pruneAnswers(store);
    },
    async stop() {
      gpus?.stop();
      await pods.stop();
      await scheduler.stop();
      await Promise.all([runs.stop(), sampler.stop(), money.stop()]);
      await remote.close();
      await hosts.close();
      await telemetry.stop();
    },
  };
}

/** Whether a pod has no work now; null: nobody knows. */
const idleOf = ({ idleMinutes, idleSince }: Idle): boolean | null => (idleMinutes === null ? null : idleSince !== null);
