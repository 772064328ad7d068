import { renameSync } from "node:fs";
import type { Kysely } from "kysely";
import type { labFiles } from "../../config/paths.js";
import { FailureError } from "../../core/failure.js";
import type { Schema } from "../store/schema.js";
import { openSqlite } from "../store/sqlite.js";
import { migrate } from "../store/store.js";
import { isCorrupt } from "./disk-failure.js";

type Files = ReturnType<typeof labFiles>;

export interface OpenedDatabase {
  readonly db: Kysely<Schema>;
  /** Where a corrupt database was moved to; null when there was none. */
  readonly movedTo: string | null;
}

/** SQLite keeps what is not in the file yet beside it; a copy without these would lose it. */
const companions = ["", "-wal", "-shm"];

/** Opens the database and brings it up to date. A corrupt one is an error, and moved aside only with consent (`repair`). */
export async function openDatabase(
  { database }: Files,
  options: { repair: boolean; now: number },
): Promise<OpenedDatabase> {
  try {
    return { db: await openChecked(database, options.repair), movedTo: null };
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    if (!options.repair) throw corrupt(database, error);
    const movedTo = moveAside(database, options.now);
    return { db: await openChecked(database, false), movedTo };
  }
}

async function openChecked(file: string, everyPage: boolean): Promise<Kysely<Schema>> {
  const { db, raw } = openSqlite(file);
  try {
    if (everyPage) checkPages(raw);
    await migrate(db);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** Reads the whole database; a fault is raised as SQLite itself raises one that it stumbles over. */
function checkPages(raw: ReturnType<typeof openSqlite>["raw"]): void {
  const found = raw.prepare("pragma quick_check(1)").get()?.["quick_check"];
  if (found !== "ok") throw Object.assign(new Error(String(found)), { code: "ERR_SQLITE_ERROR", errcode: 11 });
}

function moveAside(database: string, now: number): string {
  const target = `${database}.corrupt-${new Date(now).toISOString().replaceAll(":", "-")}`;
  for (const suffix of companions) {
    try {
      renameSync(`${database}${suffix}`, `${target}${suffix}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return target;
}

function corrupt(database: string, cause: unknown): FailureError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FailureError(
    {
      kind: "local",
      message: `the database ${database} is corrupt (${why})`,
      hint: "start the lab once with --repair: it is moved aside, kept beside a new and empty one; outputs of runs stay",
    },
    { cause },
  );
}
