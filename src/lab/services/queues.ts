import { sql } from "kysely";
import { defaultQueue, NewQueue, type Queue, QueuePatch } from "../../contract/queue.js";
import { needLab, noteRead, visibleLabs } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Change, LabStore } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import type { LabsService } from "./labs.js";
import { defaultQueueId, type QueueRow, type QueueSettings, queueRows } from "./queue-rows.js";
import { viewQueue } from "./queue-view.js";

/** `ref` is a document id or a name; `default` without a lab is that of the first one that the caller sees. */
export interface QueuesService {
  /** All of them, in their order. */
  list(labId: string): Promise<readonly Queue[]>;
  get(ref: string, labId?: string): Promise<Queue>;
  create(draft: NewQueue): Promise<Queue>;
  patch(ref: string, changes: QueuePatch, labId?: string): Promise<Queue>;
  /** What has not ended in it goes on in `default`. */
  remove(ref: string, labId?: string): Promise<Queue>;
}

/** Of each lab: they are read whole, and shown on one screen. */
const mostQueues = 100;

interface Parts {
  readonly store: LabStore;
  readonly labs: Pick<LabsService, "idOf">;
}

export function createQueues({ store, labs }: Parts): QueuesService {
  const find = async (ref: string, lab?: string): Promise<QueueSettings> => {
    const labId = lab === undefined ? undefined : await labs.idOf(lab);
    const found = await findSettings(
      store,
      ref,
      labId ?? (ref === defaultQueue ? await labs.idOf(undefined) : undefined),
    );
    needLab(found.lab_id, missing(ref));
    noteRead(`queues:${found.lab_id}`);
    return found;
  };
  const view = (settings: QueueSettings) => viewQueue(store, settings);

  return {
    async list(lab) {
      const labId = await labs.idOf(lab);
      noteRead(`queues:${labId}`);
      const all: Queue[] = [];
      for (const settings of await settingsOf(store, labId)) all.push(await view(settings));
      return all;
    },
    get: async (ref, labId) => view(await find(ref, labId)),

    async create(draft) {
      const { name, status, concurrency, place, ...wanted } = parseOrRefuse(NewQueue, draft);
      const labId = await labs.idOf(wanted.labId);
      return store.change(async (change) => {
        const others = await withDefaultRow(change, labId);
        if (others.some((row) => row.name === name)) {
          throw new LabError("conflict", `name: ${name} is taken; patch it, or choose another`);
        }
        if (others.length >= mostQueues) throw new LabError("conflict", `a lab has at most ${mostQueues} queues`);
        const id = newDocumentId();
        const at = { created_at: change.at, updated_at: change.at };
        const values = { id, lab_id: labId, name, status, concurrency, place: others.length, ...at };
        await change.tx.insertInto("queues").values(values).execute();
        if (place !== undefined) await putAt(change, labId, { id, place });
        change.event("queue.created", id, { labId, name, status, concurrency });
        change.touch(`queues:${labId}`);
        return view(await find(id, labId));
      });
    },

    async patch(ref, given, lab) {
      const changes = parseOrRefuse(QueuePatch, given);
      return store.change(async (change) => {
        const { id, lab_id: labId, name: before } = await find(ref, lab);
        const rows = await withDefaultRow(change, labId);
        const row = rows.find((each) => each.id === id || (each.name === defaultQueue && before === defaultQueue));
        if (row === undefined) throw new LabError("not_found", missing(ref));
        refuseRename(rows, row, changes.name);
        const { name = row.name, status = row.status, concurrency = row.concurrency, place } = changes;
        const values = { name, status, concurrency, updated_at: change.at };
        await change.tx.updateTable("queues").set(values).where("id", "=", row.id).execute();
        if (place !== undefined) await putAt(change, labId, { id: row.id, place });
        if (name !== row.name) tellName(change, row.id);
        change.event("queue.updated", id, { labId, name, changes });
        change.touch(`queues:${labId}`);
        return view(await find(id, labId));
      });
    },

    async remove(ref, lab) {
      return store.change(async (change) => {
        const settings = await find(ref, lab);
        if (settings.name === defaultQueue) {
          throw new LabError("conflict", "queue: every lab has its default; it can be paused, not deleted");
        }
        const gone = await view(settings);
        await emptyInto(change, settings);
        await change.tx.deleteFrom("queues").where("id", "=", settings.id).execute();
        tellName(change, settings.id);
        change.event("queue.deleted", settings.id, { labId: settings.lab_id, name: settings.name });
        change.touch(`queues:${settings.lab_id}`);
        return gone;
      });
    },
  };
}

const missing = (ref: string) => `Queue ${ref} does not exist.`;

