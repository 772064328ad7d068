import type { ExperimentPatch, ExperimentStatus } from "../../contract/experiment.js";
import { priorityRank } from "../../contract/vocabulary.js";
import { LabError } from "../lab-error.js";
import { queueChangedTopic } from "../money/queue-costs.js";
import type { Change } from "../store/store.js";
import { checkConfig } from "./experiment-config.js";
import { awaitDependencies, dependsOnOf, findDependencies, refuseCycle } from "./experiment-dependencies.js";
import { eventOf } from "./experiment-events.js";
import { countIn, countMove, moveExperiment, updateRow } from "./experiment-move.js";
import { type ExperimentRow, queueOf, toExperiment } from "./experiment-rows.js";
import { projectOf } from "./projects.js";
import { queueIdOf } from "./queue-rows.js";
import type { TemplatesService } from "./templates.js";

type Fields = Omit<ExperimentPatch, "status" | "message">;

/** What decides how it runs: settled once it has started. */
const untilItStarts = ["config", "computeMode", "estimatedSeconds", "queue", "dependsOn"] as const;
const editable: readonly string[] = ["draft", "queued", "blocked"];

interface Edit {
  readonly fields: Fields;
  readonly templates: Pick<TemplatesService, "use">;
}

/** Everything a PATCH may change but the status. */
export async function editFields(change: Change, row: ExperimentRow, edit: Edit): Promise<ExperimentRow> {
  const { fields } = edit;
  if (Object.values(fields).every((value) => value === undefined)) return row;
  refuseLate(row, fields);
  const config = await editedConfig(row, edit);
  const needed = config === row.config ? [] : await neededBy(change, { ...row, config });
  const queueId = await moveQueue(change, row, fields.queue);
  const projectId =
    fields.projectId === undefined ? row.project_id : await projectOf(change.tx, row.lab_id, fields.projectId);
  const set = { ...plainColumns(row, fields), project_id: projectId, config, queue_id: queueId };
  const updated = await updateRow(change, row, set);
  const changes = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  eventOf(change, "updated", toExperiment(updated), { changes });
  if (config === row.config) return updated;
  change.touch(`config:${row.id}`);
  return waitAnew(change, updated, needed);
}

/** Answers in which it is now. */
async function moveQueue(change: Change, row: ExperimentRow, wanted: Fields["queue"]): Promise<string | null> {
  const before = queueOf(row);
  const queueId = wanted === undefined ? before : await queueIdOf(change.tx, row.lab_id, wanted);
  if (queueId === before) return queueId;
  await countMove(change, row, { from: row.status, to: null });
  await countIn(change, { labId: row.lab_id, queueId }, { from: null, to: row.status });
  if (row.attempt > 0) change.touch(queueChangedTopic);
  return queueId;
}

/** Refuses those that do not exist, and a circle. A parent that was deleted is nothing to wait for. */
async function neededBy(change: Change, edited: ExperimentRow): Promise<ExperimentRow[]> {
  const { lab_id: labId, parent_id: parentId } = edited;
  const named = dependsOnOf({ ...edited, parent_id: null });
  const needed = [
    ...(await findDependencies(change.tx, labId, { dependsOn: named, unknown: "refuse" })),
    ...(await findDependencies(change.tx, labId, { dependsOn: parentId === null ? [] : [parentId], unknown: "skip" })),
  ];
  await refuseCycle(change.tx, edited, needed);
  return needed;
}

function plainColumns(row: ExperimentRow, fields: Fields): Partial<Omit<ExperimentRow, "queue_name">> {
  const { title = row.title, result = row.result, computeMode = row.compute_mode } = fields;
  const { estimatedSeconds = row.estimated_seconds, priority } = fields;
  return {
    title,
    result,
    compute_mode: computeMode,
    estimated_seconds: estimatedSeconds,
    priority: priority === undefined ? row.priority : priorityRank[priority],
  };
}

function refuseLate({ status, display_id: displayId }: ExperimentRow, fields: Fields): void {
  if (editable.includes(status)) return;
  const late = untilItStarts.find((name) => fields[name] !== undefined);
  if (late === undefined) return;
  const instead = status === "running" ? "cancel it first, or copy it with the change" : "copy it with the change";
  const now = status === "running" ? "is running" : "has ended";
  throw new LabError("conflict", `${late}: ${displayId} ${now}, and ${late} can't be changed any more; ${instead}`);
}

/** As it is stored; refused when it could never run. */
async function editedConfig(row: ExperimentRow, { fields, templates }: Edit): Promise<string> {
  const { config, dependsOn } = fields;
  if (config === undefined && dependsOn === undefined) return row.config;
  const base = config ?? (JSON.parse(row.config) as Record<string, unknown>);
  const wanted = dependsOn === undefined ? base : { ...base, dependsOn };
  const { lab_id: labId, title, template, id: like } = row;
  const check = template === null ? null : await templates.use(labId, template, like);
  checkConfig({ config: wanted }, check?.({ title, config: wanted }).template ?? null);
  return JSON.stringify(wanted);
}

/** After other dependencies: what waits may be free now, what was free may wait. One that somebody blocked stays blocked. */
async function waitAnew(change: Change, row: ExperimentRow, needed: readonly ExperimentRow[]): Promise<ExperimentRow> {
  const status = row.status as ExperimentStatus;
  if (status === "draft" || row.status_reason === "blocked by hand") return row;
  const waits = await awaitDependencies(change, row.id, needed);
  const set = { status_reason: waits };
  if (waits === null) {
    if (status === "queued") return row;
    return moveExperiment(change, row, { to: "queued", reason: "its dependencies were changed", set, event: "queued" });
  }
  if (status === "queued") return moveExperiment(change, row, { to: "blocked", reason: waits, set, event: "blocked" });
  const updated = await updateRow(change, row, set);
  eventOf(change, "updated", toExperiment(updated));
  return updated;
}
