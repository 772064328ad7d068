import type { Compilable, CompiledQuery, Kysely } from "kysely";
import type { Schema } from "../store/schema.js";

type Value = string | number | null;

/** Rows of one statement: few distinct statements, far from SQLite's limit of variables. */
const rowsPerStatement = 100;

/**
 * Inserts many rows of one kind. For hundreds of rows every few seconds, building the statement takes longer than running it: it is
 * built once for each number of rows. Every row has the same columns in the same order.
 */
export function createBulkInsert<Row extends Readonly<Record<string, Value>>>(
  build: (db: Kysely<Schema>, rows: readonly Row[]) => Compilable,
) {
  const compiled = new Map<number, CompiledQuery>();
  return async (db: Kysely<Schema>, rows: readonly Row[]): Promise<void> => {
    for (let from = 0; from < rows.length; from += rowsPerStatement) {
      const some = rows.slice(from, from + rowsPerStatement);
      const query = compiled.get(some.length) ?? build(db, some).compile();
      compiled.set(some.length, query);
      await db.executeQuery({ ...query, parameters: some.flatMap((row) => Object.values(row)) });
    }
  };
}
