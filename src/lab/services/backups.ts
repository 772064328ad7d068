import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Selectable } from "kysely";
import { type Backup, type BackupStats, NewBackup } from "../../contract/backup.js";
import type { Clock } from "../../core/clock.js";
import { actorName, needLab, noteRead, visibleLabs } from "../access/asking.js";
import { makeBackup, unfinished } from "../backups/make-backup.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import { diskReason } from "../runs/disk-reason.js";
import type { BackupsTable } from "../store/schema-system.js";
import type { Change, LabStore } from "../store/store.js";
import type { Blobs } from "../uploads/blobs.js";
import { newDocumentId } from "./document-id.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import type { LabsService } from "./service.js";

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
export interface Backups {
  readonly service: BackupsService;
  /** Removes what an earlier life of the lab left unfinished. */
  start(): Promise<void>;
  /** Gives up what is being made. */
  stop(): Promise<void>;
}

export interface BackupsParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly blobs: Pick<Blobs, "hold">;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: string;
  /** The configured directory of the destination `directory`. */
  readonly backupDir: string | undefined;
  readonly version: string;
  readonly log: (line: string) => void;
}

type Row = Selectable<BackupsTable>;

const missing = (id: string) => `Backup ${id} does not exist.`;

/** Backups of the data directory, made while the lab runs. */
export function createBackups(parts: BackupsParts): Backups {
  const { store, labs, blobs, clock, dataDir, backupDir, log } = parts;
  const ownDir = join(dataDir, "backups");
  const directoryOf = (destination: string) => (destination === "directory" ? (backupDir ?? ownDir) : ownDir);
  const stopping = new AbortController();
  const waiting: Row[] = [];
  const making = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();

  const needRow = async (id: string): Promise<Row> => {
    const row = await store.db.selectFrom("backups").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", missing(id));
    if (row.lab_id !== null) needLab(row.lab_id, missing(id));
    noteRead(`backups:${row.lab_id ?? ""}`);
    return row;
  };

  const tell = (change: Change, topic: string, row: Row) => {
    const { id, lab_id: labId, type, destination, error, size_bytes: size } = row;
    change.event(topic, id, { labId, type, destination, error, size });
    change.touch(`backups:${labId ?? ""}`);
  };

  /** Nothing when it was deleted meanwhile. */
  const settle = (id: string, values: Partial<Row> & { status: Backup["status"] }) =>
    store.change(async (change) => {
      const row = await change.tx
        .updateTable("backups")
        .set({ ...values, ended_at: change.at })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirst();
      if (row !== undefined) tell(change, `backup.${values.status === "complete" ? "completed" : values.status}`, row);
      return row !== undefined;
    });

  const make = async (row: Row, signal: AbortSignal) => {
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

  const begin = (row: Row) => {
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
        const other = await change.tx
          .selectFrom("backups")
          .select("id")
          .where("status", "=", "running")
          .executeTakeFirst();
        if (other !== undefined) {
          throw new LabError("conflict", `Backup ${other.id} is being made; wait for its end, or delete it.`);
        }
        const id = newDocumentId();
        const row = await change.tx
          .insertInto("backups")
          .values({
            id,
            lab_id: labId,
            type,
            destination,
            status: "running",
            file: `hubify-lab-${type}-${new Date(change.at).toISOString().slice(0, 19).replaceAll(":", "")}-${id.slice(0, 6)}.tar.gz`,
            created_by: actorName(),
            started_at: change.at,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        tell(change, "backup.started", row);
        waiting.push(row);
        return toBackup(row);
      });
    },

    async content(id) {
      const row = await needRow(id);
      await needEveryLab(store);
      if (row.status !== "complete" || row.file === null) {
        throw new LabError("conflict", `Backup ${id} is ${row.status}; only a complete one can be downloaded.`);
      }
      return { backup: toBackup(row), file: join(directoryOf(row.destination), row.file) };
    },

    async remove(id) {
      const row = await needRow(id);
      await needEveryLab(store);
      await store.change(async (change) => {
        await change.tx.deleteFrom("backups").where("id", "=", id).execute();
        tell(change, "backup.deleted", row);
        if (row.file !== null) await rm(join(directoryOf(row.destination), row.file), { force: true });
      });
      making.get(id)?.abort.abort();
    },
  };

  return {
    service,
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

/** An archive has the data of every lab: whoever may not administer one of them would see what is not theirs. */
async function needEveryLab({ db }: LabStore): Promise<void> {
  const visible = visibleLabs();
  if (visible === null) return;
  const rows = await db.selectFrom("labs").select("id").execute();
  if (rows.every(({ id }) => visible.includes(id))) return;
  throw new LabError("forbidden", "A backup has every lab of this server in it: it needs labs:admin in all of them.");
}

async function removeUnfinished(dir: string): Promise<void> {
  const left = (await readdir(dir).catch(() => [])).filter(
    (name) => name.startsWith("hubify-lab-") && name.endsWith(unfinished),
  );
  for (const name of left) await rm(join(dir, name), { recursive: true, force: true });
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

function toBackup(row: Row): Backup {
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
