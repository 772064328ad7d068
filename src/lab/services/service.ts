import type { Costs, ExperimentCost, PodCosts } from "../../contract/cost.js";
import type {
  Attempt,
  Experiment,
  ExperimentCopy,
  ExperimentPatch,
  ExperimentStatus,
  NewExperiment,
  StatusChange,
  StatusMove,
} from "../../contract/experiment.js";
import type { LogEntry, LogLevel, LogPage } from "../../contract/log-entry.js";
import type { LogQuery } from "../../contract/log-query.js";
import type {
  MetricPoint,
  MetricSeries,
  MetricsAnswer,
  MetricsQuery,
  NewMetricPoints,
} from "../../contract/metrics.js";
import type { NewPod, Pod, PodLogLine, PodPatch, StockRow, TelemetrySample } from "../../contract/pod.js";
import type { ProviderState } from "../../contract/provider.js";
import type { QcOverrideRequest, QcReport, QcSummary } from "../../contract/qc.js";
import type { LabSettings, LabSettingsPatch } from "../../contract/settings.js";

import type { ActivityService } from "./activity.js";
import type { BackupsService } from "./backups.js";
import type { BatchesService } from "./batches.js";
import type { CheckpointsService } from "./checkpoints.js";
import type { FiguresService } from "./figures.js";
import type { FilesService } from "./files.js";
import type { KeysService } from "./keys.js";
import type { LabsService } from "./labs.js";
import type { OutputsService } from "./outputs.js";
import type { Page } from "./page.js";
import type { QueuesService } from "./queues.js";
import type { ResearchServices } from "./research.js";
import type { SearchService } from "./search.js";
import type { SessionsService } from "./sessions.js";
import type { TemplatesService } from "./templates.js";
import type { WebhooksService } from "./webhooks.js";

export type { LabsService } from "./labs.js";
export type { Page } from "./page.js";

/**
 * The one layer under REST, Convex and every other dialect: a dialect translates, these decide. All reject with LabError
 * for what they refuse. `ref` is a document id or a display id (`EXP-054`).
 */
export interface Services extends ResearchServices {
  readonly labs: LabsService;
  readonly experiments: ExperimentsService;
  readonly checkpoints: CheckpointsService;
  readonly queues: QueuesService;
  readonly batches: BatchesService;
  readonly logs: LogsService;
  readonly metrics: MetricsService;
  readonly qc: QcService;
  readonly pods: PodsService;
  readonly costs: CostsService;
  readonly activity: ActivityService;
  readonly search: SearchService;
  readonly webhooks: WebhooksService;
  readonly settings: SettingsService;
  readonly templates: TemplatesService;
  readonly outputs: OutputsService;
  readonly keys: KeysService;
  readonly sessions: SessionsService;
  readonly figures: FiguresService;
  readonly files: FilesService;
  readonly backups: BackupsService;
}

export interface ListQuery {
  readonly labId: string;
  readonly status?: ExperimentStatus | undefined;
  readonly projectId?: string | undefined;
  /** 1..100. */
  readonly limit: number;
  /** Document or display id of the last row of the page before. */
  readonly cursor?: string | undefined;
}

