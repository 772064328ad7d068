import { type Kysely, sql } from "kysely";

/** The whole documented system: histories, queues, batches, templates, keys, and the small nouns around experiments. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...experiments, ...access, ...research, ...outside]) await sql.raw(statement).execute(db);
}

/** `draft` is a status now, and SQLite changes no check of a table: it is made again, with what it has gained since. */
const experiments = [
  `create table experiments_again (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, display_id text not null,
    title text not null, project_id text, template text, compute_mode text not null, config text not null,
    priority integer not null, estimated_seconds double precision,
    status text not null check (status in ('draft','queued','running','pass','fail','blocked')),
    status_reason text, result text, qc text, metrics text not null default '{}', progress double precision,
    eta_at bigint, attempt integer not null default 0, pod_id text, exit_code integer, log_lines bigint not null default 0,
    cancel_requested integer not null default 0, created_at bigint not null, updated_at bigint not null,
    started_at bigint, ended_at bigint, pinned_pod_id text, cost_micros bigint, cost_estimated integer not null default 0,
    projected_micros bigint, queue_id text, parent_id text, batch_id text, not_before_at bigint, resume_from text,
    unique (lab_id, display_id))`,
  `insert into experiments_again (n, id, lab_id, display_id, title, project_id, template, compute_mode, config, priority,
     estimated_seconds, status, status_reason, result, qc, metrics, progress, eta_at, attempt, pod_id, exit_code, log_lines,
     cancel_requested, created_at, updated_at, started_at, ended_at, pinned_pod_id, cost_micros, cost_estimated, projected_micros)
   select n, id, lab_id, display_id, title, project_id, template, compute_mode, config, priority,
     estimated_seconds, status, status_reason, result, qc, metrics, progress, eta_at, attempt, pod_id, exit_code, log_lines,
     cancel_requested, created_at, updated_at, started_at, ended_at, pinned_pod_id, cost_micros, cost_estimated, projected_micros
   from experiments`,
  "drop table experiments",
  "alter table experiments_again rename to experiments",
  "create index experiments_by_lab on experiments (lab_id, n)",
  "create index experiments_by_status on experiments (lab_id, status, n)",
  "create index experiments_by_project on experiments (lab_id, project_id, n)",
  "create index experiments_by_display on experiments (display_id)",
  "create index experiments_queue on experiments (priority, n) where status = 'queued'",
  "create index experiments_unfinished on experiments (status, priority, n)",
  "create index experiments_with_cost on experiments (lab_id, n) where cost_micros is not null",
  "create index experiments_by_queue on experiments (queue_id, status, n) where queue_id is not null",
  "create index experiments_by_batch on experiments (batch_id, n) where batch_id is not null",
  "create index experiments_by_parent on experiments (parent_id, n) where parent_id is not null",
  "create index experiments_by_end on experiments (lab_id, status, ended_at) where ended_at is not null",
  `create table experiment_statuses (
    n integer primary key autoincrement, experiment_id text not null, attempt integer not null, from_status text,
    status text not null, at bigint not null, actor text not null, reason text, message text)`,
  "create index experiment_statuses_by_experiment on experiment_statuses (experiment_id, n)",
  "alter table runs add column outcome text",
  "alter table runs add column resumed_from text",
  "alter table runs add column log_removed_at bigint",
  "create index runs_away on runs (state, experiment_id) where remote_dir is not null and outputs_home_at is null",
  `create table queues (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, name text not null,
    status text not null check (status in ('running','paused')), place integer not null, concurrency integer,
    created_at bigint not null, updated_at bigint not null, unique (lab_id, name))`,
  `create table queue_counts (
    lab_id text not null, queue_id text not null, status text not null, experiments integer not null,
    primary key (lab_id, queue_id, status))`,
  `insert into queue_counts (lab_id, queue_id, status, experiments)
   select lab_id, '', status, count(*) from experiments group by lab_id, status`,
  `create table batches (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, name text not null,
    grid text not null, experiment_count integer not null, created_by text not null, created_at bigint not null)`,
  "create index batches_by_lab on batches (lab_id, n)",
  `create table templates (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, name text not null, title text not null,
    description text not null, compute_mode text not null, config text not null, parameters text not null default '[]',
    metric_patterns text not null default '[]', estimated_seconds double precision, from_experiment_id text,
    created_at bigint not null, updated_at bigint not null, unique (lab_id, name))`,
];

