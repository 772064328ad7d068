import type { Compilable, CompiledQuery, Kysely } from "kysely";
import type { Schema } from "./schema.js";
import type { LabStore } from "./store.js";

/** Runs a query that was built once, with these parameters in the order in which it names them. */
export type Prepared<Row> = (...parameters: readonly (string | number)[]) => Promise<Row[]>;

/**
 * A query that is built and compiled at its first use only: for small reads that are asked thousands of times a second, building it costs
 * more than the read. The parameters it is built with are placeholders.
 */
export function prepared<Row>(
  store: Pick<LabStore, "db">,
  build: (db: Kysely<Schema>) => Compilable<Row>,
): Prepared<Row> {
  let compiled: CompiledQuery<Row> | undefined;
  return async (...parameters) => {
    const { db } = store;
    compiled ??= build(db).compile();
    return (await db.executeQuery<Row>({ ...compiled, parameters })).rows;
  };
}
