import { type NewQueue, Queue, type QueuePatch } from "../../contract/queue.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, pageOf } from "./envelope.js";

/** Queues of experiments. `ref` is a document id or, with the lab, a name. Every call rejects with FailureError and nothing else. */
export function queuesClient(http: Http) {
  const one = dataOf(Queue);
  return {
    list: (labId: string) => http.get("/v1/experiments/queues", { query: { labId }, expect: pageOf(Queue) }),
    get: (ref: string, labId?: string) =>
      http.get(path`/v1/experiments/queues/${ref}`, { query: { labId }, expect: one }),
    create: (draft: NewQueue) => http.post("/v1/experiments/queues", { body: draft, expect: one }),
    patch: (ref: string, changes: QueuePatch, labId?: string) =>
      http.patch(path`/v1/experiments/queues/${ref}`, { query: { labId }, body: changes, expect: one }),
    delete: (ref: string, labId?: string) =>
      http.delete(path`/v1/experiments/queues/${ref}`, { query: { labId }, expect: one }),
  };
}
