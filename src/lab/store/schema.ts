import type { Generated } from "kysely";
import type { Plan } from "../../contract/access.js";
import type { ApiKeysTable, IdempotencyKeysTable, RequestDaysTable, SessionsTable } from "./schema-access.js";
import type {
  BatchesTable,
  ExperimentStatusesTable,
  QueueCountsTable,
  QueuesTable,
  TemplatesTable,
  TemplateVersionsTable,
} from "./schema-experiments.js";
import type {
  BackupsTable,
  FiguresTable,
  FilesTable,
  WebhookDeliveriesTable,
  WebhooksTable,
} from "./schema-outside.js";
import type {
  AgentEventsTable,
  AgentMessagesTable,
  AgentsTable,
  LearningDaysTable,
  LearningsTable,
  PapersTable,
  PaperVersionsTable,
  ProjectExperimentsTable,
  ProjectsTable,
  SkillsTable,
  TaskReviewsTable,
  TasksTable,
} from "./schema-research.js";

/**
 * The tables as Kysely sees them. Times are integers (ms since 1970 UTC), JSON is text, booleans are 0 or 1: the same on
 * SQLite and PostgreSQL. Columns are snake_case; the repositories turn rows into the nouns of src/contract.
 */
export interface Schema {
  meta: MetaTable;
  labs: LabsTable;
  experiments: ExperimentsTable;
  dependencies: DependenciesTable;
  runs: RunsTable;
  blocks: BlocksTable;
  metrics: MetricsTable;
  pods: PodsTable;
  samples: SamplesTable;
  events: EventsTable;
  session_requests: SessionRequestsTable;
  pod_costs: PodCostsTable;
  experiment_costs: ExperimentCostsTable;
  pod_meters: PodMetersTable;
  lab_settings: LabSettingsTable;
  balances: BalancesTable;
  experiment_statuses: ExperimentStatusesTable;
  queues: QueuesTable;
  queue_counts: QueueCountsTable;
  batches: BatchesTable;
  templates: TemplatesTable;
  template_versions: TemplateVersionsTable;
  api_keys: ApiKeysTable;
  sessions: SessionsTable;
  request_days: RequestDaysTable;
  idempotency_keys: IdempotencyKeysTable;
  project_experiments: ProjectExperimentsTable;
  projects: ProjectsTable;
  tasks: TasksTable;
  task_reviews: TaskReviewsTable;
  agents: AgentsTable;
  agent_events: AgentEventsTable;
  agent_messages: AgentMessagesTable;
  papers: PapersTable;
  paper_versions: PaperVersionsTable;
  figures: FiguresTable;
  files: FilesTable;
  skills: SkillsTable;
  learning_days: LearningDaysTable;
  learnings: LearningsTable;
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
  backups: BackupsTable;
}

interface MetaTable {
  key: string;
  value: string;
}

interface LabsTable {
  id: string;
  name: string;
  slug: string;
  template: string | null;
  visibility: "public" | "private";
  /** Counted as they come and go: counting a million rows takes too long. */
  experiment_count: Generated<number>;
  created_at: number;
  description: Generated<string | null>;
  /** Limits of its keys that have no plan of their own. */
  plan: Generated<Plan>;
  updated_at: Generated<number | null>;
}

