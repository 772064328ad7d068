import type { Config } from "../config/config.js";
import { localCalendar } from "../core/calendar.js";
import type { Clock } from "../core/clock.js";
import { pruneAnswers } from "./backend.js";
import { createRetention } from "./capture/retention.js";
import { localExecutor, runEnvironment } from "./executors/local.js";
import { sshExecutor } from "./executors/ssh.js";
import { createHosts, type Hosts } from "./hosts/hosts.js";
import { createMoney, type Money } from "./money/money.js";
import { composePods } from "./pods/compose-pods.js";
import { podCostsOf } from "./pods/pod-costs.js";
import { createProviders, type Providers } from "./pods/providers.js";
import { createRecorder } from "./qc/record/create-recorder.js";
import type { Recorder } from "./qc/record/recorder.js";
import { createRuns, type Runs } from "./runs.js";
import { createScheduler, type Scheduler } from "./scheduler/loop.js";
import { searchSources } from "./search/sources.js";
import { createActivity } from "./services/activity.js";
import { createExperimentServices } from "./services/experiments.js";
import { createKeys } from "./services/keys.js";
import { createFirstLab, createLabs } from "./services/labs.js";
import { createLogs } from "./services/logs.js";
import { createMetrics } from "./services/metrics.js";
import { createOutputs } from "./services/outputs.js";
import { createQc } from "./services/qc.js";
import { createResearch } from "./services/research.js";
import { createSearch } from "./services/search.js";
import type { Services } from "./services/service.js";
import { createSessions } from "./services/sessions.js";
import { createSettings } from "./services/settings.js";
import { pruneVersions } from "./services/template-content.js";
import { createTemplates } from "./services/templates.js";
import type { LabStore } from "./store/store.js";
import { type GpuReader, startGpuReader } from "./telemetry/gpu.js";
import { createHostReader } from "./telemetry/host.js";
import type { Idle } from "./telemetry/idle.js";
import { idleRules } from "./telemetry/idle.js";
import { noteGpus, registerLocalPod } from "./telemetry/local-pod.js";
import { createSampler } from "./telemetry/sampler.js";
import { createPodTelemetry } from "./telemetry/samples.js";
import { programs, templates } from "./templates/index.js";
import { composeFiles } from "./uploads/compose-files.js";
import { composeWebhooks } from "./webhooks/compose-webhooks.js";

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
  /** Of hubify-tui. */
  readonly version: string;
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

/** Puts services, pods, runs, scheduler and telemetry together. Nothing works before `start`. */
export async function composeLab(parts: LabParts): Promise<ComposedLab> {
  const { store, clock, dataDir } = parts;
  await createFirstLab(store, { name: "Local lab", slug: "local" });
  const machine = await composeMachine(parts);
  const hosts = createHosts({ dataDir, env: runEnvironment(parts.env), now: clock.now, log: parts.log });
  const recorder = createRecorder({
    ...parts,
    env: runEnvironment(parts.env),
    hosts,
    nowMs: () => performance.now(),
  });
  // Runs and plan stand on the pods, which ask both: they are named here and made below.
  const later: Later = {};
  const rented = await createProviders({ ...parts, hosts });
  const closing = new AbortController();
  const { services, pods, money, files, webhooks } = composeServices(parts, {
    machine,
    hosts,
    later,
    rented,
    recorder,
    closing: closing.signal,
  });
  const work = composeWork(parts, { machine, hosts, services, money, recorder });
  Object.assign(later, work);
  const { runs, scheduler, remote } = work;
  const retention = createRetention({ ...parts, settings: services.settings });

  return {
    services,
    async start() {
      await pods.connect();
      await runs.start();
      scheduler.start();
      await machine.start();
      pods.fleet.start();
      money.start();
      await pruneAnswers(store);
      await pruneVersions(store);
      retention.start();
      webhooks.start();
      await files.start();
    },
    async stop() {
      closing.abort();
      await files.stop();
      await Promise.all([retention.stop(), webhooks.stop()]);
      await pods.stop();
      await scheduler.stop();
      await Promise.all([runs.stop(), machine.stop(), money.stop()]);
      await remote.close();
      await hosts.close();
      await machine.telemetry.stop();
    },
  };
}

type Machine = Awaited<ReturnType<typeof composeMachine>>;

