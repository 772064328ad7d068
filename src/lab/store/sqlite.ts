import * as sqlite from "node:sqlite";
import { Kysely, SqliteDialect } from "kysely";
import type { Schema } from "./schema.js";

/** The class of node:sqlite; newer Node calls it `Database` and keeps this name as an alias. Nothing else imports that module. */
export const Database = sqlite.DatabaseSync;

/** Copies a database page by page, in the background. */
export const copyDatabase = sqlite.backup;

type SqliteValue = null | number | bigint | string | Uint8Array;

const cachedStatements = 200;
const nothingDone = { changes: 0, lastInsertRowid: 0 };

function toSqlite(value: unknown): SqliteValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Date) return value.getTime();
  return value as SqliteValue;
}

/**
 * Kysely over node:sqlite. Opens with the pragmas of engines §1.3: WAL, synchronous FULL, foreign keys, 16 MB cache.
 * `begin` becomes `begin immediate`: a deferred transaction that upgrades to a write fails at once with SQLITE_BUSY_SNAPSHOT.
 */
export function openSqlite(file: string): { db: Kysely<Schema>; raw: sqlite.DatabaseSync } {
  const raw = new Database(file, { timeout: 5000 });
  try {
    raw.exec(
      "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -16000;",
    );
  } catch (error) {
    raw.close();
    throw error;
  }
  const compile = (source: string) => {
    const statement = raw.prepare(source);
    return {
      reader: statement.columns().length > 0,
      all: (parameters: readonly unknown[]) => statement.all(...parameters.map(toSqlite)),
      run: (parameters: readonly unknown[]) =>
        // A full disk has rolled back by itself; a second rollback would fail and hide that.
        source === "rollback" && !raw.isTransaction ? nothingDone : statement.run(...parameters.map(toSqlite)),
      iterate: (parameters: readonly unknown[]) =>
        statement.iterate(...parameters.map(toSqlite)) as IterableIterator<never>,
    };
  };
  const statements = new Map<string, ReturnType<typeof compile>>();
  const prepare = (text: string) => {
    const source = text === "begin" ? "begin immediate" : text;
    const known = statements.get(source);
    if (known !== undefined) return known;
    const statement = compile(source);
    if (statements.size >= cachedStatements) statements.delete(statements.keys().next().value ?? "");
    statements.set(source, statement);
    return statement;
  };

  const db = new Kysely<Schema>({
    dialect: new SqliteDialect({ database: { prepare, close: () => raw.close() } }),
  });
  return { db, raw };
}
