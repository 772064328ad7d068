import type { Failure } from "../core/failure.js";
import type { Activity } from "./activity.js";
import type { ApiKey, MadeApiKey, NewApiKey } from "./api-key.js";
import type { BatchDetail, NewBatch } from "./batch.js";
import type { Costs } from "./cost.js";
import type { Attempt, Experiment, ExperimentPatch, NewExperiment, StatusChange } from "./experiment.js";
import type { Lab } from "./lab.js";
import type { LogEntry, LogLevel } from "./log-entry.js";
import type { LogQuery } from "./log-query.js";
import type { MetricSeries, MetricsAnswer, MetricsQuery } from "./metrics.js";
import type { OutputFile } from "./output.js";
import type { NewPod, Pod, PodLogLine, PodPatch, StockRow, TelemetrySample } from "./pod.js";
import type { ProviderState } from "./provider.js";
import type { QcOverrideRequest, QcReport } from "./qc.js";
import type { NewQueue, Queue, QueuePatch } from "./queue.js";
import type { LabSettings, LabSettingsPatch } from "./settings.js";
import type { OfferedTemplate } from "./template.js";

export type Unsubscribe = () => void;

/** Receives every new state of something that is watched. `fail` may be followed by `next` again: watching goes on. */
export interface Sink<T> {
  next(value: T): void;
  fail(failure: Failure): void;
}

export type Link =
  | { readonly state: "connecting"; readonly since: number; readonly detail: string }
  /** `detail`: what slows it down, in words; a request limit that is nearly used up. */
  | { readonly state: "live"; readonly since: number; readonly detail?: string }
  /** `since` is when the last good message came. `retryAt` is when the next try starts, if known. */
  | {
      readonly state: "lost";
      readonly since: number;
      readonly attempt: number;
      readonly retryAt: number | null;
      readonly reason: string;
    };

/** A piece of a log, in order. `gap` says that lines from..to (inclusive seq) can't be had any more. */
export type LogEvent =
  | { readonly type: "lines"; readonly lines: readonly LogEntry[] }
  | { readonly type: "gap"; readonly fromSeq: number; readonly toSeq: number }
  | { readonly type: "restarted"; readonly attempt: number };

/** Filters of the list route; `limit` 1..100. */
export interface ExperimentsQuery {
  readonly status?: string | undefined;
  readonly projectId?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What leaving a pod may cost. */
export interface LeaveOptions {
  readonly discardOutputs?: boolean | undefined;
}

/**
 * What the control room is attached to. Every connection (local lab, Hubify, Polyaxon, RunPod) offers these ports; what it
 * can't do is named in `missing` with the reason. Promises reject with FailureError and nothing else.
 */
export interface Connection {
  readonly label: string;
  readonly lab: Lab;
  /** Port method → why it is not offered here. */
  readonly missing: Readonly<Partial<Record<string, string>>>;

  watchLink(next: (link: Link) => void): Unsubscribe;
  retryNow(): void;