/** This machine as a pod, and the samples of all pods. */
async function composeMachine({ store, clock, settings, log }: LabParts) {
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

interface Later {
  runs?: Runs;
  scheduler?: Scheduler;
}

interface Base {
  readonly machine: Machine;
  readonly hosts: Hosts;
  readonly recorder: Recorder;
}

interface Composing extends Base {
  readonly later: Later;
  readonly rented: Providers;
  readonly closing: AbortSignal;
}

function composeServices(
  parts: LabParts,
  { machine, hosts, later, rented: { providers, missing }, recorder, closing }: Composing,
) {
  const { store, clock, dataDir, log } = parts;
  const { podId, telemetry, sampler } = machine;
  const labs = createLabs(store, {
    numbers: {
      startOfDay: () => localCalendar.startOfDay(clock.now()),
      monthUsd: async (labId) => (await money.costs.summary(labId)).summary.totalUsd,
      async pods(labId) {
        const running = (await pods.service.list(labId)).filter(({ status }) => status === "running");
        return { running: running.length, gpuPercents: running.map(({ last }) => last?.gpuUtilPercent ?? null) };
      },
    },
    beforeRemoval: {
      async experiments(ids) {
        for (const id of ids) await logs.remove(id);
      },
      figures: async () => files.blobs.released(null),
      files: async () => files.blobs.released(null),
    },
  });
  const logs = createLogs({ store, dataDir, now: clock.now });
  const settings = createSettings(store);
  const local = { podId, idle: () => idleOf(telemetry.idle(podId)) };
  const money = createMoney({ store, clock, settings, templates, providers, local, log });
  const pods = composePods({
    ...parts,
    templates,
    labs,
    settings,
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
  const ownTemplates = createTemplates({ store, labs, builtIn: programs });
  const both = { list: () => templates, use: ownTemplates.use };
  const around = createExperimentServices({ store, labs, templates: both, removeLogs: logs.remove });
  const { experiments } = around;
  const metrics = createMetrics(store, templates);
  const env = runEnvironment(parts.env);
  const judged = { experiments, logs, metrics };
  const qc = createQc({ store, clock, env, closing, recorder, services: judged, builtIn: templates });
  const files = composeFiles({ ...parts, labs });
  const allowsPrivate = parts.settings.webhooksToPrivateAddresses ?? false;
  const webhooks = composeWebhooks({ store, clock, dataDir, labs, allowsPrivate, log });
  const research = createResearch({ store, labs, clock });
  const services: Services = {
    ...research,
    labs,
    keys: createKeys({ store, labs }),
    sessions: createSessions({ store, labs, clock }),
    logs,
    ...around,
    metrics,
    qc,
    pods: pods.service,
    costs: money.costs,
    activity: createActivity({ store, labs }),
    webhooks: webhooks.service,
    search: createSearch({
      store,
      labs,
      pods: (id) => pods.service.list(id, { unwatched: true }),
      sources: searchSources({ ...research, experiments, figures: files.figures, files: files.files }),
    }),
    settings,
    templates: ownTemplates,
    outputs: createOutputs({
      store,
      templates,
      fetchOne: async (id, attempt) => (await later.runs?.fetchOne(id, attempt)) ?? { left: [], reason: null },
    }),
    figures: files.figures,
    files: files.files,
    backups: files.backups,
  };
  return { services, pods, money, files, webhooks: webhooks.loop };
}

interface Working extends Base {
  readonly services: Services;
  readonly money: Money;
}

/** What starts experiments and follows them, here and on pods. */
function composeWork(parts: LabParts, { machine, hosts, services, money, recorder }: Working) {
  const { store, clock, dataDir, settings, templatesEntry, log } = parts;
  const env = runEnvironment(parts.env);
  const local = localExecutor({ env });
  const remote = sshExecutor(hosts, clock.now);
  const runs = createRuns({
    store,
    services,
    executorFor: (podId) => (podId === null || podId === machine.podId ? local : remote),
    hosts,
    dataDir,
    clock,
    nowMs: () => performance.now(),
    recorder,
    figures: services.figures,
    templates,
    nodePath: process.execPath,
    templatesEntry,
    env,
    nice: runNice,
    log,
  });
  const scheduler = createScheduler({
    store,
    clock,
    services,
    templates,
    takesAnyGpu: settings.acceptGpuJobs ?? false,
    cpuJobsOnGpuPods: settings.cpuJobsOnGpuPods,
    autoSchedule: async (labId) => (await services.settings.get(labId)).autoScheduleEnabled,
    paused: money.budget.paused,
    unreachable: ({ _id, provider }) =>
      provider === "local" || hosts.state(_id)?.link === "up" ? null : (hosts.troubleOf(_id)?.message ?? "connects"),
    launch: runs.launch,
    log,
  });
  hosts.onChange(() => scheduler.linkChanged());
  return { runs, scheduler, remote };
}

/** Whether a pod has no work now; null: nobody knows. */
const idleOf = ({ idleMinutes, idleSince }: Idle): boolean | null => (idleMinutes === null ? null : idleSince !== null);
