import { z } from "zod";
import { taskPriorities, taskStatuses } from "./vocabulary.js";

export const TaskStatus = z.enum(taskStatuses);
export type TaskStatus = z.infer<typeof TaskStatus>;

export const TaskPriority = z.enum(taskPriorities);
export type TaskPriority = z.infer<typeof TaskPriority>;

/**
 * Where a PATCH may move a task:
 *
 * ```
 * backlog ⇄ todo ⇄ in_progress ⇄ review ─► done
 *    └──────────────►┘└────────────────────►┘  done ─► todo, in_progress: opened again
 * ```
 */
export const taskMoves: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  backlog: ["todo", "in_progress"],
  todo: ["backlog", "in_progress"],
  in_progress: ["todo", "review", "done"],
  review: ["in_progress", "done"],
  done: ["todo", "in_progress"],
};

/** The person who leads the lab: a task may be theirs, and they are no agent. */
export const captain = "captain";

/** Something to do in a lab. Times are ms since 1970 UTC. */
export const Task = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  labId: z.string(),
  /** The display id, `T-104`. */
  taskId: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  status: TaskStatus,
  priority: TaskPriority,
  /** Document id of an agent, or `captain`. */
  assignedTo: z.string().nullable(),
  /** Display id of an experiment; it stays when that is deleted. */
  experimentId: z.string().nullable(),
  dueDate: z.number().nullable(),
  /** Who made it, in words: `owner`, `key ci`. */
  createdBy: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** null while it is not done; the last time it was. */
  completedAt: z.number().nullable(),
});
export type Task = z.infer<typeof Task>;

const title = z.string().trim().min(1).max(300);
const description = z.string().max(20_000).nullable();
const ref = z.string().min(1).max(200).nullable();
/** ms; up to the year 9999, so that seconds or nanoseconds sent by mistake show. */
const dueDate = z
  .number()
  .int()
  .min(1e11, "must be ms since 1970 UTC")
  .max(253_402_300_799_999, "must be ms since 1970 UTC")
  .nullable();

/** Body of POST /v1/tasks; names of the documented API. */
export const NewTask = z.object({
  labId: z.string().min(1),
  title,
  description: description.optional(),
  priority: TaskPriority.default("medium"),
  /** An agent's name or document id, or `captain`. */
  assignedTo: ref.optional(),
  /** Display or document id of an experiment of the lab. */
  experimentId: ref.optional(),
  dueDate: dueDate.optional(),
});
export type NewTask = z.input<typeof NewTask>;

/** Body of PATCH /v1/tasks/{taskId}; null takes a value away. */
export const TaskPatch = z.object({
  title: title.optional(),
  description: description.optional(),
  status: TaskStatus.optional(),
  priority: TaskPriority.optional(),
  assignedTo: ref.optional(),
  experimentId: ref.optional(),
  dueDate: dueDate.optional(),
});
export type TaskPatch = z.infer<typeof TaskPatch>;

/** Body of POST /v1/tasks/bulk-update: the same changes to all of them, or to none. */
export const TaskBulkUpdate = z.object({
  ids: z.array(z.string().min(1).max(200)).min(1).max(100),
  changes: TaskPatch.strict(),
});
export type TaskBulkUpdate = z.infer<typeof TaskBulkUpdate>;

export const reviewVerdicts = ["approve", "concern", "reject"] as const;
export const ReviewVerdict = z.enum(reviewVerdicts);
export type ReviewVerdict = z.infer<typeof ReviewVerdict>;

export const TaskReview = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  id: z.string(),
  /** Document id of the task. */
  taskId: z.string(),
  verdict: ReviewVerdict,
  summary: z.string(),
  findings: z.array(z.string()),
  /** The model that reviewed; null: a person, or nobody said. */
  model: z.string().nullable(),
  /** Who sent it. */
  reviewer: z.string(),
  createdAt: z.number(),
});
export type TaskReview = z.infer<typeof TaskReview>;

/** Body of POST /v1/tasks/{taskId}/reviews. Of a task in `review`: approve makes it done, reject sends it back to in_progress. */
export const NewTaskReview = z.object({
  verdict: ReviewVerdict,
  summary: z.string().trim().min(1).max(10_000),
  findings: z.array(z.string().trim().min(1).max(5_000)).max(100).default([]),
  model: z.string().trim().min(1).max(200).nullable().optional(),
});
export type NewTaskReview = z.input<typeof NewTaskReview>;
