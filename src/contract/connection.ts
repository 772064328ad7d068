import type { Failure } from "../core/failure.js";
import type { Experiment, ExperimentPatch, NewExperiment } from "./experiment.js";
import type { Lab, Template } from "./lab.js";
import type { LogEntry, LogLevel } from "./log-entry.js";
import type { MetricSeries } from "./metrics.js";
import type { Pod, TelemetrySample } from "./pod.js";

export type Unsubscribe = () => void;

/** Receives every new state of something that is watched. `fail` may be followed by `next` again: watching goes on. */
export interface Sink<T> {
  next(value: T): void;
  fail(failure: Failure): void;
}

export type Link =
  | { readonly state: "connecting"; readonly since: number; readonly detail: string }
  | { readonly state: "live"; readonly since: number }
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
    remove(id: string): Promise<void>;
  };
  readonly logs: {
    /** The last `backlog` lines, then every line that follows, without a gap; lossless across reconnects. */
    follow(experimentId: string, options: { backlog: number }, sink: Sink<LogEvent>): Unsubscribe;
    /** Lines with seq < beforeSeq, ascending, at most limit. */
    before(experimentId: string, beforeSeq: number, limit: number): Promise<readonly LogEntry[]>;
    list(experimentId: string, options: { level?: LogLevel; limit?: number }): Promise<readonly LogEntry[]>;
  };
  readonly metrics: { watch(experimentId: string, sink: Sink<MetricSeries>): Unsubscribe };
  readonly pods: {
    list(): Promise<readonly Pod[]>;
    watch(sink: Sink<readonly Pod[]>): Unsubscribe;
    start(id: string): Promise<Pod>;
    stop(id: string): Promise<Pod>;
  };
  readonly telemetry: { watch(sinceMs: number, sink: Sink<readonly TelemetrySample[]>): Unsubscribe };
  readonly templates: { list(): Promise<readonly Template[]> };

  close(): Promise<void>;
}
