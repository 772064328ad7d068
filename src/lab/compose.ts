import { pruneAnswers } from "./backend.js";
import { createRetention } from "./capture/retention.js";
import type { LabParts } from "./compose/lab-parts.js";
import { composeMachine } from "./compose/machine.js";
import { composeServices, type Later } from "./compose/services.js";
import { composeWork } from "./compose/work.js";
import { runEnvironment } from "./executors/local.js";
import { createHosts } from "./hosts/hosts.js";
import { createProviders } from "./pods/providers.js";
import { createRecorder } from "./qc/record/create-recorder.js";
import { createFirstLab } from "./services/labs.js";
import type { Services } from "./services/service.js";
import { pruneVersions } from "./services/template-content.js";

/** The lab behind its wires: what answers, and what works by itself. */
export interface ComposedLab {
  readonly services: Services;
  /** Takes up the runs of an earlier life, then starts what waits. */
  start(): Promise<void>;
  /** Runs go on without it. */
  stop(): Promise<void>;
}

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
