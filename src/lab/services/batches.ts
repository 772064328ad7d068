import { setImmediate as nextTurn } from "node:timers/promises";
import type { Selectable } from "kysely";
import { type Batch, type BatchDetail, type BatchRow, NewBatch } from "../../contract/batch.js";
import type { Experiment, ExperimentStatus } from "../../contract/experiment.js";
import { experimentStatuses } from "../../contract/vocabulary.js";
import { actorName, needLab, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Schema } from "../store/schema.js";
import { configAt, pointsOf, titleAt, valuesIn } from "./batch-grid.js";
import { newDocumentId } from "./document-id.js";
import { type CreationParts, createExperiment } from "./experiment-creation.js";
import { selectRows, toExperiment } from "./experiment-rows.js";
import type { ExperimentsService, Page } from "./service.js";

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
  readonly experiments: Pick<ExperimentsService, "cancel" | "remove">;
}

/** Other work gets its turn after so many experiments. */
const perTurn = 20;

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
      const points = pointsOf(grid);
      const labId = await labs.idOf(draft.labId);
      const drafts = points.map((point) => ({
        ...draft,
        labId,
        title: titleAt(draft.title, point),
        config: configAt(draft.config, point),
      }));
      return store.change(async (change) => {
        const id = newDocumentId();
        const { title: name } = draft;
        const about = { grid: JSON.stringify(grid), experiment_count: points.length, created_by: actorName() };
        await change.tx
          .insertInto("batches")
          .values({ id, lab_id: labId, name, ...about, created_at: change.at })
          .execute();
        for (const [index, each] of drafts.entries()) {
          if (index % perTurn === perTurn - 1) await nextTurn();
          await createExperiment(parts, each, { batchId: id, reason: `of the batch ${name}` });
        }
        change.event("batch.created", id, { labId, title: name, experimentCount: points.length });
        change.touch(`batches:${labId}`);
        return detail(await need(id));
      });
    },

    async list({ labId: lab, limit, cursor }) {
      const labId = await labs.idOf(lab);
      noteRead("experiments", `batches:${labId}`);
      let query = store.db.selectFrom("batches").selectAll().where("lab_id", "=", labId);
      if (cursor !== undefined) query = query.where("n", "<", await placeOf(cursor, labId));
      const found = await query
        .orderBy("n", "desc")
        .limit(limit + 1)
        .execute();
      const rows: Batch[] = [];
      for (const row of found.slice(0, limit)) rows.push(viewBatch(row, await statesOf(row.id)));
      const hasMore = found.length > limit;
      return { rows, hasMore, nextCursor: hasMore ? (rows.at(-1)?.id ?? null) : null };
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
        const { lab_id: labId, name } = await need(id);
        const all = await experimentsOf(id);
        const running = all.filter(({ status }) => status === "running");
        if (experiments === "delete" && running.length > 0) {
          throw new LabError(
            "conflict",
            `${running.length} experiments of ${name} are running; cancel the batch first`,
          );
        }
        if (experiments === "delete") for (const { _id } of all) await parts.experiments.remove(_id);
        else await change.tx.updateTable("experiments").set({ batch_id: null }).where("batch_id", "=", id).execute();
        for (const { _id } of all) change.touch(`experiment:${_id}`);
        await change.tx.deleteFrom("batches").where("id", "=", id).execute();
        change.event("batch.deleted", id, { labId, title: name });
        change.touch(`batches:${labId}`);
        return { id, deleted: experiments === "delete" ? all.length : 0 };
      }),
  };

  async function placeOf(cursor: string, labId: string): Promise<number> {
    const row = await store.db
      .selectFrom("batches")
      .select("n")
      .where("id", "=", cursor)
      .where("lab_id", "=", labId)
      .executeTakeFirst();
    if (row !== undefined) return row.n;
    throw new LabError("validation_error", "cursor: is not of this list; take the next_cursor of the page before");
  }

  async function statesOf(id: string): Promise<State[]> {
    const rows = await store.db
      .selectFrom("experiments")
      .select(["status", "progress"])
      .where("batch_id", "=", id)
      .execute();
    return rows.map(({ status, progress }) => ({ status: status as ExperimentStatus, progress }));
  }
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
