import { localExecutor, runEnvironment } from "../executors/local.js";
import { sshExecutor } from "../executors/ssh.js";
import type { Money } from "../money/money.js";
import { createRuns } from "../runs.js";
import { createScheduler } from "../scheduler/loop.js";
import type { Services } from "../services/service.js";
import { templates } from "../templates/index.js";
import type { LabParts } from "./lab-parts.js";
import type { Base } from "./services.js";

/** Niceness of runs: the machine stays usable while it computes. */
const runNice = 10;

interface Working extends Base {
  readonly services: Services;
  readonly money: Money;
}

/** What starts experiments and follows them, here and on pods. */
export function composeWork(parts: LabParts, { machine, hosts, services, money, recorder }: Working) {
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
