import type { Kysely, Selectable } from "kysely";
import { needLab, visibleLabs } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";

/** Tables whose rows have a name of their own within a lab, and the column it is in. */
const nameColumns = { agents: "name", papers: "slug", projects: "slug" } as const;
type NamedTable = keyof typeof nameColumns;

/**
 * The row by document id or name, of the labs that the caller sees; the newest where several of them have one. Refuses with
 * `not_found` what there is none of, or what the caller has nothing to do with.
 */
export async function needVisibleRow<Table extends NamedTable>(
  db: Kysely<Schema>,
  table: Table,
  ref: string,
): Promise<Selectable<Schema[Table]>> {
  const noun = table.slice(0, -1);
  const missing = `${noun[0]?.toUpperCase() ?? ""}${noun.slice(1)} ${ref} does not exist.`;
  const visible = visibleLabs();
  // The tables are alike in what is asked of them; Kysely would have the union of their columns.
  const column = nameColumns[table] as "slug";
  let query = db
    .selectFrom(table as "papers")
    .selectAll()
    .where((where) => where.or([where("id", "=", ref), where(column, "=", ref)]))
    .orderBy("n", "desc")
    .limit(1);
  if (visible !== null) query = query.where("lab_id", "in", [...visible, ""]);
  const row = await query.executeTakeFirst();
  if (row === undefined) throw new LabError("not_found", missing);
  needLab(row.lab_id, missing);
  return row as unknown as Selectable<Schema[Table]>;
}