const access = [
  "alter table experiment_costs add column guest_lab_id text",
  "create index experiment_costs_of_guests on experiment_costs (hour_at) where guest_lab_id is not null",
  "alter table labs add column description text",
  "alter table labs add column plan text not null default 'team'",
  "alter table labs add column updated_at bigint",
  "alter table events add column lab_id text",
  "alter table events add column actor text",
  "create index events_by_lab on events (lab_id, seq)",
  "create index events_by_kind on events (lab_id, topic, seq)",
  "drop index events_by_ref",
  "create index events_by_ref on events (ref, lab_id, seq)",
  `create table api_keys (
    n integer primary key autoincrement, id text not null unique, lab_id text, name text not null, prefix text not null,
    hash text not null unique, scopes text not null, grants text not null, plan text, created_by text not null,
    created_at bigint not null, expires_at bigint, last_used_at bigint, revoked_at bigint)`,
  "create index api_keys_by_lab on api_keys (lab_id, n)",
  `create table sessions (
    n integer primary key autoincrement, id text not null unique, lab_id text, hash text not null unique, agent_id text not null,
    grants text not null, plan text, metadata text, created_by text not null, created_at bigint not null,
    expires_at bigint not null, ended_at bigint)`,
  "create index sessions_by_end on sessions (expires_at)",
  "create index sessions_by_creator on sessions (created_by, n)",
  `create table request_days (actor text not null, day integer not null, requests integer not null, primary key (actor, day))`,
  `create table idempotency_keys (
    actor text not null, key text not null, request_hash text not null, status integer, answer text, at bigint not null,
    primary key (actor, key))`,
  "create index idempotency_keys_by_age on idempotency_keys (at)",
];

