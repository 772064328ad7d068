import type { Updateable } from "kysely";
import {
  NewTask,
  NewTaskReview,
  type Task,
  TaskBulkUpdate,
  TaskPatch,
  type TaskPriority,
  type TaskReview,
  type TaskStatus,
} from "../../contract/task.js";
import { actorName, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import type { LabsService } from "./labs.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import { assigneeNamed, assigneeOf, experimentNamed, linkedExperiment, nextDisplayId } from "./task-refs.js";
import { insertReview, listReviews } from "./task-reviews.js";
import { moveTo, needTask, type TaskEvent, type TaskRow, tellTask, toTask, writeTask } from "./task-rows.js";

export interface TasksQuery extends PageRequest {
  readonly labId: string;
  readonly status?: TaskStatus | undefined;
  readonly priority?: TaskPriority | undefined;
  /** An agent's name or document id, or `captain`. */
  readonly assignedTo?: string | undefined;
  /** Display or document id. */
  readonly experimentId?: string | undefined;
}

/** `ref` is a document id or a display id (`T-104`). */
export interface TasksService {
  create(draft: NewTask): Promise<Task>;
  /** Newest first. */
  list(query: TasksQuery): Promise<Page<Task>>;
  get(ref: string): Promise<Task>;
  /** Refuses a status that `taskMoves` does not name, with the ones it does. */
  patch(ref: string, changes: TaskPatch): Promise<Task>;
  /** All of them or none; the refusal names each that can't be changed so. */
  patchAll(update: TaskBulkUpdate): Promise<readonly Task[]>;
  /** Deletes it and its reviews. */
  remove(ref: string): Promise<{ readonly id: string; readonly taskId: string }>;
  /** Newest first. */
  reviews(ref: string, page: PageRequest): Promise<Page<TaskReview>>;
  /** A task in `review` moves: approve → done, reject → in_progress. Any other stays where it is. */
  review(ref: string, review: NewTaskReview): Promise<TaskReview>;
}

export function createTasks({ store, labs }: { store: LabStore; labs: LabsService }): TasksService {
  return {
    async create(draft) {
      const wanted = parseOrRefuse(NewTask, draft);
      const labId = await labs.idOf(wanted.labId);
      return store.change((change) => insertTask(change, labId, wanted));
    },

    async list(query) {
      const { status, priority } = query;
      const labId = await labs.idOf(query.labId);
      noteRead(`tasks:${labId}`);
      const assignedTo = await assigneeNamed(store.db, labId, query.assignedTo);
      const experimentId = await experimentNamed(store.db, labId, query.experimentId);
      const ofLab = store.db.selectFrom("tasks").where("lab_id", "=", labId);
      return readPage(query, {
        place: (id) => ofLab.select("n").where("id", "=", id).executeTakeFirst(),
        rows(before, limit) {
          let rows = ofLab.selectAll().where("n", "<", before).orderBy("n", "desc").limit(limit);
          if (status !== undefined) rows = rows.where("status", "=", status);
          if (priority !== undefined) rows = rows.where("priority", "=", priority);
          if (assignedTo !== undefined) rows = rows.where("assigned_to", "=", assignedTo);
          if (experimentId !== undefined) rows = rows.where("experiment_id", "=", experimentId);
          return rows.execute();
        },
        to: toTask,
      });
    },

    async get(ref) {
      const row = await needTask(store.db, ref);
      noteRead(`task:${row.id}`);
      return toTask(row);
    },

    async patch(ref, wanted) {
      const changes = parseOrRefuse(TaskPatch.strict(), wanted);
      return store.change(async (change) => patchTask(change, await needTask(change.tx, ref), changes));
    },

    async patchAll(update) {
      const { ids, changes } = parseOrRefuse(TaskBulkUpdate, update);
      return store.change(async (change) => {
        const done = new Map<string, Task>();
        const refusals: string[] = [];
        for (const [index, ref] of ids.entries()) {
          try {
            const row = await needTask(change.tx, ref);
            if (!done.has(row.id)) done.set(row.id, await patchTask(change, row, changes));
          } catch (error) {
            if (!(error instanceof LabError)) throw error;
            refusals.push(`ids.${index} (${ref}): ${error.message}`);
          }
        }
        if (refusals.length > 0) throw new LabError("validation_error", refusals.join("; "));
        return [...done.values()];
      });
    },

    async remove(ref) {
      return store.change(async (change) => {
        const row = await needTask(change.tx, ref);
        await change.tx.deleteFrom("task_reviews").where("task_id", "=", row.id).execute();
        await change.tx.deleteFrom("tasks").where("id", "=", row.id).execute();
        tellTask(change, "deleted", toTask(row));
        return { id: row.id, taskId: row.display_id };
      });
    },

    reviews: (ref, page) => listReviews(store.db, ref, page),

    async review(ref, wanted) {
      const review = parseOrRefuse(NewTaskReview, wanted);
      return store.change(async (change) => insertReview(change, await needTask(change.tx, ref), review));
    },
  };
}

type ParsedTask = ReturnType<typeof NewTask.parse>;

async function insertTask(change: Change, labId: string, wanted: ParsedTask): Promise<Task> {
  const { title, description = null, priority, assignedTo = null, experimentId = null, dueDate = null } = wanted;
  const row = await change.tx
    .insertInto("tasks")
    .values({
      id: newDocumentId(),
      lab_id: labId,
      display_id: await nextDisplayId(change, labId),
      title,
      description,
      status: "backlog",
      priority,
      assigned_to: assignedTo === null ? null : await assigneeOf(change.tx, labId, assignedTo),
      experiment_id: experimentId === null ? null : await linkedExperiment(change.tx, labId, experimentId),
      due_at: dueDate,
      created_by: actorName(),
      created_at: change.at,
      updated_at: change.at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const task = toTask(row);
  tellTask(change, "created", task);
  if (task.assignedTo !== null) tellTask(change, "assigned", task);
  return task;
}

async function patchTask(change: Change, row: TaskRow, changes: TaskPatch): Promise<Task> {
  const { assignedTo, experimentId, dueDate, status, ...words } = changes;
  const set: Updateable<Schema["tasks"]> = { ...words };
  if (dueDate !== undefined) set.due_at = dueDate;
  if (assignedTo !== undefined) {
    set.assigned_to = assignedTo === null ? null : await assigneeOf(change.tx, row.lab_id, assignedTo);
  }
  if (experimentId !== undefined) {
    set.experiment_id = experimentId === null ? null : await linkedExperiment(change.tx, row.lab_id, experimentId);
  }
  if (status !== undefined && status !== row.status) Object.assign(set, moveTo(change, row, status));
  const task = await writeTask(change, row, set);
  for (const event of eventsBetween(row, task)) tellTask(change, event, task, { changes: Object.keys(changes) });
  return task;
}

function eventsBetween(before: TaskRow, after: Task): readonly TaskEvent[] {
  const moved = before.status !== after.status;
  const events: TaskEvent[] = [];
  if (after.assignedTo !== null && after.assignedTo !== before.assigned_to) events.push("assigned");
  if (moved && after.status === "done") events.push("completed");
  if (moved && after.status === "review") events.push("review_requested");
  return events.length === 0 ? ["updated"] : events;
}
