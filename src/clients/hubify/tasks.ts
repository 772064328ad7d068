import { type NewTask, Task, type TaskPatch } from "../../contract/task.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, type PageQuery, pageOf } from "./envelope.js";

export interface TasksQuery extends PageQuery {
  readonly labId: string;
  readonly status?: string | undefined;
  readonly priority?: string | undefined;
  readonly assignedTo?: string | undefined;
  readonly experimentId?: string | undefined;
}

/** What is to be done in a lab. `ref` is a display id (`T-104`) or a document id. */
export function tasksClient(http: Http) {
  const one = dataOf(Task);
  return {
    list: (query: TasksQuery) => http.get("/v1/tasks", { query: { ...query }, expect: pageOf(Task) }),
    get: (ref: string) => http.get(path`/v1/tasks/${ref}`, { expect: one }),
    create: (draft: NewTask) => http.post("/v1/tasks", { body: draft, expect: one }),
    patch: (ref: string, changes: TaskPatch) => http.patch(path`/v1/tasks/${ref}`, { body: changes, expect: one }),
  };
}
