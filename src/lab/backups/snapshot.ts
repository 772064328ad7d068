import { setImmediate as nextTurn } from "node:timers/promises";
import { copyDatabase, Database } from "../store/sqlite.js";

/** Pages copied at a time: the lab is not kept from its work for more than some milliseconds. */
const pagesAtATime = 64;
const rowsAtATime = 2000;

/** Answers that may hold what is shown only once, and who was let in for a while: nothing of a restored lab needs them. */
const shortLived = ["session_requests", "idempotency_keys", "sessions", "request_days"] as const;

export interface Snapshot {
  /** How many migrations it has. */
  readonly schema: number;
}

/**
 * Copies the lab's database as it is at one moment, while the lab goes on writing: a read transaction of a connection of its own holds
 * that state (WAL). What may hold secrets is deleted from the copy, and overwritten.
 */
export async function takeSnapshot(database: string, target: string, signal: AbortSignal): Promise<Snapshot> {
  const source = new Database(database, { readOnly: true, timeout: 5000 });
  try {
    source.exec("begin");
    // The transaction begins with the first read.
    const schema = Number(source.prepare("select value from meta where key = 'schema'").get()?.["value"] ?? 0);
    await copyDatabase(source, target, { rate: pagesAtATime, progress: () => signal.throwIfAborted() });
    await scrub(target, signal);
    return { schema };
  } finally {
    source.close();
  }
}

async function scrub(file: string, signal: AbortSignal): Promise<void> {
  const copy = new Database(file);
  try {
    // One file, without companions beside it.
    copy.exec("pragma journal_mode = delete; pragma synchronous = off; pragma secure_delete = on");
    for (const table of shortLived) {
      const some = copy.prepare(
        `delete from ${table} where rowid in (select rowid from ${table} limit ${rowsAtATime})`,
      );
      while (some.run().changes > 0) {
        signal.throwIfAborted();
        await nextTurn();
      }
    }
    // Among them the one that is being made.
    copy.exec("delete from backups where status = 'running'");
  } finally {
    copy.close();
  }
}
