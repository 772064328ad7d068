import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PodTrouble } from "../../../src/contract/pod.js";
import { createLedger } from "../../../src/lab/money/ledger.js";
import { composePods, type PodsOfLab } from "../../../src/lab/pods/compose-pods.js";
import type { PodAddress, PodHosts, PodRuns } from "../../../src/lab/pods/ports.js";
import type { Provider } from "../../../src/lab/pods/provider.js";
import { createSettings } from "../../../src/lab/services/settings.js";
import { registerLocalPod } from "../../../src/lab/telemetry/local-pod.js";
import type { Telemetry } from "../../../src/lab/telemetry/sampler.js";
import { createPodTelemetry, type PodTelemetry } from "../../../src/lab/telemetry/samples.js";
import { openLab, templates } from "../services/lab-fixture.js";

/** Runs on pods that a test describes: what is only there, and what was given up. */
export function fakeRuns() {
  const left = new Map<string, { ids: string[]; reason: string | null }>();
  const forsaken: string[] = [];
  const fetched: string[] = [];
  const runs: { -readonly [Key in keyof PodRuns]: PodRuns[Key] } = {
    async fetchOutputs(podId) {
      fetched.push(podId);
      const found = left.get(podId);
      return { left: found?.ids ?? [], reason: found?.reason ?? null };
    },
    async forsake(podId, reason) {
      forsaken.push(`${podId} ${reason}`);
    },
  };
  return { runs, left, forsaken, fetched };
}

export function fakeHosts() {
  const connected = new Map<string, PodAddress>();
  const troubles = new Map<string, PodTrouble>();
  const forgotten: string[] = [];
  const hosts: PodHosts = {
    connect: (podId, address) => void connected.set(podId, address),
    drop: (podId) => void connected.delete(podId),
    forgetKey: (podId) => void forgotten.push(podId),
    troubleOf: (podId) => troubles.get(podId) ?? null,
  };
  return { hosts, connected, troubles, forgotten };
}

const noOne = { latest: () => null, gpus: () => [], idleMinutes: () => null };

interface LocalPods extends Pick<PodsOfLab, "store" | "clock" | "labs"> {
  readonly local?: Telemetry;
  readonly podId?: string;
  readonly telemetry?: PodTelemetry;
}

/** The service of a lab that has this machine only. */
export function localPods({ local, podId = "none", telemetry, ...lab }: LocalPods) {
  const log = () => undefined;
  return composePods({
    ...lab,
    dataDir: "",
    templates: [],
    settings: createSettings(lab.store),
    local: local ?? { ...noOne, podId },
    telemetry: telemetry ?? createPodTelemetry({ ...lab, log }),
    ledger: createLedger({ templates: [] }),
    providers: [],
    runs: fakeRuns().runs,
    hosts: fakeHosts().hosts,
    costs: async () => new Map(),
    proposalFor: () => null,
    log,
  }).service;
}

/** A lab with providers of the test's own, whose clock only the test moves: a pause moves it too. */
export async function openPods(providers: readonly Provider[], more: Partial<PodsOfLab> = {}) {
  const lab = await openLab();
  const { store, clock, labId, labs } = lab;
  clock.at = 1_700_000_000_000;
  const said: string[] = [];
  const log = (line: string) => void said.push(line);
  const podId = await registerLocalPod(store, { slots: 2, name: "here" });
  const telemetry = createPodTelemetry({ store, clock, log });
  const { runs, left, forsaken, fetched } = fakeRuns();
  const { hosts, connected, troubles, forgotten } = fakeHosts();
  const settings = createSettings(store);
  const composed = composePods({
    store,
    clock,
    labs,
    dataDir: mkdtempSync(join(tmpdir(), "hubify-pods-")),
    templates,
    settings,
    local: { ...noOne, podId },
    telemetry,
    ledger: createLedger({ templates }),
    providers,
    runs,
    hosts,
    costs: async () => new Map(),
    proposalFor: () => null,
    sleep: async (ms) => void (clock.at += ms),
    log,
    ...more,
  });
  const { service: pods, fleet, watchdog, stop } = composed;
  const look = async (name = providers[0]?.name ?? "") => {
    await fleet.look(name);
    await watchdog.settled();
  };
  const rows = () =>
    store.db.selectFrom("pods").selectAll().where("provider", "<>", "local").orderBy("created_at").execute();
  const events = async () =>
    (await store.db.selectFrom("events").select("topic").orderBy("seq").execute())
      .map(({ topic }) => topic)
      .filter((topic) => topic.startsWith("pod."));
  const named = async (name: string) => {
    const found = (await pods.list(labId)).find((pod) => pod.name === name);
    if (found === undefined) throw new Error(`no pod ${name}`);
    return found;
  };
  return {
    ...lab,
    pods,
    fleet,
    watchdog,
    stop,
    runs,
    settings,
    telemetry,
    look,
    rows,
    events,
    named,
    left,
    forsaken,
    fetched,
    connected,
    troubles,
    forgotten,
    said,
    podId,
  };
}
