import { localCalendar } from "../../core/calendar.js";
import { runEnvironment } from "../executors/local.js";
import type { Hosts } from "../hosts/hosts.js";
import { createMoney, type Money } from "../money/money.js";
import { composePods } from "../pods/compose-pods.js";
import { podCostsOf } from "../pods/pod-costs.js";
import type { Providers } from "../pods/providers.js";
import type { Recorder } from "../qc/record/recorder.js";
import type { Runs } from "../runs.js";
import type { Scheduler } from "../scheduler/loop.js";
import { searchSources } from "../search/sources.js";
import { createActivity } from "../services/activity.js";
import { createExperimentServices } from "../services/experiments.js";
import { createKeys } from "../services/keys.js";
import { createLabs } from "../services/labs.js";
import { createLogs } from "../services/logs.js";
import { createMetrics } from "../services/metrics.js";
import { createOutputs } from "../services/outputs.js";
import { createQc } from "../services/qc.js";
import { createResearch } from "../services/research.js";
import { createSearch } from "../services/search.js";
import type { LogsService, Services, SettingsService } from "../services/service.js";
import { createSessions } from "../services/sessions.js";
import { createSettings } from "../services/settings.js";
import { createTemplates } from "../services/templates.js";
import type { Idle } from "../telemetry/idle.js";
import { programs, templates } from "../templates/index.js";
import { composeFiles } from "../uploads/compose-files.js";
import { composeWebhooks } from "../webhooks/compose-webhooks.js";
import type { LabParts } from "./lab-parts.js";
import type { Machine } from "./machine.js";

/** What services and runs both stand on. */
export interface Base {
  readonly machine: Machine;
  readonly hosts: Hosts;
  readonly recorder: Recorder;
}

/** What works by itself, and is made after the services that ask it. */
export interface Later {
  runs?: Runs;
  scheduler?: Scheduler;
}

interface Composing extends Base {
  readonly later: Later;
  readonly rented: Providers;
  readonly closing: AbortSignal;
}

/** Everything that answers. What a function below is given as `() => …` is made after it. */
export function composeServices(parts: LabParts, composing: Composing) {
  const { store, clock, dataDir, log } = parts;
  const { later } = composing;
  const labs = composeLabs(parts, () => ({ money, pods: pods.service, logs, files }));
  const logs = createLogs({ store, dataDir, now: clock.now });
  const settings = createSettings(store);
  const money = composeMoney(parts, composing, settings);
  const pods = composeFleet(parts, composing, { labs, settings, money });
  const files = composeFiles({ ...parts, labs });
  const allowsPrivate = parts.settings.webhooksToPrivateAddresses ?? false;
  const webhooks = composeWebhooks({ store, clock, dataDir, labs, allowsPrivate, log });
  const around = composeExperiments(parts, composing, { labs, logs });
  const research = createResearch({ store, labs, clock });
  const services: Services = {
    ...research,
    ...around,
    labs,
    keys: createKeys({ store, labs }),
    sessions: createSessions({ store, labs, clock }),
    logs,
    pods: pods.service,
    costs: money.costs,
    activity: createActivity({ store, labs }),
    webhooks: webhooks.service,
    search: createSearch({
      store,
      labs,
      pods: (id) => pods.service.list(id, { unwatched: true }),
      sources: searchSources({
        ...research,
        experiments: around.experiments,
        figures: files.figures,
        files: files.files,
      }),
    }),
    settings,
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

interface ForLabs {
  readonly money: Money;
  readonly pods: Services["pods"];
  readonly logs: LogsService;
  readonly files: ReturnType<typeof composeFiles>;
}

function composeLabs({ store, clock }: LabParts, made: () => ForLabs) {
  const released = () => {
    made().files.blobs.released(null);
    return Promise.resolve();
  };
  return createLabs(store, {
    numbers: {
      startOfDay: () => localCalendar.startOfDay(clock.now()),
      monthUsd: async (labId) => (await made().money.costs.summary(labId)).summary.totalUsd,
      async pods(labId) {
        const running = (await made().pods.list(labId)).filter(({ status }) => status === "running");
        return { running: running.length, gpuPercents: running.map(({ last }) => last?.gpuUtilPercent ?? null) };
      },
    },
    beforeRemoval: {
      async experiments(ids) {
        for (const id of ids) await made().logs.remove(id);
      },
      figures: released,
      files: released,
    },
  });
}

function composeMoney({ store, clock, log }: LabParts, { machine, rented }: Composing, settings: SettingsService) {
  const { podId, telemetry } = machine;
  const local = { podId, idle: () => idleOf(telemetry.idle(podId)) };
  return createMoney({ store, clock, settings, templates, providers: rented.providers, local, log });
}

interface ForPods {
  readonly labs: Services["labs"];
  readonly settings: SettingsService;
  readonly money: Money;
}

function composeFleet(
  parts: LabParts,
  { machine, hosts, later, rented }: Composing,
  { labs, settings, money }: ForPods,
) {
  return composePods({
    ...parts,
    templates,
    labs,
    settings,
    local: machine.sampler,
    telemetry: machine.telemetry,
    ledger: money.ledger,
    providers: rented.providers,
    missingProviders: rented.missing,
    runs: {
      fetchOutputs: async (id) => (await later.runs?.fetchOutputs(id)) ?? { left: [], reason: null },
      forsake: async (id, reason) => later.runs?.forsake(id, reason),
    },
    hosts: { ...hosts, troubleOf: (id) => hosts.state(id)?.trouble ?? null },
    costs: podCostsOf(money.spending),
    proposalFor: (id) => later.scheduler?.proposalFor(id) ?? null,
  });
}

/** Experiments with what is kept of them: templates, metrics, verdicts. */
function composeExperiments(
  { store, clock, env: given }: LabParts,
  { recorder, closing }: Composing,
  { labs, logs }: Pick<Services, "labs" | "logs">,
) {
  const ownTemplates = createTemplates({ store, labs, builtIn: programs });
  const both = { list: () => templates, use: ownTemplates.use };
  const around = createExperimentServices({ store, labs, templates: both, removeLogs: logs.remove });
  const metrics = createMetrics(store, templates);
  const env = runEnvironment(given);
  const judged = { experiments: around.experiments, logs, metrics };
  const qc = createQc({ store, clock, env, closing, recorder, services: judged, builtIn: templates });
  return { ...around, metrics, qc, templates: ownTemplates };
}

/** Whether a pod has no work now; null: nobody knows. */
const idleOf = ({ idleMinutes, idleSince }: Idle): boolean | null => (idleMinutes === null ? null : idleSince !== null);
