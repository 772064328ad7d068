import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Backup, type BackupStats, NewBackup } from "../../contract/backup.js";
import { actorName, needLab, noteRead, visibleLabs } from "../access/asking.js";
import {
  type BackupRow,
  type BackupWork,
  type BackupWorkParts,
  createBackupWork,
  tellBackup,
} from "../backups/backup-work.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Change, LabStore } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import type { LabsService } from "./labs.js";
import { type Page, type PageRequest, readPage } from "./page.js";

export interface BackupsService {
  /** Newest first. */
  list(query: PageRequest & { readonly labId: string }): Promise<Page<Backup>>;
  stats(labId: string): Promise<BackupStats>;
  get(id: string): Promise<Backup>;
  /** Begins one, and answers it as running. One at a time. It has every lab of the server in it, so the caller must have a right to all. */
  create(draft: NewBackup): Promise<Backup>;
  /** Where its archive lies. */
  content(id: string): Promise<{ readonly backup: Backup; readonly file: string }>;
  /** With its archive; one that is being made is given up. */
  remove(id: string): Promise<void>;
}

/** The service and the work behind it. */
export interface Backups extends Pick<BackupWork, "start" | "stop"> {
  readonly service: BackupsService;
}

export interface BackupsParts extends BackupWorkParts {
  readonly labs: LabsService;
}

const missing = (id: string) => `Backup ${id} does not exist.`;

/** Backups of the data directory, made while the lab runs. */
export function createBackups(parts: BackupsParts): Backups {
  const { store, labs, backupDir } = parts;
  const work = createBackupWork(parts);

  const needRow = async (id: string): Promise<BackupRow> => {
    const row = await store.db.selectFrom("backups").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", missing(id));
    if (row.lab_id !== null) needLab(row.lab_id, missing(id));
    noteRead(`backups:${row.lab_id ?? ""}`);
    return row;
  };

  const service: BackupsService = {
    async list({ labId: ref, ...page }) {
      const labId = await labs.idOf(ref);
      noteRead(`backups:${labId}`);
      const list = store.db.selectFrom("backups").selectAll().where("lab_id", "=", labId);
      return readPage(page, {
        place: (id) => list.where("id", "=", id).executeTakeFirst(),
        rows: (before, limit) => list.where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
        to: toBackup,
      });
    },

    async stats(ref) {
      const labId = await labs.idOf(ref);
      noteRead(`backups:${labId}`);
      return statsOf(store, labId);
    },

    get: async (id) => toBackup(await needRow(id)),

    async create(wanted) {
      const { type, destination, ...draft } = parseOrRefuse(NewBackup, wanted);
      const labId = await labs.idOf(draft.labId);
      await needEveryLab(store);
      if (destination === "directory" && backupDir === undefined) {
        throw new LabError(
          "validation_error",
          "destination: no directory is configured; set lab.backupDir in config.json, or use local",
        );
      }
      return store.change(async (change) => {
        const row = await insertBackup(change, { labId, type, destination });
        work.enqueue(row);
        return toBackup(row);
      });
    },

    async content(id) {
      const row = await needRow(id);
      await needEveryLab(store);
      if (row.status !== "complete" || row.file === null) {
        throw new LabError("conflict", `Backup ${id} is ${row.status}; only a complete one can be downloaded.`);
      }
      return { backup: toBackup(row), file: join(work.directoryOf(row.destination), row.file) };
    },

    async remove(id) {
      const row = await needRow(id);
      await needEveryLab(store);
      await store.change(async (change) => {
        await change.tx.deleteFrom("backups").where("id", "=", id).execute();
        tellBackup(change, "backup.deleted", row);
        if (row.file !== null) await rm(join(work.directoryOf(row.destination), row.file), { force: true });
      });
      work.giveUp(id);
    },
  };

  return { service, start: work.start, stop: work.stop };
}

/** One at a time. */
async function insertBackup(
  change: Change,
  { labId, type, destination }: { labId: string; type: string; destination: string },
): Promise<BackupRow> {
  const other = await change.tx.selectFrom("backups").select("id").where("status", "=", "running").executeTakeFirst();
  if (other !== undefined) {
    throw new LabError("conflict", `Backup ${other.id} is being made; wait for its end, or delete it.`);
  }
  const id = newDocumentId();
  const moment = new Date(change.at).toISOString().slice(0, 19).replaceAll(":", "");
  const row = await change.tx
    .insertInto("backups")
    .values({
      id,
      lab_id: labId,
      type,
      destination,
      status: "running",
      file: `hubify-lab-${type}-${moment}-${id.slice(0, 6)}.tar.gz`,
      created_by: actorName(),
      started_at: change.at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  tellBackup(change, "backup.started", row);
  return row;
}

/** An archive has the data of every lab: whoever may not administer one of them would see what is not theirs. */
async function needEveryLab({ db }: LabStore): Promise<void> {
  const visible = visibleLabs();
  if (visible === null) return;
  const rows = await db.selectFrom("labs").select("id").execute();
  if (rows.every(({ id }) => visible.includes(id))) return;
  throw new LabError("forbidden", "A backup has every lab of this server in it: it needs labs:admin in all of them.");
}

async function statsOf({ db }: LabStore, labId: string): Promise<BackupStats> {
  const rows = await db
    .selectFrom("backups")
    .where("lab_id", "=", labId)
    .groupBy("status")
    .select(({ fn }) => [
      "status",
      fn.countAll<number>().as("count"),
      fn.sum<number | null>("size_bytes").as("bytes"),
      fn.max("ended_at").as("last"),
    ])
    .execute();
  const of = (status: Backup["status"]) => rows.find((row) => row.status === status);
  return {
    total: rows.reduce((sum, { count }) => sum + count, 0),
    complete: of("complete")?.count ?? 0,
    failed: of("failed")?.count ?? 0,
    running: of("running")?.count ?? 0,
    totalBytes: of("complete")?.bytes ?? 0,
    lastCompletedAt: of("complete")?.last ?? null,
  };
}

function toBackup(row: BackupRow): Backup {
  return {
    _id: row.id,
    _creationTime: row.started_at,
    id: row.id,
    labId: row.lab_id,
    type: row.type as Backup["type"],
    destination: row.destination as Backup["destination"],
    status: row.status as Backup["status"],
    file: row.file,
    size: row.size_bytes,
    sha256: row.sha256,
    error: row.error,
    createdBy: row.created_by,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    createdAt: row.started_at,
    updatedAt: row.ended_at ?? row.started_at,
  };
}
