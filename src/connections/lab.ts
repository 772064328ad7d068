import { z } from "zod";
import type { FunctionRequest } from "../clients/convex/convex-connection.js";
import { followLog } from "../clients/convex/log-follower.js";
import type { hubifyClient } from "../clients/hubify/index.js";
import { Activity } from "../contract/activity.js";
import type { ApiKey } from "../contract/api-key.js";
import type { Connection, Link, Sink, Unsubscribe } from "../contract/connection.js";
import { Costs } from "../contract/cost.js";
import { Attempt, Experiment, StatusChange } from "../contract/experiment.js";
import type { Lab } from "../contract/lab.js";
import { MetricSeries } from "../contract/metrics.js";
import { Pod, TelemetrySample } from "../contract/pod.js";
import { ProviderState } from "../contract/provider.js";
import { QcReport } from "../contract/qc.js";
import { Queue } from "../contract/queue.js";
import { LabSettings } from "../contract/settings.js";
import { openLabApi } from "./lab-api.js";
import { lazyRealtime } from "./lazy-realtime.js";
import type { Locate } from "./realtime.js";

const Rows = z.array(Experiment);
const Pods = z.array(Pod);
const Providers = z.array(ProviderState);
const Samples = z.array(TelemetrySample);
const Statuses = z.array(StatusChange);
const Attempts = z.array(Attempt);
const Queues = z.array(Queue);
const Activities = z.array(Activity);

/** Finished experiments the list subscription holds; older ones come by the list route. */
const watchedExperiments = 200;
/** What happened last, as far as a person reads back on a screen. */
const watchedActivities = 200;

export interface LabConnectionOptions {
  /** Shown in the header: `local lab`. */
  readonly label: string;
  /** Where the lab answers now. Asked again after each lost link, since a restarted lab may have moved. */
  readonly locate: Locate;
  /** Slug or id of one of the server's labs; default its first. */
  readonly lab?: string | undefined;
  /** Other labs of the server are not there; default: when one is named. */
  readonly alone?: boolean | undefined;
  /** A screen: load what is live while the lab is being asked for the first time. */
  readonly isLive: boolean;
}

/**
 * Attaches to a lab: REST for actions and pages, the Convex endpoint for what is live. Rejects with FailureError when the
 * lab cannot be found or refuses the token; afterwards it never ends by itself but reports the link as lost and goes on trying.
 */
export async function connectLab(options: LabConnectionOptions): Promise<Connection> {
  const loadRealtime = () =>
    Promise.all([import("./realtime.js"), import("../clients/convex/convex-connection.js")] as const);
  if (options.isLive) void loadRealtime();
  let endpoint = await options.locate({ isAsked: true });
  const api = await openLabApi(() => endpoint, { ref: options.lab, alone: options.alone ?? options.lab !== undefined });
  const { client, lab } = api;

  const realtime = lazyRealtime(async () => {
    const [{ Realtime }, { openConvexConnection }] = await loadRealtime();
    return new Realtime({
      open: openConvexConnection,
      locate: async (how) => (endpoint = await options.locate(how)),
      first: endpoint,
    });
  });
  const parts: Parts = { client, lab, watch: (request, sink) => realtime.watch(request, sink) };
  return {
    label: options.label,
    lab,
    missing: {},
    watchLink: (next: (link: Link) => void) => realtime.watchLink(next),
    retryNow: () => realtime.retryNow(),
    experiments: experimentsPort(parts),
    logs: {
      follow: (experimentId, { backlog }, sink) => followLog(realtime, { experimentId, backlog }, sink),
      before: async (id, beforeSeq, limit) => (await client.experiments.logs(id, { before: beforeSeq, limit })).rows,
      list: async (id, query) => (await client.experiments.logs(id, query)).rows,
      page: (id, query) => client.experiments.logs(id, query),
      download: (id, options) => client.experiments.downloadLog(id, options),
    },
    pods: podsPort(parts),
    ...judgingPorts(parts),
    ...moneyPorts(parts),
    ...numberPorts(parts),
    keys: {
      list: () => allKeys(client),
      create: client.keys.create,
      revoke: client.keys.revoke,
    },
    templates: { list: async () => (await client.labs.templates(lab.id)).rows },
    close: async () => {
      await realtime.close();
      await api.close();
    },
  };
}

