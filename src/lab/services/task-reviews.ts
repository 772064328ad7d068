import type { Kysely, Selectable } from "kysely";
import type { z } from "zod";
import type { NewTaskReview, ReviewVerdict, TaskReview, TaskStatus } from "../../contract/task.js";
import { actorName, noteRead } from "../access/asking.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import { moveTo, needTask, type TaskRow, tellTask, toTask, writeTask } from "./task-rows.js";

type ReviewRow = Selectable<Schema["task_reviews"]>;

/** Newest first. */
export async function listReviews(db: Kysely<Schema>, ref: string, page: PageRequest): Promise<Page<TaskReview>> {
  const task = await needTask(db, ref);
  noteRead(`task:${task.id}`);
  const ofTask = db.selectFrom("task_reviews").where("task_id", "=", task.id);
  return readPage(page, {
    place: (id) => ofTask.select("n").where("id", "=", id).executeTakeFirst(),
    rows: (before, limit) => ofTask.selectAll().where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
    to: toReview,
  });
}

const movesTo: Readonly<Record<ReviewVerdict, TaskStatus | null>> = {
  approve: "done",
  concern: null,
  reject: "in_progress",
};

/** Keeps the review, and moves the task when it waits for one. */
export async function insertReview(
  change: Change,
  task: TaskRow,
  { verdict, summary, findings, model = null }: z.output<typeof NewTaskReview>,
): Promise<TaskReview> {
  const row = await change.tx
    .insertInto("task_reviews")
    .values({
      id: newDocumentId(),
      task_id: task.id,
      verdict,
      summary,
      findings: JSON.stringify(findings),
      model,
      reviewer: actorName(),
      created_at: change.at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const status = task.status === "review" ? movesTo[verdict] : null;
  const moved = status === null ? toTask(task) : await writeTask(change, task, moveTo(change, task, status));
  tellTask(change, "review_completed", moved, { verdict, summary, model });
  if (status === "done") tellTask(change, "completed", moved);
  return toReview(row);
}

function toReview(row: ReviewRow): TaskReview {
  return {
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    taskId: row.task_id,
    verdict: row.verdict as ReviewVerdict,
    summary: row.summary,
    findings: JSON.parse(row.findings) as string[],
    model: row.model,
    reviewer: row.reviewer,
    createdAt: row.created_at,
  };
}
