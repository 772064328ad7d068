import type { Compilable, CompiledQuery, Kysely } from "kysely";
import type { Schema } from "./schema.js";

type Value = string | number | null;

/** Rows of one statement: few distinct statements, far from SQLite's limit of variables. */
const rowsPerStatement = 100;

/**
 * Inserts many rows of one kind, and answers what the statement returns of them. For hundreds of rows, building the statement takes
 * longer than running it: it is built once for each number of rows. Every row has the same columns in the same order, none of them
 * undefined.
 */
export function createBulkInsert<Row extends Readonly<Record<string, Value>>, Made = unknown>(
  build: (db: Kysely<Schema>, rows: readonly Row[]) => Compilable<Made>,
) {
  const compiled = new Map<number, CompiledQuery<Made>>();
  return async (db: Kysely<Schema>, rows: readonly Row[]): Promise<Made[]> => {
    const made: Made[] = [];
    for (let from = 0; from < rows.length; from += rowsPerStatement) {
      const some = rows.slice(from, from + rowsPerStatement);
      const query = compiled.get(some.length) ?? build(db, some).compile();
      compiled.set(some.length, query);
      const parameters = some.flatMap((row) => Object.values(row));
      made.push(...(await db.executeQuery<Made>({ ...query, parameters })).rows);
    }
    return made;
  };
}
