import { type ClientTime, systemTime } from "../clients/http/time.js";
import { type RunpodOptions, runpodClient } from "../clients/runpod/index.js";
import type { Connection, Link, Sink, Unsubscribe } from "../contract/connection.js";
import type { Lab } from "../contract/lab.js";
import type { ProviderState } from "../contract/provider.js";
import { type Failure, toFailure } from "../core/failure.js";
import { needsLab, podActions } from "./runpod/actions.js";
import { type Bills, createBills } from "./runpod/bills.js";
import { createFleet, type Fleet } from "./runpod/fleet.js";
import { accountId } from "./runpod/pod.js";
import { createPolling } from "./runpod/polling.js";
import { createSystemLines } from "./runpod/system-lines.js";

export interface RunpodConnectionOptions extends Pick<RunpodOptions, "apiKey" | "baseUrl"> {
  readonly time?: ClientTime;
}

/** Foreground pace of the list (runpod-api §3): 17,280 a day of the 50,000 that RunPod allows at least. */
const everyMs = 5_000;

const account: Lab = {
  id: accountId,
  name: "account",
  slug: accountId,
  template: null,
  visibility: "private",
  experiment_count: 0,
  agent_count: 0,
  created_at: "",
};

const noExperiments = "RunPod alone has no experiments: attach a lab";
const missing: Connection["missing"] = {
  ...Object.fromEntries(
    ["older", "list", "get", "create", "patch", "cancel", "restart", "resume", "remove"].map((verb) => [
      `experiments.${verb}`,
      noExperiments,
    ]),
  ),
  "logs.follow": noExperiments,
  "logs.before": noExperiments,
  "logs.list": noExperiments,
  "logs.page": noExperiments,
  "logs.download": noExperiments,
  "metrics.watch": noExperiments,
  "qc.rerun": noExperiments,
  "qc.override": noExperiments,
  "queues.watch": noExperiments,
  "queues.create": noExperiments,
  "queues.patch": noExperiments,
  "batches.create": noExperiments,
  "activity.watch": "RunPod alone tells of no activity: attach a lab",
  "templates.list": noExperiments,
  "pods.deploy": noExperiments,
  "pods.fetchOutputs": noExperiments,
  "pods.maxHours": "max hours need a lab: RunPod itself stops no pod",
  "pods.autoStop": "stopping idle pods by itself needs a lab",
  "settings.patch": "RunPod alone has no rules: attach a lab",
};

/**
 * Attaches to a RunPod account with nothing but its key: the fleet, its telemetry and its costs by polling, all actions on
 * pods. Rejects with FailureError when RunPod does not take the key or is not to be reached; afterwards it never ends by itself.
 */
export async function connectRunpod({ time = systemTime, ...options }: RunpodConnectionOptions): Promise<Connection> {
  const client = runpodClient({ ...options, time });
  const systemLines = createSystemLines(client.pods);
  // Each knows the other: costs are of pods, and a pod shows what it has cost.
  const bills: Bills = createBills(client, time, () => fleet.pods());
  const fleet: Fleet = createFleet({ client, time, everyMs, systemLines, costOf: bills.of });
  const look = async () => {
    await fleet.look();
    bills.refresh();
  };
  const polling = createPolling({ time, everyMs, governor: client.governor, look });
  try {
    await fleet.look();
  } catch (error) {
    systemLines.close();
    await client.close();
    throw error;
  }
  const started = <T>(subscribe: (sink: T) => Unsubscribe) => {
    return (sink: T) => {
      polling.start();
      return subscribe(sink);
    };
  };

  return {
    label: "RunPod",
    lab: account,
    missing,
    watchLink: started(polling.watchLink),
    retryNow: polling.lookNow,
    ...withoutLab(),
    pods: {
      ...podActions({ client, fleet, time }),
      list: async () => {
        await fleet.look();
        return fleet.pods();
      },
      watch: started(fleet.watch),
      providers: () => Promise.resolve([providerState(polling.link())]),
      watchProviders: started((sink) => polling.watchLink((link) => sink.next([providerState(link)]))),
      followLog: (id, { source, tail }, sink) =>
        followed(sink, (signal) => client.pods.followLog(id, { source, tail, signal, onLost: sink.fail })),
    },
    telemetry: {
      window: (window) => Promise.resolve(fleet.history.window(time.now(), window)),
      watch: started(fleet.watchSamples),
    },
    costs: { get: bills.get, watch: bills.watch },
    close: async () => {
      polling.stop();
      bills.close();
      systemLines.close();
      await client.close();
    },
  };
}

/** Here the link is the provider. */
function providerState(link: Link): ProviderState {
  const { state, since } = link;
  const named = { name: "runpod", label: "RunPod", since };
  if (state === "lost") return { ...named, state: "down", reason: `RunPod: ${link.reason}` };
  return { ...named, state: state === "live" ? "ok" : "starting", reason: null };
}

/** The ports of a lab, each with its reason. */
function withoutLab(): Omit<
  Connection,
  "label" | "lab" | "missing" | "watchLink" | "retryNow" | "pods" | "telemetry" | "costs" | "close"
> {
  const failure: Failure = { kind: "unsupported", message: noExperiments };
  const refuse = () => Promise.reject(needsLab("experiments"));
  const none = () => () => undefined;
  return {
    experiments: {
      watch: (sink) => {
        sink.next([]);
        sink.fail(failure);
        return () => undefined;
      },
      older: () => Promise.resolve({ rows: [], more: false }),
      list: () => Promise.resolve({ rows: [], nextCursor: null, more: false }),
      get: refuse,
      create: refuse,
      patch: refuse,
      cancel: refuse,
      restart: refuse,
      resume: refuse,
      remove: refuse,
      watchStatuses: none,
      watchAttempts: none,
    },
    qc: { watch: none, rerun: refuse, override: refuse },
    queues: { watch: none, create: refuse, patch: refuse },
    batches: { create: refuse },
    activity: { watch: none },
    logs: {
      follow: none,
      before: () => Promise.resolve([]),
      list: () => Promise.resolve([]),
      page: () => Promise.resolve({ rows: [], nextCursor: null }),
      download: refuse,
    },
    metrics: { watch: none, read: refuse },
    outputs: { list: () => Promise.resolve({ rows: [], nextCursor: null }), download: refuse },
    settings: {
      get: () => Promise.reject(needsLab("settings")),
      // Nothing is said: without a lab the rules are the defaults.
      watch: () => () => undefined,
      patch: () => Promise.reject(needsLab("settings")),
    },
    templates: { list: () => Promise.resolve([]) },
  };
}

function followed<T>(sink: Sink<T>, follow: (signal: AbortSignal) => AsyncIterable<T>): Unsubscribe {
  const stop = new AbortController();
  const reading = async () => {
    for await (const batch of follow(stop.signal)) if (!stop.signal.aborted) sink.next(batch);
  };
  reading().catch((error: unknown) => {
    if (!stop.signal.aborted) sink.fail(toFailure(error));
  });
  return () => stop.abort();
}