/** The lab's queues in order; `default` as it is when nobody has set anything of it. */
async function settingsOf(store: LabStore, labId: string): Promise<QueueSettings[]> {
  const rows = (await queueRows(store.db, labId)).map(named);
  return rows.some(({ name }) => name === defaultQueue) ? rows : [untouched(labId), ...rows];
}

/** Experiments name `default` by null, and people by an id that does not change when it gets a row. */
const named = (row: QueueSettings): QueueSettings =>
  row.name === defaultQueue ? { ...row, id: defaultQueueId(row.lab_id) } : row;

const untouched = (labId: string): QueueSettings => ({
  id: defaultQueueId(labId),
  lab_id: labId,
  name: defaultQueue,
  status: "running",
  place: 0,
  concurrency: null,
  created_at: 0,
  updated_at: 0,
});

async function findSettings(store: LabStore, ref: string, labId: string | undefined): Promise<QueueSettings> {
  const ofDefault = /^default:(.+)$/.exec(ref)?.[1];
  if (ofDefault !== undefined) return defaultOf(store, ref, ofDefault);
  if (labId !== undefined) {
    const found = (await settingsOf(store, labId)).find(({ id, name }) => id === ref || name === ref);
    if (found !== undefined) return found;
    throw new LabError("not_found", missing(ref));
  }
  const visible = visibleLabs();
  const rows = await store.db
    .selectFrom("queues")
    .selectAll()
    .where(({ or, eb }) => or([eb("id", "=", ref), eb("name", "=", ref)]))
    .orderBy("n", "desc")
    .execute();
  const row = rows.find(({ lab_id: of }) => visible === null || visible.includes(of));
  if (row === undefined) throw new LabError("not_found", missing(ref));
  return named(row);
}

async function defaultOf(store: LabStore, ref: string, labId: string): Promise<QueueSettings> {
  const lab = await store.db.selectFrom("labs").select("id").where("id", "=", labId).executeTakeFirst();
  const found =
    lab === undefined ? undefined : (await settingsOf(store, labId)).find(({ name }) => name === defaultQueue);
  if (found === undefined) throw new LabError("not_found", missing(ref));
  return found;
}

/** All rows of the lab, with one for `default`. */
async function withDefaultRow({ tx, at }: Change, labId: string): Promise<QueueRow[]> {
  const rows = await queueRows(tx, labId);
  if (rows.some(({ name }) => name === defaultQueue)) return rows;
  const values = { ...untouched(labId), id: newDocumentId(), created_at: at, updated_at: at };
  await tx
    .updateTable("queues")
    .set(({ eb }) => ({ place: eb("place", "+", 1) }))
    .where("lab_id", "=", labId)
    .execute();
  await tx.insertInto("queues").values(values).execute();
  return queueRows(tx, labId);
}

/** Places are 0, 1, 2 … without gaps. */
async function putAt({ tx }: Change, labId: string, { id, place }: { id: string; place: number }): Promise<void> {
  const order = (await queueRows(tx, labId)).map((row) => row.id).filter((each) => each !== id);
  order.splice(place, 0, id);
  for (const [index, each] of order.entries()) {
    await tx.updateTable("queues").set({ place: index }).where("id", "=", each).execute();
  }
}

function refuseRename(rows: readonly QueueRow[], row: QueueRow, name: string | undefined): void {
  if (name === undefined || name === row.name) return;
  if (row.name === defaultQueue) throw new LabError("validation_error", "name: default keeps its name");
  if (name === defaultQueue || rows.some((each) => each.name === name)) {
    throw new LabError("conflict", `name: ${name} is taken`);
  }
}

/** Every experiment in it has another name of its queue now. */
function tellName(change: Change, id: string): void {
  change.touch(`queueName:${id}`);
  change.touch("experiments");
}

/** What has not ended goes on in `default`. What has ended keeps an id that means nothing any more, which reads as `default`: it may be a million rows. */
async function emptyInto({ tx, at, touch }: Change, { id, lab_id: labId }: QueueSettings): Promise<void> {
  const moved = await tx
    .updateTable("experiments")
    .set({ queue_id: null, updated_at: at })
    .where("queue_id", "=", id)
    .where("status", "in", ["draft", "queued", "running", "blocked"])
    .returning("id")
    .execute();
  for (const experiment of moved) touch(`experiment:${experiment.id}`);
  await sql`insert into queue_counts (lab_id, queue_id, status, experiments)
    select lab_id, '', status, experiments from queue_counts where lab_id = ${labId} and queue_id = ${id}
    on conflict (lab_id, queue_id, status) do update set experiments = queue_counts.experiments + excluded.experiments`.execute(
    tx,
  );
  await tx.deleteFrom("queue_counts").where("lab_id", "=", labId).where("queue_id", "=", id).execute();
}
