import type { Kysely, Selectable } from "kysely";
import type { ComputeMode, Experiment, ExperimentStatus, Priority } from "../../contract/experiment.js";
import { priorities } from "../../contract/vocabulary.js";
import { usdOf } from "../../core/micro-usd.js";
import { LabError } from "../lab-error.js";
import type { ExperimentsTable, Schema } from "../store/schema.js";

export type ExperimentRow = Selectable<ExperimentsTable>;

const displayId = /^[A-Za-z][A-Za-z0-9]*-\d+$/;

/** `EXP-054` and the like; document ids have no dash. */
export function isDisplayId(ref: string): boolean {
  return displayId.test(ref);
}

export function toPriority(rank: number): Priority {
  return priorities[rank] ?? "normal";
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
    projectedCostUsd: row.status === "running" ? usdOf(row.projected_micros) : null,
    queueId: row.queue_id,
    queue: "default",
    parentId: row.parent_id,
    batchId: row.batch_id,
    notBeforeAt: row.not_before_at,
    resumeFrom: row.resume_from,
    actualSeconds: null,
  };
}

/** The row by document id or display id; display ids may be written in lower case. */
export async function findRow(db: Kysely<Schema>, ref: string): Promise<ExperimentRow | undefined> {
  const query = db.selectFrom("experiments").selectAll();
  if (!isDisplayId(ref)) return query.where("id", "=", ref).executeTakeFirst();
  const names = [ref, ref.toUpperCase()];
  return query.where("display_id", "in", names).orderBy("n", "desc").limit(1).executeTakeFirst();
}

/** As `findRow`; refuses with `not_found`. */
export async function needRow(db: Kysely<Schema>, ref: string): Promise<ExperimentRow> {
  const row = await findRow(db, ref);
  if (row === undefined) throw new LabError("not_found", `Experiment ${ref} does not exist.`);
  return row;
}