/** How a run ended, for `settle`. */
export interface Outcome {
  readonly status: "pass" | "fail";
  readonly exitCode: number | null;
  /** In words, with reasons: shown as the experiment's result. */
  readonly result: string;
  readonly qc: QcSummary | null;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface ExperimentsService {
  create(draft: NewExperiment): Promise<Experiment>;
  /** Newest first, by keyset. */
  list(query: ListQuery): Promise<Page<Experiment>>;
  /** Every unfinished experiment and the newest others, newest first, at most `limit` finished ones. */
  window(labId: string, limit: number): Promise<readonly Experiment[]>;
  get(ref: string): Promise<Experiment>;
  /** Refuses a status that `allowedTransitions` does not name, with the ones it does. running → fail asks the run to stop. */
  patch(ref: string, changes: ExperimentPatch): Promise<Experiment>;
  /** As a patch of the status alone; also refuses the status that it has. */
  move(ref: string, wanted: StatusMove): Promise<Experiment>;
  /** A new experiment like this one, with what is to be different. */
  copy(ref: string, changes?: ExperimentCopy): Promise<Experiment>;
  /** Its changes of status, the oldest first. */
  statuses(ref: string): Promise<readonly StatusChange[]>;
  /** Every start, the newest first. */
  attempts(ref: string): Promise<readonly Attempt[]>;
  /** Those that go on from its outputs, the newest first. */
  children(
    ref: string,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<Experiment>>;
  /** queued or blocked → fail "cancelled before it started"; running → asks the run to stop, `settle` follows. Twice is safe. */
  cancel(ref: string): Promise<Experiment>;
  /** fail → queued as a new attempt; pass is copied into a new experiment instead (pass is terminal). */
  restart(ref: string): Promise<Experiment>;
  /** Deletes the row, its logs, blocks and metrics; output files stay. Refuses while it runs. */
  remove(ref: string): Promise<void>;

  countRunning(): Promise<number>;

  // What the scheduler and the runs need.
  /** Everything queued, blocked or running, in queue order. */
  unfinished(): Promise<readonly Experiment[]>;
  /** queued → running with attempt + 1, if it is still queued; else undefined. `reason`: why there, where somebody may wonder. */
  claim(id: string, podId: string, reason?: string | null): Promise<Experiment | undefined>;
  /** Fenced by attempt: a late outcome changes nothing and answers false. */
  settle(id: string, attempt: number, outcome: Outcome): Promise<boolean>;
  /** Back to the queue, or blocked, with the reason; used for dependencies and by the scheduler. */
  hold(id: string, status: "queued" | "blocked", reason: string | null): Promise<void>;
  /** Why queued experiments wait and when each is expected to end (null: nobody knows). No event rows. */
  tellWaiting(
    told: readonly {
      readonly id: string;
      readonly reason: string | null;
      readonly etaAt: number | null;
      /** What it will have cost, micro-dollars; null: unknown. */
      readonly projectedMicros?: number | null;
    }[],
  ): Promise<void>;
  /** Their pod has gone: they may start anywhere. */
  unpin(ids: readonly string[]): Promise<void>;
  /** Numbers of a running experiment, fenced by attempt. No event row. */
  observe(
    id: string,
    attempt: number,
    seen: {
      progress?: number | null;
      etaAt?: number | null;
      logLines?: number;
      metrics?: Readonly<Record<string, number>>;
      /** What is unusual about the run: `pod-x unreachable for 3 min; the run goes on there`. */
      statusReason?: string | null;
    },
  ): Promise<void>;
}

export interface LogsService {
  /** The last `limit` lines of the current attempt, ascending; only those of `level` where given. */
  tail(ref: string, options: { limit: number; level?: LogLevel | undefined }): Promise<readonly LogEntry[]>;
  /** Lines with seq > after (and ≤ upTo), ascending, at most limit (≤ 5000). */
  since(ref: string, options: { after: number; limit: number; upTo?: number | undefined }): Promise<LogPage>;
  /** Lines with seq < before, ascending, at most limit. */
  before(ref: string, options: { before: number; limit: number }): Promise<readonly LogEntry[]>;
  /** A page of the lines that a query wants, and cursors to go on. Looks at a bounded part of the log, however long that is. */
  query(ref: string, wanted: Partial<LogQuery>, bounds?: LogBounds): Promise<LogAnswer>;
  /** Number of lines so far. */
  head(ref: string): Promise<number>;
  /** Whole lines from a byte offset on, for SSE: the id of each frame is `next`. `ended` when nothing will follow. */
  frame(ref: string, offset: number): Promise<{ lines: readonly LogEntry[]; next: number; ended: boolean }>;
  /** The line that says best why it failed: of the last traceback its exception, not its frames. */
  lastError(ref: string): Promise<LogEntry | undefined>;
  /** The output of an attempt as it was written, for a download. Refuses (not_found) what retention took. */
  file(ref: string, attempt?: number): Promise<LogFile>;
  /** Deletes the output file of every attempt. */
  remove(experimentId: string): Promise<void>;
}

/** What one query looks at, at most: less for a query that runs again with every line. */
export interface LogBounds {
  readonly bytes: number;
  readonly blocks: number;
  readonly ms: number;
}

/** Rows ascend. `nextCursor` goes on in the direction of the query; null: everything was looked at. */
export interface LogAnswer {
  readonly rows: readonly LogEntry[];
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
  /** To the lines before these, and behind them; a running log always has a newer end, which may still be empty. */
  readonly olderCursor: string | null;
  readonly newerCursor: string | null;
}

export interface LogFile {
  readonly path: string;
  readonly bytes: number;
  /** `EXP-054-2.log` */
  readonly name: string;
}

export interface MetricsService {
  /** Of the current attempt, thinned for a chart. */
  series(ref: string): Promise<MetricSeries>;
  /** The same by name, rank, time and attempt, with the newest of each and what names there are. */
  read(ref: string, query: MetricsQuery): Promise<MetricsAnswer>;
  /** What a run's output says. Lines that are too many are left out. */
  append(experimentId: string, attempt: number, points: readonly MetricPoint[]): Promise<void>;
  /** What somebody sends for the current attempt; what is there already is not stored twice. */
  post(ref: string, points: NewMetricPoints): Promise<{ readonly received: number; readonly stored: number }>;
}

export interface QcService {
  /** Of the current attempt, or of an earlier one. */
  report(ref: string, attempt?: number): Promise<QcReport>;
  /**
   * Judges the files of the current attempt again, without running it; the status follows. Refuses with `conflict` while it is
   * queued, blocked or running. An override stays over what is found, unless it is to be cleared.
   */
  rerun(ref: string, options?: { readonly clearOverride?: boolean | undefined }): Promise<QcReport>;
  /** Somebody knows better than the checks. The report stays as it is, and the status follows. */
  override(ref: string, decision: QcOverrideRequest): Promise<QcReport>;
}

/** Outputs that are only on the pod are fetched before it goes; what can't be is a refusal. */
export interface LeaveOptions {
  /** Somebody said that they may be lost. */
  readonly discardOutputs?: boolean | undefined;
}

/** `id` is a document id, a pod's name or the provider's id. Every act is refused with words a person can act on. */
export interface PodsService {
  /**
   * A lab's own pods, and the machines that serve every lab; null: all pods of the server, for the lab itself. `unwatched` is for it
   * too: whoever else asks has a screen open, and providers are looked at often for a while.
   */
  list(labId: string | null, options?: { readonly unwatched?: boolean }): Promise<readonly Pod[]>;
  get(id: string): Promise<Pod>;
  /** `requestKey`: the same key again answers with the pod that was made for it, and makes none. */
  create(draft: NewPod, options?: { requestKey?: string | undefined }): Promise<Pod>;
  patch(id: string, changes: PodPatch): Promise<Pod>;
  /** This machine accepts work again; a rented pod is switched on. */
  start(id: string): Promise<Pod>;
  /**
   * This machine drains: running experiments go on, no new one starts. A rented pod is switched off: outputs are fetched first as
   * far as that goes, and the answer comes when the provider was seen to have stopped it.
   */
  stop(id: string, options?: LeaveOptions): Promise<Pod>;
  /** running: restarted; stopped: started (the seed's word for it). */
  restart(id: string): Promise<Pod>;
  terminate(id: string, options?: LeaveOptions): Promise<Pod>;
  /** Pins a queued experiment to the pod and puts it first. */
  deploy(id: string, experimentRef: string): Promise<Pod>;
  fetchOutputs(id: string): Promise<Pod>;
  /** Of every provider that rents. */
  stock(): Promise<readonly StockRow[]>;
  /** How the lab gets on with each provider; those that could be configured too. */
  providers(): Promise<readonly ProviderState[]>;
  /** Until `signal` aborts; resumes by the line's id. */
  followLog(
    id: string,
    options: { source?: string | undefined; tail: number; after?: string | undefined; signal: AbortSignal },
  ): AsyncIterable<readonly PodLogLine[]>;
  /** Samples since a moment, ascending; thinned to about `points` (default 300) for each pod; of one pod where named. */
  telemetry(
    labId: string,
    sinceMs: number,
    options?: { points?: number | undefined; podId?: string | undefined },
  ): Promise<readonly TelemetrySample[]>;
  /** The newest sample of each pod. */
  latest(labId: string): Promise<readonly TelemetrySample[]>;
}

export interface CostsService {
  summary(labId: string): Promise<Costs>;
  /** One month by pod; `2026-11`, or the current one. */
  pods(labId: string, month?: string): Promise<PodCosts>;
  /** By experiment and pod, newest experiments first: of one, or of the 200 newest that cost anything. */
  experiments(labId: string, ref?: string): Promise<readonly ExperimentCost[]>;
}

export interface SettingsService {
  get(labId: string): Promise<LabSettings>;
  patch(labId: string, changes: LabSettingsPatch): Promise<LabSettings>;
}