export interface ExperimentsTable {
  /** Order of creation; the keyset of every page. */
  n: Generated<number>;
  id: string;
  lab_id: string;
  display_id: string;
  title: string;
  project_id: string | null;
  template: string | null;
  compute_mode: string;
  config: string;
  /** 0 = critical … 3 = low. */
  priority: number;
  estimated_seconds: number | null;
  status: string;
  status_reason: string | null;
  result: string | null;
  qc: string | null;
  metrics: string;
  progress: number | null;
  eta_at: number | null;
  /** Number of starts; fencing token of the run. */
  attempt: number;
  pod_id: string | null;
  exit_code: number | null;
  log_lines: number;
  cancel_requested: number;
  created_at: number;
  updated_at: number;
  started_at: number | null;
  ended_at: number | null;
  /** Somebody put it on this pod: it starts there and nowhere else. */
  pinned_pod_id: Generated<string | null>;
  /** Sum of its experiment_costs, all attempts; told now and then while it runs. null: nothing is known. */
  cost_micros: Generated<number | null>;
  /** Some of it is not billed yet. */
  cost_estimated: Generated<number>;
  /** What it will have cost when it ends as expected; only while it runs. */
  projected_micros: Generated<number | null>;
  queue_id: Generated<string | null>;
  /** The experiment whose outputs it goes on from. */
  parent_id: Generated<string | null>;
  batch_id: Generated<string | null>;
  /** It waits until then: the backoff of a retry. */
  not_before_at: Generated<number | null>;
  /** Checkpoint that the next start goes on from, as its path in the run directory of an earlier attempt. */
  resume_from: Generated<string | null>;
  /** What its template was when it was made; null: none, or a built-in one. */
  template_version: Generated<string | null>;
}

/** What an experiment still waits for. Rows go when the dependency passes or somebody unblocks the experiment by hand. */
interface DependenciesTable {
  experiment_id: string;
  depends_on_id: string;
}

/** One start of an experiment: where its directory is and how far its output is indexed. */
export interface RunsTable {
  experiment_id: string;
  attempt: number;
  dir: string;
  state: "starting" | "running" | "ended";
  /** Next byte and next line of `out` to index. */
  off: number;
  seq: number;
  started_at: number;
  ended_at: number | null;
  exit_code: number | null;
  reason: string | null;
  /** When TERM was sent because somebody asked to stop it; KILL follows after the grace. */
  stop_requested_at: number | null;
  /** JSON of the chain reader, so that a restarted lab goes on parsing where it was. */
  reader: string | null;
  pod_id: Generated<string | null>;
  /** Where it is on the pod; `dir` is its mirror here. null: it ran here. */
  remote_dir: Generated<string | null>;
  /** When its outputs were complete in `dir`; null while some are only on the pod. */
  outputs_home_at: Generated<number | null>;
  /** JSON of how the attempt ended: status, result, qc, metrics. */
  outcome: Generated<string | null>;
  resumed_from: Generated<string | null>;
  /** When retention took its log away. */
  log_removed_at: Generated<number | null>;
  /** JSON of the tracebacks that the next line may continue; null: none. */
  carry: Generated<string | null>;
}

/** At most 64 KiB of whole lines of a run's output (engines §2.1). */
export interface BlocksTable {
  experiment_id: string;
  attempt: number;
  off: number;
  seq: number;
  at: number;
  lines: number;
  debug_lines: number;
  info_lines: number;
  warn_lines: number;
  error_lines: number;
  /** JSON of the tracebacks that its first lines may continue; null: none. */
  carry: Generated<string | null>;
}

export interface MetricsTable {
  n: Generated<number>;
  experiment_id: string;
  attempt: number;
  name: string;
  rank: number;
  step: number;
  value: number;
  at: number;
}

export interface PodsTable {
  id: string;
  lab_id: string;
  provider: string;
  name: string;
  gpu_type: string;
  gpu_count: number;
  status: string;
  status_reason: string | null;
  accepts_work: number;
  slots: number;
  cost_per_hour_usd: number | null;
  started_at: number | null;
  created_at: number;
  updated_at: number;
  provider_id: Generated<string | null>;
  provider_status: Generated<string | null>;
  /** JSON of the contract's PodTrouble. */
  trouble: Generated<string | null>;
  /** JSON of lab/pods/pod-spec.ts: what the provider told besides. */
  spec: Generated<string>;
  created_by_lab: Generated<number>;
  locked: Generated<number>;
  max_hours_at: Generated<number | null>;
  max_hours_action: Generated<"terminate" | "stop" | null>;
  /** 1 or 0 where somebody decided for this pod; null: the lab's rule. */
  auto_stop: Generated<number | null>;
  postponed_until: Generated<number | null>;
  stopped_micros_per_hour: Generated<number | null>;
  /** When the provider last told of it. */
  seen_at: Generated<number | null>;
  ended_at: Generated<number | null>;
}

