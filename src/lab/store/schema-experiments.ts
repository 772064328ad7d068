import type { Generated } from "kysely";

// What experiments have around them: histories, queues, batches, templates; see schema.ts.

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
