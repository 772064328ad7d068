import { setTimeout as sleep } from "node:timers/promises";
import type { Template } from "../../contract/lab.js";
import type { PodProposal } from "../../contract/pod.js";
import type { Clock } from "../../core/clock.js";
import type { Ledger } from "../money/ledger.js";
import { createPods } from "../services/pods.js";
import type { LabsService, PodsService, SettingsService } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import type { Telemetry } from "../telemetry/sampler.js";
import type { PodTelemetry } from "../telemetry/samples.js";
import { createActs } from "./acts.js";
import { createFleet, type Fleet } from "./fleet.js";
import type { PodCost } from "./pod-view.js";
import type { PodHosts, PodRuns } from "./ports.js";
import type { Provider } from "./provider.js";
import { keepSession } from "./provider-watch.js";
import { createSshKey } from "./ssh-key.js";
import { createWatchdog, type Watchdog } from "./watchdog-loop.js";

export interface PodsOfLab {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly templates: readonly Template[];
  readonly labs: LabsService;
  readonly settings: Pick<SettingsService, "get">;
  /** This machine. */
  readonly local: Telemetry;
  readonly telemetry: PodTelemetry;
  readonly ledger: Ledger;
  readonly providers: readonly Provider[];
  /** Why a provider is not among them, by name. */
  readonly missingProviders?: Readonly<Record<string, string>>;
  readonly runs: PodRuns;
  readonly hosts: PodHosts;
  /** What pods have cost a lab so far, by id. */
  readonly costs: (labId: string, podIds: readonly string[]) => Promise<ReadonlyMap<string, PodCost>>;
  /** Queued experiments that idle pods could run, by pod. */
  readonly proposalFor: (podId: string) => PodProposal | null;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly log: (line: string) => void;
}

export interface ComposedPods {
  readonly service: PodsService;
  readonly fleet: Fleet;
  readonly watchdog: Watchdog;
  /** Sessions to the pods that ran when the lab last looked: their runs are followed though their provider may be away. */
  connect(): Promise<void>;
  /** Ends looks, and waits for what is being done; providers are closed. */
  stop(): Promise<void>;
}

/** The lab's pods: looks at providers, what is done to pods, and who watches over them. Nothing works before `fleet.start`. */
export function composePods(parts: PodsOfLab): ComposedPods {
  const fleet = createFleet(parts);
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = parts.sleep ?? ((ms: number) => sleep(ms, undefined, { signal }));
  const acts = createActs({ ...parts, fleet, sleep: pause });
  const watchdog = createWatchdog({ ...parts, acts, signal });
  fleet.onLook(watchdog.heed);
  const service = createPods({
    ...parts,
    fleet,
    acts,
    missingProviders: parts.missingProviders ?? {},
    sshKey: createSshKey(parts.dataDir),
  });
  return {
    service,
    fleet,
    watchdog,
    async connect() {
      const rows = await parts.store.db.selectFrom("pods").selectAll().where("status", "=", "running").execute();
      for (const row of rows) keepSession(parts.hosts, row);
    },
    async stop() {
      stopping.abort();
      await fleet.stop();
      await watchdog.settled();
    },
  };
}
