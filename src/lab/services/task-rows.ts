import type { Kysely, Selectable, Updateable } from "kysely";
import { type Task, type TaskPriority, type TaskStatus, taskMoves } from "../../contract/task.js";
import { needLab, visibleLabs } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";

export type TaskRow = Selectable<Schema["tasks"]>;

export function toTask(row: TaskRow): Task {
  return {
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    labId: row.lab_id,
    taskId: row.display_id,
    title: row.title,
    description: row.description,
    status: row.status as TaskStatus,
    priority: row.priority as TaskPriority,
    assignedTo: row.assigned_to,
    experimentId: row.experiment_id,
    dueDate: row.due_at,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    completedAt: row.completed_at,
  };
}

/** The row by document id or display id (`T-104`, also in lower case); refuses with `not_found` what the caller may not see. */
export async function needTask(db: Kysely<Schema>, ref: string): Promise<TaskRow> {
  const missing = `Task ${ref} does not exist.`;
  const visible = visibleLabs();
  let query = db.selectFrom("tasks").selectAll().orderBy("n", "desc").limit(1);
  query = /^t-\d+$/i.test(ref) ? query.where("display_id", "=", ref.toUpperCase()) : query.where("id", "=", ref);
  if (visible !== null) query = query.where("lab_id", "in", [...visible, ""]);
  const row = await query.executeTakeFirst();
  if (row === undefined) throw new LabError("not_found", missing);
  needLab(row.lab_id, missing);
  return row;
}

/** The names of hubify-api §5.11, and ours for what it has none. */
export type TaskEvent =
  | "created"
  | "assigned"
  | "completed"
  | "review_requested"
  | "review_completed"
  | "updated"
  | "deleted";

/** Tells what happened to a task; the payload is enough to show it without asking again. */
export function tellTask(
  change: Change,
  event: TaskEvent,
  task: Task,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const { _id, labId, taskId, title, status, priority, assignedTo, experimentId } = task;
  // `experimentId` would name the experiment as what the event is about.
  const link = { displayId: taskId, title, status, priority, assignedTo, experiment: experimentId };
  change.event(`task.${event}`, _id, { labId, ...link, ...more });
  change.touch(`tasks:${labId}`);
  change.touch(`task:${_id}`);
}

/** What a move to another status writes; refuses one that `taskMoves` does not name. */
export function moveTo({ at }: Change, row: TaskRow, status: TaskStatus): Updateable<Schema["tasks"]> {
  const moves = taskMoves[row.status as TaskStatus];
  if (!moves.includes(status)) {
    throw new LabError(
      "validation_error",
      `status: ${row.display_id} is ${row.status} and may move to ${moves.join(" or ")}, not to ${status}`,
    );
  }
  return { status, completed_at: status === "done" ? at : null };
}

/** Changes a task's row. When that ends the task of an agent, it is in the agent's own list of events too. */
export async function writeTask(change: Change, before: TaskRow, set: Updateable<Schema["tasks"]>): Promise<Task> {
  const row = await change.tx
    .updateTable("tasks")
    .set({ ...set, updated_at: change.at })
    .where("id", "=", before.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const task = toTask(row);
  if (before.status !== "done" && task.status === "done") await tellAgent(change, task);
  return task;
}

async function tellAgent(change: Change, { labId, taskId, title, assignedTo }: Task): Promise<void> {
  if (assignedTo === null) return;
  const agent = await change.tx.selectFrom("agents").select("name").where("id", "=", assignedTo).executeTakeFirst();
  if (agent !== undefined) change.event("agent.task_completed", assignedTo, { labId, name: agent.name, taskId, title });
}
