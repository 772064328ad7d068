import { type Kysely, sql } from "kysely";

/** Tracebacks over the borders of blocks, ways to the few lines of a level, and to the logs that retention may take. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  "alter table blocks add column carry text",
  "alter table runs add column carry text",
  "create index blocks_with_debug on blocks (experiment_id, attempt, off) where debug_lines > 0",
  "create index blocks_with_warn on blocks (experiment_id, attempt, off) where warn_lines > 0",
  "create index blocks_with_error on blocks (experiment_id, attempt, off) where error_lines > 0",
  "create index runs_with_log on runs (ended_at, experiment_id, attempt, off) where log_removed_at is null and ended_at is not null",
];