  readonly experiments: {
    /** The newest experiments and every unfinished one; newest first. At most a few hundred rows; `older` has the rest. */
    watch(sink: Sink<readonly Experiment[]>): Unsubscribe;
    /** One page of history before the experiment with this document id, newest first. */
    older(beforeId: string | null, limit: number): Promise<{ rows: readonly Experiment[]; more: boolean }>;
    /** A page of the list route: newest first, `cursor` is the last row's id of the page before. */
    list(query: ExperimentsQuery): Promise<{ rows: readonly Experiment[]; nextCursor: string | null; more: boolean }>;
    get(id: string): Promise<Experiment>;
    create(draft: Omit<NewExperiment, "labId">): Promise<Experiment>;
    patch(id: string, changes: ExperimentPatch): Promise<Experiment>;
    cancel(id: string): Promise<Experiment>;
    restart(id: string): Promise<Experiment>;
    /** Queues a failed one again; it goes on from its newest checkpoint. */
    resume(id: string): Promise<Experiment>;
    remove(id: string): Promise<void>;
    /** Every change of its status, the oldest first. */
    watchStatuses(id: string, sink: Sink<readonly StatusChange[]>): Unsubscribe;
    /** Every start of it, the newest first. */
    watchAttempts(id: string, sink: Sink<readonly Attempt[]>): Unsubscribe;
  };
  readonly qc: {
    /** Of the current attempt. */
    watch(experimentId: string, sink: Sink<QcReport>): Unsubscribe;
    /** Judges the files of the current attempt again; nothing is run but the check command. */
    rerun(experimentId: string, options: { clearOverride: boolean }): Promise<QcReport>;
    override(experimentId: string, decision: QcOverrideRequest): Promise<QcReport>;
  };
  readonly queues: {
    /** In their order; `default` is always there. */
    watch(sink: Sink<readonly Queue[]>): Unsubscribe;
    create(draft: Omit<NewQueue, "labId">): Promise<Queue>;
    patch(id: string, changes: QueuePatch): Promise<Queue>;
  };
  readonly batches: { create(draft: Omit<NewBatch, "labId">): Promise<BatchDetail> };
  readonly activity: {
    /** What happened in the lab last, newest first. */
    watch(sink: Sink<readonly Activity[]>): Unsubscribe;
  };
  readonly logs: {
    /** The last `backlog` lines, then every line that follows, without a gap; lossless across reconnects. */
    follow(experimentId: string, options: { backlog: number }, sink: Sink<LogEvent>): Unsubscribe;
    /** Lines with seq < beforeSeq, ascending, at most limit. */
    before(experimentId: string, beforeSeq: number, limit: number): Promise<readonly LogEntry[]>;
    list(experimentId: string, options: { level?: LogLevel; limit?: number }): Promise<readonly LogEntry[]>;
    /** A page of a query; it may be short, and goes on with `nextCursor` as long as there is one. */
    page(
      experimentId: string,
      query: Partial<LogQuery>,
    ): Promise<{ rows: readonly LogEntry[]; nextCursor: string | null }>;
    /** The whole output of an attempt as it was written. */
    download(
      experimentId: string,
      options: { format: "text" | "gzip"; attempt?: number | undefined; signal: AbortSignal },
    ): Promise<AsyncIterable<Uint8Array>>;
  };
  readonly metrics: {
    watch(experimentId: string, sink: Sink<MetricSeries>): Unsubscribe;
    read(experimentId: string, query: MetricsQuery): Promise<MetricsAnswer>;
  };
  readonly outputs: {
    /** By path, then what is still on the pod. */
    list(
      experimentId: string,
      query: { attempt?: number | undefined; limit?: number; cursor?: string | undefined },
    ): Promise<{ rows: readonly OutputFile[]; nextCursor: string | null }>;
    download(
      experimentId: string,
      path: string,
      options: { attempt?: number | undefined; signal: AbortSignal },
    ): Promise<AsyncIterable<Uint8Array>>;
  };
  readonly pods: {
    list(): Promise<readonly Pod[]>;
    get(id: string): Promise<Pod>;
    watch(sink: Sink<readonly Pod[]>): Unsubscribe;
    /** Resolves when the provider has taken it (status creating): `watch` shows it come up. */
    create(draft: Omit<NewPod, "labId">): Promise<Pod>;
    patch(id: string, changes: PodPatch): Promise<Pod>;
    start(id: string): Promise<Pod>;
    /**
     * Resolves when the stop was read back, not when it was asked for. Without a volume it is refused while outputs are only there
     * and can't be fetched, unless `discardOutputs` says that they may be lost.
     */
    stop(id: string, options?: LeaveOptions): Promise<Pod>;
    restart(id: string): Promise<Pod>;
    /** Outputs come home first; when they can't it is refused, unless `discardOutputs` says that they may be lost. */
    terminate(id: string, options?: LeaveOptions): Promise<Pod>;
    /** Puts a queued experiment on this pod, before all others. */
    deploy(id: string, experimentId: string): Promise<Pod>;
    /** Brings the outputs home that are only on the pod. */
    fetchOutputs(id: string): Promise<Pod>;
    /** How each provider of pods does: off with what is missing, starting, ok, down with the reason. */
    providers(): Promise<readonly ProviderState[]>;
    watchProviders(sink: Sink<readonly ProviderState[]>): Unsubscribe;
    /** What could be rented now: live stock and prices. */
    stock(): Promise<readonly StockRow[]>;
    /** The pod's own log, live: the last lines, then what follows. `source` undefined is both. */
    followLog(
      id: string,
      options: { source?: string | undefined; tail: number },
      sink: Sink<readonly PodLogLine[]>,
    ): Unsubscribe;
  };
  readonly telemetry: {
    /** Samples of the last `windowMs`, ascending, thinned to about `points` for each pod; of one pod where it is named. */
    window(options: {
      windowMs: number;
      points: number;
      podId?: string | undefined;
    }): Promise<readonly TelemetrySample[]>;
    /** The newest sample of each pod, again whenever there are newer ones. */
    watch(sink: Sink<readonly TelemetrySample[]>): Unsubscribe;
  };
  readonly costs: {
    get(): Promise<Costs>;
    watch(sink: Sink<Costs>): Unsubscribe;
  };
  readonly settings: {
    get(): Promise<LabSettings>;
    watch(sink: Sink<LabSettings>): Unsubscribe;
    patch(changes: LabSettingsPatch): Promise<LabSettings>;
  };
  readonly templates: { list(): Promise<readonly OfferedTemplate[]> };
  /** API keys; absent where nobody keeps them. */
  readonly keys?: {
    /** Newest first, revoked ones too. */
    list(): Promise<readonly ApiKey[]>;
    /** The only time that the key itself is told. */
    create(draft: NewApiKey): Promise<MadeApiKey>;
    /** By id or prefix. */
    revoke(ref: string): Promise<ApiKey>;
  };

  close(): Promise<void>;
}
