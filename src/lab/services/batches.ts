import type { Selectable } from "kysely";
import { type Batch, type BatchDetail, type BatchRow, type Grid, NewBatch } from "../../contract/batch.js";
import type { Experiment, ExperimentStatus } from "../../contract/experiment.js";
import { experimentStatuses } from "../../contract/vocabulary.js";
import { actorName, needLab, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { configAt, pointsOf, titleAt, valuesIn } from "./batch-grid.js";
import { newDocumentId } from "./document-id.js";
import { type CreationParts, prepareExperiments } from "./experiment-creation.js";
import { insertExperiments } from "./experiment-insertion.js";
import { selectRows, toExperiment } from "./experiment-rows.js";
import { type Page, type PageRequest, readPage } from "./page.js";

/** Experiments that were made together: one for each point of a grid. */
export interface BatchesService {
  create(draft: NewBatch): Promise<BatchDetail>;
  /** Newest first. */
  list(query: { labId: string; limit: number; cursor?: string | undefined }): Promise<Page<Batch>>;
  get(id: string): Promise<BatchDetail>;
  /** Everything of it that has not ended; answers how many that were. */
  cancel(id: string): Promise<{ readonly id: string; readonly cancelled: number }>;
  /** The batch alone; with `experiments` what it made as well, which is refused while some of it runs. */
  remove(id: string, experiments: "keep" | "delete"): Promise<{ readonly id: string; readonly deleted: number }>;
}

type Row = Selectable<Schema["batches"]>;

interface Parts extends CreationParts {
  readonly experiments: { cancel(ref: string): Promise<unknown>; remove(ref: string): Promise<void> };
}

export function createBatches(parts: Parts): BatchesService {
  const { store, labs } = parts;
  const need = async (id: string): Promise<Row> => {
    const row = await store.db.selectFrom("batches").selectAll().where("id", "=", id).executeTakeFirst();
    const missing = `Batch ${id} does not exist.`;
    if (row === undefined) throw new LabError("not_found", missing);
    needLab(row.lab_id, missing);
    noteRead("experiments", `batches:${row.lab_id}`);
    return row;
  };
  const experimentsOf = async (id: string): Promise<Experiment[]> =>
    (await selectRows(store.db).where("batch_id", "=", id).orderBy("n").execute()).map(toExperiment);
  const detail = async (row: Row) => viewDetail(row, await experimentsOf(row.id));

  return {
    async create(given) {
      const { grid, ...draft } = parseOrRefuse(NewBatch, given);
      const labId = await labs.idOf(draft.labId);
      const drafts = pointsOf(grid).map((point) => ({
        ...draft,
        labId,
        title: titleAt(draft.title, point),
        config: configAt(draft.config, point),
      }));
      // All of them are looked at before the first is written: others wait for what is written.
      const prepared = await prepareExperiments(parts, drafts);
      return store.change(async (change) => {
        const id = await insertBatch(change, { labId, name: draft.title, grid, size: drafts.length });
        const origin = { batchId: id, reason: `of the batch ${draft.title}` };
        const rows = await insertExperiments(change, prepared, origin);
        return viewDetail(await need(id), rows.map(toExperiment));
      });
    },

    async list({ labId: lab, ...page }) {
      const labId = await labs.idOf(lab);
      noteRead("experiments", `batches:${labId}`);
      return listOf(store, labId, page);
    },

    get: async (id) => detail(await need(id)),

    cancel: (id) =>
      store.change(async () => {
        await need(id);
        const open = (await experimentsOf(id)).filter(
          ({ status, cancelRequested }) =>
            status === "queued" || status === "blocked" || (status === "running" && !cancelRequested),
        );
        // The last ones first: what the others wait for is not freed meanwhile.
        for (const { _id } of open.reverse()) await parts.experiments.cancel(_id);
        return { id, cancelled: open.length };
      }),

    remove: (id, experiments) =>
      store.change(async (change) => {
        const batch = await need(id);
        const all = await experimentsOf(id);
        if (experiments === "delete") {
          refuseRunning(batch, all);
          for (const { _id } of all) await parts.experiments.remove(_id);
        } else {
          await change.tx.updateTable("experiments").set({ batch_id: null }).where("batch_id", "=", id).execute();
        }
        for (const { _id } of all) change.touch(`experiment:${_id}`);
        await change.tx.deleteFrom("batches").where("id", "=", id).execute();
        change.event("batch.deleted", id, { labId: batch.lab_id, title: batch.name });
        change.touch(`batches:${batch.lab_id}`);
        return { id, deleted: experiments === "delete" ? all.length : 0 };
      }),
  };
}

interface Insert {
  readonly labId: string;
  readonly name: string;
  readonly grid: Grid;
  readonly size: number;
}

async function insertBatch(change: Change, { labId, name, grid, size }: Insert): Promise<string> {
  const id = newDocumentId();
  const about = { grid: JSON.stringify(grid), experiment_count: size, created_by: actorName(), created_at: change.at };
  await change.tx
    .insertInto("batches")
    .values({ id, lab_id: labId, name, ...about })
    .execute();
  change.event("batch.created", id, { labId, title: name, experimentCount: size });
  change.touch(`batches:${labId}`);
  return id;
}

function refuseRunning({ name }: Row, experiments: readonly Experiment[]): void {
  const running = experiments.filter(({ status }) => status === "running").length;
  if (running > 0)
    throw new LabError("conflict", `${running} experiments of ${name} are running; cancel the batch first`);
}

async function listOf(store: LabStore, labId: string, page: PageRequest): Promise<Page<Batch>> {
  const batches = store.db.selectFrom("batches").selectAll().where("lab_id", "=", labId);
  const { rows, ...more } = await readPage(page, {
    place: (cursor) => batches.where("id", "=", cursor).executeTakeFirst(),
    rows: (before, limit) => batches.where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
    to: (row: Row) => row,
  });
  const shown: Batch[] = [];
  for (const row of rows) shown.push(viewBatch(row, await statesOf(store, row.id)));
  return { rows: shown, ...more };
}

async function statesOf(store: LabStore, id: string): Promise<State[]> {
  const rows = await store.db
    .selectFrom("experiments")
    .select(["status", "progress"])
    .where("batch_id", "=", id)
    .execute();
  return rows.map(({ status, progress }) => ({ status: status as ExperimentStatus, progress }));
}

type State = Pick<Experiment, "status" | "progress">;

function viewBatch(row: Row, states: readonly State[]): Batch {
  const counts = Object.fromEntries(experimentStatuses.map((status) => [status, 0])) as Record<
    ExperimentStatus,
    number
  >;
  for (const { status } of states) counts[status]++;
  const done = states.map(({ status, progress }) =>
    status === "pass" || status === "fail" ? 1 : status === "running" ? (progress ?? 0) : 0,
  );
  return {
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    labId: row.lab_id,
    title: row.name,
    grid: JSON.parse(row.grid) as Batch["grid"],
    experimentCount: row.experiment_count,
    counts,
    progress: done.length === 0 ? 1 : done.reduce((sum, part) => sum + part, 0) / done.length,
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}

function viewDetail(row: Row, experiments: readonly Experiment[]): BatchDetail {
  const batch = viewBatch(row, experiments);
  const keys = Object.keys(batch.grid);
  const rows = experiments.map((experiment): BatchRow => {
    const { _id, experimentId, status, config, metrics, progress, actualSeconds, result } = experiment;
    const values = valuesIn(JSON.parse(config) as Record<string, unknown>, keys);
    return { _id, experimentId, status, values, metrics, progress, actualSeconds, result };
  });
  return { ...batch, rows, best: bestOf(rows) };
}

function bestOf(rows: readonly BatchRow[]): BatchDetail["best"] {
  const best: BatchDetail["best"] = {};
  for (const { experimentId, metrics } of rows) {
    for (const [name, value] of Object.entries(metrics)) {
      const here = { experimentId, value };
      const known = (best[name] ??= { min: here, max: here });
      if (value < known.min.value) known.min = here;
      if (value > known.max.value) known.max = here;
    }
  }
  return best;
}
