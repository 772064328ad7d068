import { type Kysely, sql } from "kysely";

/** Rented pods, what they cost, the lab's settings, and runs on other machines. Money is in whole micro-dollars. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    "alter table pods add column provider_id text",
    "alter table pods add column provider_status text",
    "alter table pods add column trouble text",
    "alter table pods add column spec text not null default '{}'",
    "alter table pods add column created_by_lab integer not null default 0",
    "alter table pods add column locked integer not null default 0",
    "alter table pods add column max_hours_at bigint",
    "alter table pods add column max_hours_action text",
    "alter table pods add column auto_stop integer",
    "alter table pods add column postponed_until bigint",
    "alter table pods add column stopped_micros_per_hour bigint",
    "alter table pods add column seen_at bigint",
    "alter table pods add column ended_at bigint",
    "create unique index pods_by_provider on pods (lab_id, provider, provider_id) where provider_id is not null",
    "alter table samples add column gpus text",
    "alter table samples add column idle_since bigint",
    "alter table runs add column pod_id text",
    "alter table runs add column remote_dir text",
    "alter table runs add column outputs_home_at bigint",
    "alter table experiments add column pinned_pod_id text",
    "alter table experiments add column cost_micros bigint",
    "alter table experiments add column cost_estimated integer not null default 0",
    "alter table experiments add column projected_micros bigint",
    "create index experiments_with_cost on experiments (lab_id, n) where cost_micros is not null",
    "create index runs_by_end on runs (ended_at) where ended_at is not null",
    `create table pod_costs (
      pod_id text not null, hour_at bigint not null, gpu_micros bigint not null default 0, disk_micros bigint not null default 0,
      idle_micros bigint not null default 0, running_ms bigint not null default 0, unknown_ms bigint not null default 0,
      shared_micros bigint not null default 0, shared_gpu_ms bigint not null default 0,
      billed_micros bigint, billed_disk_micros bigint, billed_at bigint,
      primary key (pod_id, hour_at))`,
    "create index pod_costs_by_hour on pod_costs (hour_at)",
    `create table experiment_costs (
      experiment_id text not null, pod_id text not null, hour_at bigint not null, micros bigint not null default 0,
      gpu_ms bigint not null default 0, billed_micros bigint, primary key (experiment_id, hour_at, pod_id))`,
    `create table pod_meters (
      pod_id text primary key, at bigint not null, status text not null, cost_micros_per_hour bigint,
      stopped_micros_per_hour bigint, idle integer)`,
    "create index experiment_costs_by_pod on experiment_costs (pod_id, hour_at)",
    "create table lab_settings (lab_id text primary key, settings text not null, updated_at bigint not null)",
    `create table balances (
      provider text primary key, micros bigint, spend_micros_per_hour bigint, reason text, at bigint not null)`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
