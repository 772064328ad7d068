import { z } from "zod";
import { Batch, BatchDetail, type NewBatch } from "../../contract/batch.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, pageOf } from "./envelope.js";

const Cancelled = z.object({ cancelled: z.number() });

/** Experiments that were made together. Every call rejects with FailureError and nothing else. */
export function batchesClient(http: Http) {
  return {
    list: (query: { labId: string; limit?: number; cursor?: string }) =>
      http.get("/v1/experiments/batches", { query: { ...query }, expect: pageOf(Batch) }),
    get: (id: string) => http.get(path`/v1/experiments/batches/${id}`, { expect: dataOf(BatchDetail) }),
    create: (draft: NewBatch) => http.post("/v1/experiments/batches", { body: draft, expect: dataOf(BatchDetail) }),
    cancel: (id: string) => http.post(path`/v1/experiments/batches/${id}/cancel`, { expect: dataOf(Cancelled) }),
    /** `keep`: the experiments stay, as if each had been made alone. */
    delete: (id: string, experiments: "keep" | "delete" = "keep") =>
      http.delete(path`/v1/experiments/batches/${id}`, { query: { experiments }, expect: z.unknown() }),
  };
}
