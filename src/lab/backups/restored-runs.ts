import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Backup } from "../../contract/backup.js";
import { restoredBoot, runFiles } from "../executors/executor.js";
import { Database } from "../store/sqlite.js";
import { names } from "./format.js";
import { refusal } from "./read-archive.js";

/** What stands in `pid` instead of a process: nobody takes a process for the run's own (executors/local.ts). */
export const restoredPid = `0 - 0 - ${restoredBoot} 0\n`;

/**
 * Makes an unpacked database fit for its new place: run directories are below the new data directory. A run that was going on here has
 * no process any more, and must not be started again by a lab that finds no trace of one.
 */
export async function settleRuns(unpacked: string, dataDir: string, type: Backup["type"]): Promise<void> {
  const db = new Database(join(unpacked, names.database));
  try {
    const found = db.prepare("pragma quick_check(1)").get()?.["quick_check"];
    if (found !== "ok") throw refusal(`the database in it is damaged: ${String(found)}`);
    db.prepare("update runs set dir = ? || '/runs/' || experiment_id || '/' || attempt").run(dataDir);
    const going = db.prepare("select experiment_id, attempt from runs where state <> 'ended' and remote_dir is null");
    for (const row of going.iterate()) {
      const dir = join("runs", String(row["experiment_id"]), String(row["attempt"]));
      // With the database alone, the run directories stay where they are: what runs there goes on.
      if (type === "checkpoint" && existsSync(join(dataDir, dir))) continue;
      const target = type === "checkpoint" ? join(dataDir, dir) : join(unpacked, dir);
      await mkdir(join(target, runFiles.lock), { recursive: true, mode: 0o700 });
      await writeFile(join(target, runFiles.pid), restoredPid, { mode: 0o600 });
    }
  } finally {
    db.close();
  }
}
