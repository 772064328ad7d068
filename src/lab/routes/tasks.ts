import { z } from "zod";
import { sampleIds } from "../../contract/sample-ids.js";
import {
  NewTask,
  NewTaskReview,
  Task,
  TaskBulkUpdate,
  TaskPatch,
  TaskPriority,
  TaskReview,
  TaskStatus,
} from "../../contract/task.js";
import { defineOperation } from "../http/route.js";

const params = z.object({ taskId: z.string() });
const page = { limit: z.coerce.number().int().min(1).max(100).default(50), cursor: z.string().optional() };
const example = { params: { taskId: sampleIds.task } };

export const createTask = defineOperation({
  method: "post",
  path: "/v1/tasks",
  needs: "tasks:write",
  summary: "Make a task; it begins in the backlog",
  body: NewTask,
  result: Task,
  status: 201,
  call: { path: "tasks:create", kind: "mutation" },
  example: {
    body: { labId: sampleIds.lab, title: "Check the priors", priority: "high", experimentId: sampleIds.experiment },
  },
  handle: async ({ tasks }, { body }) => ({ data: await tasks.create(body) }),
});

export const listTasks = defineOperation({
  method: "get",
  path: "/v1/tasks",
  needs: "tasks:read",
  summary: "Tasks of a lab, newest first",
  query: z.object({
    labId: z.string().min(1),
    status: TaskStatus.optional(),
    priority: TaskPriority.optional(),
    assignedTo: z.string().optional(),
    experimentId: z.string().optional(),
    ...page,
  }),
  result: z.array(Task),
  call: { path: "tasks:list", kind: "query" },
  example: { query: { labId: sampleIds.lab } },
  async handle({ tasks }, { query }) {
    const { rows, nextCursor, hasMore } = await tasks.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const getTask = defineOperation({
  method: "get",
  path: "/v1/tasks/{taskId}",
  needs: "tasks:read",
  summary: "One task",
  params,
  result: Task,
  call: { path: "tasks:get", kind: "query" },
  example: example,
  handle: async ({ tasks }, { params: { taskId } }) => ({ data: await tasks.get(taskId) }),
});

export const patchTask = defineOperation({
  method: "patch",
  path: "/v1/tasks/{taskId}",
  needs: "tasks:write",
  summary: "Change a task, or move it on: backlog, todo, in_progress, review, done",
  params,
  body: TaskPatch,
  result: Task,
  call: { path: "tasks:patch", kind: "mutation" },
  example: { ...example, body: { status: "in_progress", assignedTo: sampleIds.agent } },
  handle: async ({ tasks }, { params: { taskId }, body }) => ({ data: await tasks.patch(taskId, body) }),
});

export const deleteTask = defineOperation({
  method: "delete",
  path: "/v1/tasks/{taskId}",
  needs: "tasks:write",
  summary: "Delete a task and its reviews",
  params,
  result: z.object({ id: z.string(), taskId: z.string(), deleted: z.literal(true) }),
  call: { path: "tasks:remove", kind: "mutation" },
  example: { params: { taskId: sampleIds.retiredTask } },
  handle: async ({ tasks }, { params: { taskId } }) => ({ data: { ...(await tasks.remove(taskId)), deleted: true } }),
});

export const bulkUpdateTasks = defineOperation({
  method: "post",
  path: "/v1/tasks/bulk-update",
  needs: "tasks:write",
  summary: "The same changes to up to 100 tasks: to all of them, or to none with the reason of each",
  body: TaskBulkUpdate,
  result: z.array(Task),
  call: { path: "tasks:bulkUpdate", kind: "mutation" },
  example: { body: { ids: [sampleIds.task], changes: { priority: "urgent" } } },
  handle: async ({ tasks }, { body }) => ({ data: await tasks.patchAll(body) }),
});

export const listTaskReviews = defineOperation({
  method: "get",
  path: "/v1/tasks/{taskId}/reviews",
  needs: "tasks:read",
  summary: "Reviews of a task, newest first",
  params,
  query: z.object(page),
  result: z.array(TaskReview),
  call: { path: "tasks:reviews", kind: "query" },
  example,
  async handle({ tasks }, { params: { taskId }, query }) {
    const { rows, nextCursor, hasMore } = await tasks.reviews(taskId, query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const reviewTask = defineOperation({
  method: "post",
  path: "/v1/tasks/{taskId}/reviews",
  needs: "tasks:write",
  summary: "Review a task; one in review moves: approve makes it done, reject sends it back to in_progress",
  params,
  body: NewTaskReview,
  result: TaskReview,
  status: 201,
  call: { path: "tasks:review", kind: "mutation" },
  example: {
    ...example,
    body: { verdict: "concern", summary: "The prior on w0 is narrow", findings: ["w0 in [-1.2, -0.8]"] },
  },
  handle: async ({ tasks }, { params: { taskId }, body }) => ({ data: await tasks.review(taskId, body) }),
});
