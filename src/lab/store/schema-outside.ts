import type { Generated } from "kysely";

// What comes in as bytes, and what goes out of the lab: figures, files, webhooks, backups; see schema.ts.

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
