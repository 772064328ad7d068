import { type Kysely, sql } from "kysely";

/** What experiments keep of the template they were made of, and the way to one line of a chart. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  "alter table templates add column program text",
  "create index templates_by_lab on templates (lab_id, n)",
  "create table template_versions (id text primary key, content text not null, at bigint not null)",
  "alter table experiments add column template_version text",
  "create index experiments_by_template_version on experiments (template_version) where template_version is not null",
  "create index metrics_by_line on metrics (experiment_id, attempt, name, rank, n)",
];
