import { type Kysely, sql } from "kysely";

/** The first schema. Times ms, JSON as text, no dialect-specific types: see schema.ts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    "create table labs (id text primary key, name text not null, slug text not null unique, template text, visibility text not null, experiment_count integer not null default 0, created_at bigint not null)",
    `create table experiments (
      n integer primary key autoincrement, id text not null unique, lab_id text not null, display_id text not null,
      title text not null, project_id text, template text, compute_mode text not null, config text not null,
      priority integer not null, estimated_seconds double precision,
      status text not null check (status in ('queued','running','pass','fail','blocked')),
      status_reason text, result text, qc text, metrics text not null default '{}', progress double precision,
      eta_at bigint, attempt integer not null default 0, pod_id text, exit_code integer, log_lines bigint not null default 0,
      cancel_requested integer not null default 0, created_at bigint not null, updated_at bigint not null,
      started_at bigint, ended_at bigint, unique (lab_id, display_id))`,
    "create index experiments_by_lab on experiments (lab_id, n)",
    "create index experiments_by_status on experiments (lab_id, status, n)",
    "create index experiments_by_project on experiments (lab_id, project_id, n)",
    "create index experiments_by_display on experiments (display_id)",
    "create index experiments_queue on experiments (priority, n) where status = 'queued'",
    "create index experiments_unfinished on experiments (status, priority, n)",
    `create table dependencies (
      experiment_id text not null, depends_on_id text not null, primary key (experiment_id, depends_on_id))`,
    "create index dependencies_by_needed on dependencies (depends_on_id)",
    `create table runs (
      experiment_id text not null, attempt integer not null, dir text not null, state text not null,
      off bigint not null default 0, seq bigint not null default 0, started_at bigint not null, ended_at bigint,
      exit_code integer, reason text, stop_requested_at bigint, reader text, primary key (experiment_id, attempt))`,
    "create index runs_alive on runs (state) where state <> 'ended'",
    `create table blocks (
      experiment_id text not null, attempt integer not null, off bigint not null, seq bigint not null, at bigint not null,
      lines integer not null, debug_lines integer not null, info_lines integer not null, warn_lines integer not null,
      error_lines integer not null, primary key (experiment_id, attempt, off))`,
    `create table metrics (
      n integer primary key autoincrement, experiment_id text not null, attempt integer not null, name text not null,
      rank integer not null, step double precision not null, value double precision not null, at bigint not null)`,
    "create index metrics_by_experiment on metrics (experiment_id, attempt, n)",
    `create table pods (
      id text primary key, lab_id text not null, provider text not null, name text not null, gpu_type text not null,
      gpu_count integer not null, status text not null, status_reason text, accepts_work integer not null default 1,
      slots integer not null, cost_per_hour_usd double precision, started_at bigint, created_at bigint not null,
      updated_at bigint not null)`,
    `create table samples (
      pod_id text not null, at bigint not null, resolution_ms integer not null, cpu_percent double precision,
      memory_used_bytes bigint, memory_total_bytes bigint, load_average double precision, gpu_util_percent double precision,
      gpu_memory_percent double precision, cost_per_hour_usd double precision, slots_used integer, primary key (pod_id, at))`,
    "create table events (seq integer primary key autoincrement, topic text not null, ref text not null, payload text not null, at bigint not null)",
    "create index events_by_ref on events (ref, seq)",
    `create table session_requests (
      session_id text not null, request_id integer not null, ts text not null, result text not null, at bigint not null,
      primary key (session_id, request_id))`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
