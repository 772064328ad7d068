import { z } from "zod";
import { Batch, BatchDetail, NewBatch } from "../../contract/batch.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation } from "../http/route.js";

const params = z.object({ batchId: z.string() });
const one = { batchId: sampleIds.batch };

export const createBatch = defineOperation({
  method: "post",
  path: "/v1/experiments/batches",
  needs: "experiments:write",
  summary: "One experiment for each combination of the grid's values, at most 1000 of them",
  body: NewBatch,
  result: BatchDetail,
  status: 201,
  call: { path: "batches:create", kind: "mutation" },
  example: {
    body: {
      labId: sampleIds.lab,
      title: "Seeds of the forecast",
      template: "fisher-forecast",
      grid: { "config.seed": [1, 2], "config.bins": [4, 8] },
      draft: true,
    },
  },
  handle: async ({ batches }, { body }) => ({ data: await batches.create(body) }),
});

export const listBatches = defineOperation({
  method: "get",
  path: "/v1/experiments/batches",
  needs: "experiments:read",
  summary: "Batches, newest first, with how far they are",
  query: z.object({
    labId: z.string().min(1),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: z.string().optional(),
  }),
  result: z.array(Batch),
  call: { path: "batches:list", kind: "query" },
  example: { query: { labId: sampleIds.lab, limit: 20 } },
  async handle({ batches }, { query }) {
    const { rows, nextCursor, hasMore } = await batches.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const getBatch = defineOperation({
  method: "get",
  path: "/v1/experiments/batches/{batchId}",
  needs: "experiments:read",
  summary: "A batch: each experiment with its values and last metrics, and the best of each metric",
  params,
  result: BatchDetail,
  call: { path: "batches:get", kind: "query" },
  example: { params: one },
  handle: async ({ batches }, { params: { batchId } }) => ({ data: await batches.get(batchId) }),
});

export const cancelBatch = defineOperation({
  method: "post",
  path: "/v1/experiments/batches/{batchId}/cancel",
  needs: "experiments:write",
  summary: "Cancel everything of it that has not ended",
  params,
  result: z.object({ id: z.string(), cancelled: z.number().int() }),
  call: { path: "batches:cancel", kind: "mutation" },
  example: { params: one },
  handle: async ({ batches }, { params: { batchId } }) => ({ data: await batches.cancel(batchId) }),
});

export const deleteBatch = defineOperation({
  method: "delete",
  path: "/v1/experiments/batches/{batchId}",
  needs: "experiments:write",
  summary: "Delete a batch; its experiments stay, unless `experiments=delete`",
  params,
  query: z.object({ experiments: z.enum(["keep", "delete"]).default("keep") }),
  result: z.object({ id: z.string(), deleted: z.number().int() }),
  call: { path: "batches:remove", kind: "mutation" },
  example: { params: { batchId: sampleIds.retiredBatch } },
  handle: async ({ batches }, { params: { batchId }, query: { experiments } }) => ({
    data: await batches.remove(batchId, experiments),
  }),
});