/** Telemetry of a pod. Full rate for an hour, then thinned (`resolution_ms` says to what). */
export interface SamplesTable {
  pod_id: string;
  at: number;
  resolution_ms: number;
  cpu_percent: number | null;
  memory_used_bytes: number | null;
  memory_total_bytes: number | null;
  load_average: number | null;
  gpu_util_percent: number | null;
  gpu_memory_percent: number | null;
  cost_per_hour_usd: number | null;
  slots_used: number | null;
  /** JSON array of the contract's GpuSample; null where no single GPU is known. */
  gpus: Generated<string | null>;
  /** Since when the pod had no work, as known at that moment; null: it worked, or nobody knew. So a restarted lab goes on where it was. */
  idle_since: Generated<number | null>;
}

/** What happened, in the words of hubify-api §5.11 (`experiment.started` …), written with the change it tells. */
export interface EventsTable {
  seq: Generated<number>;
  topic: string;
  ref: string;
  payload: string;
  at: number;
  /** Whose activity it belongs to; null: the server's. */
  lab_id: Generated<string | null>;
  /** Who did it: `owner`, `key ci`, `agent …`; `lab` for what the lab did by itself. */
  actor: Generated<string | null>;
}

/** Answers of mutations by (session, request), so that a resent one runs once (convex-wire §2 rule 5). */
export interface SessionRequestsTable {
  session_id: string;
  request_id: number;
  ts: string;
  result: string;
  at: number;
}

/** One hour of one pod, micro-dollars. Ours, as sampled, until the provider's bill for it arrives: then `billed_micros` counts. */
export interface PodCostsTable {
  pod_id: string;
  /** ms of the hour's start, UTC. */
  hour_at: number;
  gpu_micros: Generated<number>;
  disk_micros: Generated<number>;
  /** Part of gpu_micros spent without work. */
  idle_micros: Generated<number>;
  running_ms: Generated<number>;
  /** Time of it of which nobody knows the price: the numbers above are too low by that. */
  unknown_ms: Generated<number>;
  /** Part of gpu_micros that experiments had, by their slots, and their GPUs' time. */
  shared_micros: Generated<number>;
  shared_gpu_ms: Generated<number>;
  billed_micros: Generated<number | null>;
  /** Part of billed_micros. */
  billed_disk_micros: Generated<number | null>;
  billed_at: Generated<number | null>;
}

/** How a pod was last seen, as far as money cares: what comes next is paid from here on. */
export interface PodMetersTable {
  pod_id: string;
  at: number;
  status: string;
  cost_micros_per_hour: number | null;
  stopped_micros_per_hour: number | null;
  idle: number | null;
}

/** What an experiment cost on a pod in an hour: its share of the pod by slots. */
export interface ExperimentCostsTable {
  experiment_id: string;
  pod_id: string;
  hour_at: number;
  micros: Generated<number>;
  gpu_ms: Generated<number>;
  /** Its part of the pod's bill; counts instead of `micros`. */
  billed_micros: Generated<number | null>;
  /** The lab that pays, where it is not the pod's own: it had its share of a machine that serves every lab. */
  guest_lab_id: Generated<string | null>;
}

interface LabSettingsTable {
  lab_id: string;
  /** JSON of the contract's LabSettings. */
  settings: string;
  updated_at: number;
}

/** What is left on an account at a provider. */
interface BalancesTable {
  provider: string;
  micros: number | null;
  /** What the account spends beside the lab's own pods, as of `at`. null: the provider does not say. */
  spend_micros_per_hour: number | null;
  /** Why it is unknown. */
  reason: string | null;
  at: number;
}
