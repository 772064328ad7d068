import type { Generated } from "kysely";

// The tables of migration 0003; see schema.ts.

export interface ExperimentStatusesTable {
  n: Generated<number>;
  experiment_id: string;
  attempt: number;
  from_status: string | null;
  status: string;
  at: number;
  actor: string;
  reason: string | null;
  message: string | null;
}

export interface QueuesTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  name: string;
  status: string;
  place: number;
  concurrency: number | null;
  created_at: number;
  updated_at: number;
}

/** How many experiments of each status a queue has, counted as they move: counting a million rows takes too long. */
export interface QueueCountsTable {
  lab_id: string;
  /** Empty for the lab's `default`, which experiments name by null. */
  queue_id: string;
  status: string;
  experiments: number;
}

export interface BatchesTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  name: string;
  grid: string;
  experiment_count: number;
  created_by: string;
  created_at: number;
}

export interface TemplatesTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  name: string;
  title: string;
  description: string;
  compute_mode: string;
  config: string;
  parameters: Generated<string>;
  metric_patterns: Generated<string>;
  estimated_seconds: number | null;
  from_experiment_id: string | null;
  /** Built-in program that it runs; null: its config says what runs. */
  program: string | null;
  created_at: number;
  updated_at: number;
}

/** What a template was when experiments were made of it, by the hash of its content. */
export interface TemplateVersionsTable {
  id: string;
  /** JSON of lab/services/template-content.ts. */
  content: string;
  at: number;
}

export interface ApiKeysTable {
  n: Generated<number>;
  id: string;
  lab_id: string | null;
  name: string;
  prefix: string;
  hash: string;
  /** As they were asked for, JSON. */
  scopes: string;
  /** What they came to then, JSON: a slug that another lab takes later gives nothing. */
  grants: string;
  plan: string | null;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

export interface SessionsTable {
  n: Generated<number>;
  id: string;
  lab_id: string | null;
  hash: string;
  agent_id: string;
  grants: string;
  plan: string | null;
  metadata: string | null;
  created_by: string;
  created_at: number;
  expires_at: number;
  ended_at: number | null;
}

export interface RequestDaysTable {
  actor: string;
  day: number;
  requests: number;
}

export interface IdempotencyKeysTable {
  actor: string;
  key: string;
  request_hash: string;
  status: number | null;
  answer: string | null;
  at: number;
}

export interface ProjectsTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  slug: string;
  name: string;
  goal: string | null;
  deliverable: string | null;
  measurable: string | null;
  status: string;
  created_at: number;
  updated_at: number;
}

/** How many of a project's experiments are in each status; triggers of `experiments` keep it. */
export interface ProjectExperimentsTable {
  project_id: string;
  status: string;
  count: number;
}

export interface TasksTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  display_id: string;
  title: string;
  description: string | null;
  status: string;
  priority: string;
  assigned_to: string | null;
  experiment_id: string | null;
  due_at: number | null;
  created_by: string;
  created_at: number;
  updated_at: number;
  completed_at: number | null;
}

export interface TaskReviewsTable {
  n: Generated<number>;
  id: string;
  task_id: string;
  verdict: string;
  summary: string;
  findings: Generated<string>;
  model: string | null;
  reviewer: string;
  created_at: number;
}

export interface AgentsTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  name: string;
  role: string;
  model: string | null;
  reports_to: string | null;
  system_prompt: string | null;
  capabilities: Generated<string>;
  status: string;
  last_active_at: number | null;
  created_at: number;
  updated_at: number;
}

export interface AgentMessagesTable {
  n: Generated<number>;
  id: string;
  agent_id: string;
  lab_id: string;
  role: string;
  content: string;
  sender: string;
  at: number;
}

export interface AgentEventsTable {
  n: Generated<number>;
  id: string;
  agent_id: string;
  lab_id: string;
  kind: string;
  message: string;
  metadata: string | null;
  at: number;
}

export interface PapersTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  slug: string;
  title: string;
  abstract: string | null;
  authors: Generated<string>;
  status: string;
  readiness: number | null;
  project_id: string | null;
  version: Generated<number>;
  created_at: number;
  updated_at: number;
}

export interface PaperVersionsTable {
  n: Generated<number>;
  id: string;
  paper_id: string;
  version: number;
  note: string | null;
  sha256: string | null;
  size_bytes: number | null;
  editor: string;
  created_at: number;
  content: string | null;
}

export interface FiguresTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  title: string;
  file_name: string;
  mime_type: string;
  size_bytes: number;
  sha256: string;
  width: number | null;
  height: number | null;
  paper_id: string | null;
  experiment_id: string | null;
  attempt: number | null;
  script_file: string | null;
  figure_type: string | null;
  caption: string | null;
  source: string;
  source_path: string | null;
  created_at: number;
  updated_at: number;
}

export interface FilesTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  path: string;
  parent_path: string;
  name: string;
  type: string;
  mime_type: string | null;
  size_bytes: Generated<number>;
  sha256: string | null;
  created_at: number;
  updated_at: number;
}

export interface SkillsTable {
  n: Generated<number>;
  id: string;
  name: string;
  version: string;
  description: string;
  tags: Generated<string>;
  /** 0..1: what its confidence begins with. */
  prior: number;
  /** 0..100 */
  confidence: number;
  successes: Generated<number>;
  failures: Generated<number>;
  partials: Generated<number>;
  parent_id: string | null;
  status: Generated<string>;
  created_by: string;
  created_at: number;
  updated_at: number;
  content: string | null;
}

export interface LearningsTable {
  n: Generated<number>;
  id: string;
  skill_id: string;
  outcome: string;
  platform: string | null;
  note: string | null;
  duration_ms: number | null;
  actor: string;
  at: number;
}

export interface LearningDaysTable {
  skill_id: string;
  day: number;
  platform: string;
  successes: Generated<number>;
  failures: Generated<number>;
  partials: Generated<number>;
  timed: Generated<number>;
  duration_ms: Generated<number>;
}

export interface WebhooksTable {
  n: Generated<number>;
  id: string;
  lab_id: string;
  url: string;
  events: string;
  description: string | null;
  enabled: Generated<number>;
  failures: Generated<number>;
  disabled_reason: string | null;
  last_seq: Generated<number>;
  created_at: number;
  updated_at: number;
}

export interface WebhookDeliveriesTable {
  n: Generated<number>;
  id: string;
  webhook_id: string;
  event_seq: number | null;
  event: string;
  payload: string;
  status: string;
  attempt: Generated<number>;
  next_at: number | null;
  response_status: number | null;
  response_excerpt: string | null;
  error: string | null;
  duration_ms: number | null;
  created_at: number;
  ended_at: number | null;
}

export interface BackupsTable {
  n: Generated<number>;
  id: string;
  lab_id: string | null;
  type: string;
  destination: string;
  status: string;
  file: string | null;
  size_bytes: number | null;
  sha256: string | null;
  error: string | null;
  created_by: string;
  started_at: number;
  ended_at: number | null;
}