async function allKeys({ keys }: Parts["client"]): Promise<readonly ApiKey[]> {
  const rows: ApiKey[] = [];
  let cursor: string | undefined;
  do {
    const page = await keys.list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...page.rows);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

interface Parts {
  readonly client: ReturnType<typeof hubifyClient>;
  readonly lab: Lab;
  readonly watch: <T>(request: FunctionRequest<T>, sink: Sink<T>) => Unsubscribe;
}

function experimentsPort({ client, lab: { id: labId }, watch }: Parts): Connection["experiments"] {
  return {
    watch: (sink) =>
      watch({ path: "experiments:list", args: { labId, limit: watchedExperiments }, schema: Rows }, sink),
    older: async (beforeId, limit) => {
      const cursor = beforeId === null ? {} : { cursor: beforeId };
      const page = await client.experiments.list({ labId, limit, ...cursor });
      return { rows: page.rows, more: page.more };
    },
    list: (query) => client.experiments.list({ ...query, labId }),
    get: (id) => client.experiments.get(id),
    create: (draft) => client.experiments.create({ ...draft, labId }),
    patch: (id, changes) => client.experiments.patch(id, changes),
    cancel: (id) => client.experiments.cancel(id),
    restart: (id) => client.experiments.restart(id),
    resume: (id) => client.experiments.resume(id),
    remove: async (id) => {
      await client.experiments.delete(id);
    },
    watchStatuses: (experimentId, sink) =>
      watch({ path: "experiments:statuses", args: { experimentId }, schema: Statuses }, sink),
    watchAttempts: (experimentId, sink) =>
      watch({ path: "experiments:attempts", args: { experimentId }, schema: Attempts }, sink),
  };
}

/** Order, judgement and what is told of it. */
function judgingPorts({
  client: { qc, queues, batches },
  lab: { id: labId },
  watch,
}: Parts): Pick<Connection, "qc" | "queues" | "batches" | "activity"> {
  return {
    qc: {
      watch: (id, sink) => watch({ path: "experiments:qc", args: { id }, schema: QcReport }, sink),
      rerun: qc.rerun,
      override: qc.override,
    },
    queues: {
      watch: (sink) => watch({ path: "queues:list", args: { labId }, schema: Queues }, sink),
      create: (draft) => queues.create({ ...draft, labId }),
      patch: queues.patch,
    },
    batches: { create: (draft) => batches.create({ ...draft, labId }) },
    activity: {
      watch: (sink) =>
        watch({ path: "activity:list", args: { labId, limit: watchedActivities }, schema: Activities }, sink),
    },
  };
}

function podsPort({ client: { pods }, lab: { id: labId }, watch }: Parts): Connection["pods"] {
  return {
    list: async () => (await pods.list({ labId })).rows,
    watch: (sink) => watch({ path: "pods:list", args: { labId }, schema: Pods }, sink),
    get: pods.get,
    create: (draft) => pods.create({ ...draft, labId }),
    patch: pods.patch,
    start: pods.start,
    stop: pods.stop,
    restart: pods.restart,
    terminate: pods.terminate,
    deploy: pods.deploy,
    fetchOutputs: pods.fetchOutputs,
    providers: pods.providers,
    watchProviders: (sink) => watch({ path: "pods:providers", args: {}, schema: Providers }, sink),
    stock: pods.stock,
    followLog: pods.followLog,
  };
}

function moneyPorts({ client, lab: { id: labId, slug }, watch }: Parts): Pick<Connection, "costs" | "settings"> {
  return {
    costs: {
      get: () => client.costs.get(labId),
      watch: (sink) => watch({ path: "costs:summary", args: { labId }, schema: Costs }, sink),
    },
    settings: {
      get: () => client.settings.get(slug),
      watch: (sink) => watch({ path: "settings:get", args: { labId }, schema: LabSettings }, sink),
      patch: (changes) => client.settings.patch(slug, changes),
    },
  };
}

function numberPorts({
  client,
  lab: { id: labId },
  watch,
}: Parts): Pick<Connection, "metrics" | "outputs" | "telemetry"> {
  return {
    metrics: {
      watch: (experimentId, sink) =>
        watch({ path: "experimentMetrics:list", args: { experimentId }, schema: MetricSeries }, sink),
      read: client.experiments.metrics,
    },
    outputs: {
      list: async (id, query) => client.experiments.outputs(id, query),
      download: client.experiments.downloadOutput,
    },
    telemetry: {
      window: (options) => client.telemetry.window(labId, options),
      watch: (sink) => watch({ path: "telemetry:latest", args: { labId }, schema: Samples }, sink),
    },
  };
}
