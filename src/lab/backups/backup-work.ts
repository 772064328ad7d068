import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Selectable } from "kysely";
import type { Backup } from "../../contract/backup.js";
import type { Clock } from "../../core/clock.js";
import { diskReason } from "../runs/disk-reason.js";
import type { BackupsTable } from "../store/schema-outside.js";
import type { Change, LabStore } from "../store/store.js";
import type { Blobs } from "../uploads/blobs.js";
import { makeBackup, unfinished } from "./make-backup.js";

export type BackupRow = Selectable<BackupsTable>;

export interface BackupWorkParts {
  readonly store: LabStore;
  readonly blobs: Pick<Blobs, "hold">;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: string;
  /** The configured directory of the destination `directory`. */
  readonly backupDir: string | undefined;
  readonly version: string;
  readonly log: (line: string) => void;
}

/** Makes the backups that rows ask for. */
export interface BackupWork {
  /** To be made as soon as the running change is committed. */
  enqueue(row: BackupRow): void;
  giveUp(id: string): void;
  directoryOf(destination: string): string;
  /** Removes what an earlier life of the lab left unfinished. */
  start(): Promise<void>;
  /** Gives up what is being made. */
  stop(): Promise<void>;
}

export function tellBackup(change: Change, topic: string, row: BackupRow): void {
  const { id, lab_id: labId, type, destination, error, size_bytes: size } = row;
  change.event(topic, id, { labId, type, destination, error, size });
  change.touch(`backups:${labId ?? ""}`);
}

export function createBackupWork(parts: BackupWorkParts): BackupWork {
  const { store, blobs, clock, dataDir, backupDir, log } = parts;
  const ownDir = join(dataDir, "backups");
  const directoryOf = (destination: string) => (destination === "directory" ? (backupDir ?? ownDir) : ownDir);
  const stopping = new AbortController();
  const waiting: BackupRow[] = [];
  const making = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();

  /** Nothing when it was deleted meanwhile. */
  const settle = (id: string, values: Partial<BackupRow> & { status: Backup["status"] }) =>
    store.change(async (change) => {
      const row = await change.tx
        .updateTable("backups")
        .set({ ...values, ended_at: change.at })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirst();
      if (row !== undefined)
        tellBackup(change, `backup.${values.status === "complete" ? "completed" : values.status}`, row);
      return row !== undefined;
    });

  const make = async (row: BackupRow, signal: AbortSignal) => {
    // Its change was rolled back after all.
    if ((await store.db.selectFrom("backups").select("id").where("id", "=", row.id).executeTakeFirst()) === undefined)
      return;
    const release = blobs.hold();
    const directory = directoryOf(row.destination);
    const file = row.file ?? "";
    try {
      const plan = { dataDir, database: parts.database, version: parts.version, now: clock.now };
      const made = await makeBackup({ ...plan, type: row.type as Backup["type"], directory, file }, signal);
      const isKept = await settle(row.id, { status: "complete", size_bytes: made.size, sha256: made.sha256 });
      if (!isKept) await rm(join(directory, file), { force: true });
    } catch (error) {
      const status = signal.aborted ? "cancelled" : "failed";
      const why = signal.aborted ? "the lab was stopped while it was made" : diskReason(error);
      log(`backup ${file}: ${status}: ${why}`);
      await settle(row.id, { status, file: null, error: why });
    } finally {
      release();
    }
  };

  const begin = (row: BackupRow) => {
    const abort = new AbortController();
    const done = make(row, AbortSignal.any([abort.signal, stopping.signal]))
      .catch((error: unknown) => log(`backup ${row.id}: its end could not be written: ${diskReason(error)}`))
      .finally(() => making.delete(row.id));
    making.set(row.id, { abort, done });
  };

  // After the commit: nothing is made for a change that was rolled back, or inside of it.
  const forget = store.onChange((topics) => {
    if (!topics.has("backups") || stopping.signal.aborted) return;
    for (const row of waiting.splice(0)) begin(row);
  });

  return {
    directoryOf,
    enqueue: (row) => void waiting.push(row),
    giveUp: (id) => making.get(id)?.abort.abort(),
    async start() {
      for (const dir of new Set([ownDir, backupDir ?? ownDir])) await removeUnfinished(dir);
      const rows = await store.db.selectFrom("backups").selectAll().where("status", "=", "running").execute();
      const left = rows.filter(({ id }) => !making.has(id) && !waiting.some((row) => row.id === id));
      for (const { id } of left) {
        await settle(id, { status: "failed", file: null, error: "the lab ended while it was made" });
      }
    },
    async stop() {
      forget();
      stopping.abort();
      await Promise.all([...making.values()].map(({ done }) => done));
    },
  };
}

async function removeUnfinished(dir: string): Promise<void> {
  const left = (await readdir(dir).catch(() => [])).filter(
    (name) => name.startsWith("hubify-lab-") && name.endsWith(unfinished),
  );
  for (const name of left) await rm(join(dir, name), { recursive: true, force: true });
}
