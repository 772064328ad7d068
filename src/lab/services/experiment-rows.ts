import type { ExpressionBuilder, Kysely, Selectable } from "kysely";
import type { ComputeMode, Experiment, ExperimentStatus, Priority } from "../../contract/experiment.js";
import { defaultQueue } from "../../contract/queue.js";
import { priorities } from "../../contract/vocabulary.js";
import { usdOf } from "../../core/micro-usd.js";
import { needLab, visibleLabs } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { ExperimentsTable, Schema } from "../store/schema.js";

/** `queue_name` comes with `queueName`, which every query of whole rows selects as well. */
export type ExperimentRow = Selectable<ExperimentsTable> & { readonly queue_name?: string | null };

/** Beside `selectAll()` and `returningAll()`: the name of the row's queue; null: the lab's `default`. */
export const queueName = (eb: ExpressionBuilder<Schema, "experiments">) =>
  eb
    .selectFrom("queues")
    .whereRef("queues.id", "=", "experiments.queue_id")
    .select("queues.name as queue_name")
    .$asScalar()
    .as("queue_name");

/** Document id of the queue; null: the lab's `default`. One that was deleted since is meant by nobody any more. */
export const queueOf = ({ queue_id: id, queue_name: name }: Pick<ExperimentRow, "queue_id" | "queue_name">) =>
  name == null ? null : id;

/** Whole rows of experiments. */
export const selectRows = (db: Kysely<Schema>) => db.selectFrom("experiments").selectAll().select(queueName);

const displayId = /^[A-Za-z][A-Za-z0-9]*-\d+$/;

/** `EXP-054` and the like; document ids have no dash. */
export function isDisplayId(ref: string): boolean {
  return displayId.test(ref);
}

export function toPriority(rank: number): Priority {
  return priorities[rank] ?? "normal";
}

/** Of a run that goes on: until it was last seen. */
function secondsOf({ status, started_at: start, ended_at: end, updated_at: seen }: ExperimentRow): number | null {
  if (start === null) return null;
  const until = status === "running" ? seen : end;
  return until === null ? null : Math.max(0, until - start) / 1000;
}

/** A row as the contract has it; rows are written checked. What only a run has (an ETA) is null while it does not run. */
export function toExperiment(row: ExperimentRow): Experiment {
  return {
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    labId: row.lab_id,
    experimentId: row.display_id,
    title: row.title,
    projectId: row.project_id,
    template: row.template,
    computeMode: row.compute_mode as ComputeMode,
    config: row.config,
    priority: toPriority(row.priority),
    estimatedSeconds: row.estimated_seconds,
    status: row.status as ExperimentStatus,
    result: row.result,
    statusReason: row.status_reason,
    attempt: row.attempt,
    podId: row.pod_id,
    exitCode: row.exit_code,
    qc: row.qc === null ? null : (JSON.parse(row.qc) as Experiment["qc"]),
    metrics: JSON.parse(row.metrics) as Experiment["metrics"],
    progress: row.progress,
    etaAt: row.status === "running" || row.status === "queued" ? row.eta_at : null,
    logLines: row.log_lines,
    cancelRequested: row.cancel_requested === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    costUsd: usdOf(row.cost_micros),
    costEstimated: row.cost_estimated === 1,
    projectedCostUsd: row.status === "running" || row.status === "queued" ? usdOf(row.projected_micros) : null,
    queueId: queueOf(row),
    queue: row.queue_name ?? defaultQueue,
    parentId: row.parent_id,
    batchId: row.batch_id,
    notBeforeAt: row.not_before_at,
    resumeFrom: row.resume_from,
    actualSeconds: secondsOf(row),
  };
}

/** The row by document id or display id, as far as the caller may see it; display ids may be written in lower case. */
export async function findRow(db: Kysely<Schema>, ref: string): Promise<ExperimentRow | undefined> {
  const id = await idOfRow(db, ref);
  const row = id === undefined ? undefined : await selectRows(db).where("experiments.id", "=", id).executeTakeFirst();
  if (row !== undefined) needLab(row.lab_id, missing(ref));
  return row;
}

/** A display id is looked up in the labs that the caller sees: each lab has its own EXP-001, and the newest is meant. */
async function idOfRow(db: Kysely<Schema>, ref: string): Promise<string | undefined> {
  if (!isDisplayId(ref)) return ref;
  const names = [ref, ref.toUpperCase()];
  const rows = await db
    .selectFrom("experiments")
    .select(["id", "lab_id"])
    .where("display_id", "in", names)
    .orderBy("n", "desc")
    .execute();
  const visible = visibleLabs();
  return rows.find((row) => visible === null || visible.includes(row.lab_id))?.id;
}

/** As `findRow`; refuses with `not_found`. */
export async function needRow(db: Kysely<Schema>, ref: string): Promise<ExperimentRow> {
  const row = await findRow(db, ref);
  if (row === undefined) throw new LabError("not_found", missing(ref));
  return row;
}

export const missing = (ref: string) => `Experiment ${ref} does not exist.`;