const research = [
  `create table projects (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, slug text not null, name text not null,
    goal text, deliverable text, measurable text, status text not null, created_at bigint not null, updated_at bigint not null,
    unique (lab_id, slug))`,
  "create index projects_by_lab on projects (lab_id, n)",
  "create index projects_by_slug on projects (slug)",
  // Counted as experiments come, go and move on: counting a million rows takes too long. Whoever makes the table `experiments` again
  // makes its triggers again.
  `create table project_experiments (
    project_id text not null, status text not null, count integer not null, primary key (project_id, status))`,
  // What experiments had as their project until now is one; its name is what it was called.
  `insert or ignore into projects (id, lab_id, slug, name, status, created_at, updated_at)
   select project_id, lab_id, 'project-' || row_number() over (order by min(n)), project_id, 'active', min(created_at), max(updated_at)
   from experiments where project_id is not null group by lab_id, project_id`,
  `insert into project_experiments select project_id, status, count(*) from experiments
   where project_id is not null group by project_id, status`,
  `create trigger experiments_come after insert on experiments when new.project_id is not null begin
    insert into project_experiments values (new.project_id, new.status, 1)
      on conflict (project_id, status) do update set count = count + 1;
  end`,
  `create trigger experiments_go after delete on experiments when old.project_id is not null begin
    update project_experiments set count = count - 1 where project_id = old.project_id and status = old.status;
  end`,
  `create trigger experiments_move after update of status, project_id on experiments
   when old.status is not new.status or old.project_id is not new.project_id begin
    update project_experiments set count = count - 1 where project_id = old.project_id and status = old.status;
    insert into project_experiments select new.project_id, new.status, 1 where new.project_id is not null
      on conflict (project_id, status) do update set count = count + 1;
  end`,
  `create table tasks (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, display_id text not null, title text not null,
    description text, status text not null, priority text not null, assigned_to text, experiment_id text, due_at bigint,
    created_by text not null, created_at bigint not null, updated_at bigint not null, completed_at bigint,
    unique (lab_id, display_id))`,
  "create index tasks_by_lab on tasks (lab_id, n)",
  "create index tasks_by_status on tasks (lab_id, status, n)",
  "create index tasks_by_display on tasks (display_id)",
  "create index tasks_by_assignee on tasks (lab_id, assigned_to, n) where assigned_to is not null",
  "create index tasks_by_experiment on tasks (lab_id, experiment_id, n) where experiment_id is not null",
  `create table task_reviews (
    n integer primary key autoincrement, id text not null unique, task_id text not null, verdict text not null, summary text not null,
    findings text not null default '[]', model text, reviewer text not null, created_at bigint not null)`,
  "create index task_reviews_by_task on task_reviews (task_id, n)",
  `create table agents (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, name text not null, role text not null,
    model text, reports_to text, system_prompt text, capabilities text not null default '[]', status text not null,
    last_active_at bigint, created_at bigint not null, updated_at bigint not null, unique (lab_id, name))`,
  "create index agents_by_lab on agents (lab_id, n)",
  "create index agents_by_name on agents (name)",
  "create index agents_by_superior on agents (reports_to) where reports_to is not null",
  `create table agent_events (
    n integer primary key autoincrement, id text not null unique, agent_id text not null, lab_id text not null, kind text not null,
    message text not null, metadata text, at bigint not null)`,
  "create index agent_events_by_agent on agent_events (agent_id, n)",
  `create table agent_messages (
    n integer primary key autoincrement, id text not null unique, agent_id text not null, lab_id text not null, role text not null,
    content text not null, sender text not null, at bigint not null)`,
  "create index agent_messages_by_agent on agent_messages (agent_id, n)",
  `create table papers (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, slug text not null, title text not null,
    abstract text, authors text not null default '[]', status text not null, readiness double precision, project_id text,
    version integer not null default 0, created_at bigint not null, updated_at bigint not null, unique (lab_id, slug))`,
  "create index papers_by_lab on papers (lab_id, n)",
  "create index papers_by_slug on papers (slug)",
  "create index papers_by_project on papers (project_id) where project_id is not null",
  `create table paper_versions (
    n integer primary key autoincrement, id text not null unique, paper_id text not null, version integer not null,
    note text, sha256 text, size_bytes bigint, editor text not null, created_at bigint not null, content text,
    unique (paper_id, version))`,
  `create table figures (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, title text not null, file_name text not null,
    mime_type text not null, size_bytes bigint not null, sha256 text not null, width integer, height integer, paper_id text, experiment_id text, attempt integer,
    script_file text, figure_type text, caption text, source text not null, source_path text, created_at bigint not null,
    updated_at bigint not null)`,
  "create index figures_by_lab on figures (lab_id, n)",
  "create index figures_by_experiment on figures (experiment_id, n) where experiment_id is not null",
  "create index figures_by_paper on figures (paper_id, n) where paper_id is not null",
  "create index figures_by_content on figures (sha256)",
  `create table files (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, path text not null, parent_path text not null,
    name text not null, type text not null, mime_type text, size_bytes bigint not null default 0, sha256 text,
    created_at bigint not null, updated_at bigint not null, unique (lab_id, path))`,
  "create index files_by_parent on files (lab_id, parent_path, name)",
  "create index files_by_content on files (sha256) where sha256 is not null",
  `create table skills (
    n integer primary key autoincrement, id text not null unique, name text not null, version text not null,
    description text not null, tags text not null default '[]', prior double precision not null, confidence double precision not null,
    successes integer not null default 0, failures integer not null default 0, partials integer not null default 0,
    parent_id text, status text not null default 'active', created_by text not null, created_at bigint not null,
    updated_at bigint not null, content text, unique (name, version))`,
  "create unique index skills_newest on skills (name) where status = 'active'",
  "create index skills_by_status on skills (status, n)",
  `create table learnings (
    n integer primary key autoincrement, id text not null unique, skill_id text not null, outcome text not null, platform text,
    note text, duration_ms double precision, actor text not null, at bigint not null)`,
  "create index learnings_by_skill on learnings (skill_id, n)",
  // Sums of all reports, also of those that are not kept; a platform that nobody named is ''. Days since 1970 UTC.
  `create table learning_days (
    skill_id text not null, day integer not null, platform text not null, successes integer not null default 0,
    failures integer not null default 0, partials integer not null default 0, timed integer not null default 0,
    duration_ms double precision not null default 0, primary key (skill_id, day, platform))`,
];

const outside = [
  `create table webhooks (
    n integer primary key autoincrement, id text not null unique, lab_id text not null, url text not null, events text not null,
    description text, enabled integer not null default 1, failures integer not null default 0, disabled_reason text,
    last_seq bigint not null default 0, created_at bigint not null, updated_at bigint not null)`,
  "create index webhooks_by_lab on webhooks (lab_id, n)",
  `create table webhook_deliveries (
    n integer primary key autoincrement, id text not null unique, webhook_id text not null, event_seq bigint, event text not null,
    payload text not null, status text not null, attempt integer not null default 0, next_at bigint, response_status integer,
    response_excerpt text, error text, duration_ms bigint, created_at bigint not null, ended_at bigint)`,
  "create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, n)",
  "create index webhook_deliveries_due on webhook_deliveries (next_at) where status = 'pending'",
  `create table backups (
    n integer primary key autoincrement, id text not null unique, lab_id text, type text not null, destination text not null,
    status text not null, file text, size_bytes bigint, sha256 text, error text, created_by text not null,
    started_at bigint not null, ended_at bigint)`,
  "create index backups_by_lab on backups (lab_id, n)",
];
