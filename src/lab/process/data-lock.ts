import { z } from "zod";
import type { labFiles } from "../../config/paths.js";
import { FailureError } from "../../core/failure.js";
import { Database } from "../store/sqlite.js";
import { sqliteCode } from "./disk-failure.js";
import { readIfThere, writePrivateFile } from "./private-file.js";

type Files = ReturnType<typeof labFiles>;

const busy = 5;

const Holder = z.object({ pid: z.number().int(), url: z.string().nullable(), since: z.number() });
type Holder = z.infer<typeof Holder>;

export interface DataLock {
  /** Notes where the lab answers, for whoever comes second. */
  nameUrl(url: string): void;
  /** Where the last lab of this directory answered. */
  readonly lastUrl: string | null;
  release(): void;
}

/** Raised for whoever comes second: attach to the one that is there. */
export class LockedError extends FailureError {}

/**
 * Takes the data directory for this process alone. The kernel holds the lock (SQLite's exclusive lock on a file of its own), so that it is
 * free again however the process ends. `holder.json` only tells who that is.
 */
export function lockData(files: Files, now: number): DataLock {
  const db = new Database(files.lock, { timeout: 0 });
  try {
    db.exec("pragma locking_mode = exclusive; begin exclusive");
  } catch (error) {
    db.close();
    if (sqliteCode(error) === busy) throw lockedBy(readHolder(files), files);
    throw error;
  }
  const lastUrl = readHolder(files)?.url ?? null;
  const write = (url: string | null) => {
    const holder: Holder = { pid: process.pid, url, since: now };
    writePrivateFile(files.holder, `${JSON.stringify(holder)}\n`);
  };
  try {
    write(lastUrl);
  } catch (error) {
    db.close();
    throw error;
  }
  return { nameUrl: write, lastUrl, release: () => db.close() };
}

function readHolder({ holder }: Files): Holder | null {
  try {
    return Holder.parse(JSON.parse(readIfThere(holder) ?? "null"));
  } catch {
    return null;
  }
}

function lockedBy(holder: Holder | null, { lock }: Files): LockedError {
  const who =
    holder === null
      ? "another lab"
      : `the lab with pid ${holder.pid}, ${holder.url ?? "just starting"}, since ${new Date(holder.since).toISOString()}`;
  return new LockedError({
    kind: "conflict",
    message: `the data directory is in use by ${who} (${lock})`,
    hint: "use that lab, stop it with `hubify-tui lab stop`, or choose another directory with --data",
  });
}
