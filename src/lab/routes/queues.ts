import { z } from "zod";
import { NewQueue, Queue, QueuePatch } from "../../contract/queue.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation } from "../http/route.js";

/** A document id, or a name: that of the named lab, else of the labs that the caller sees. */
const params = z.object({ queueId: z.string() });
const ofLab = z.object({ labId: z.string().optional() });
const nightly = { queueId: sampleIds.queue };

export const createQueue = defineOperation({
  method: "post",
  path: "/v1/experiments/queues",
  needs: "experiments:write",
  summary: "A further queue, behind the others unless its place is named",
  body: NewQueue,
  result: Queue,
  status: 201,
  call: { path: "queues:create", kind: "mutation" },
  example: { body: { labId: sampleIds.lab, name: "weekend", concurrency: 2 } },
  handle: async ({ queues }, { body }) => ({ data: await queues.create(body) }),
});

export const listQueues = defineOperation({
  method: "get",
  path: "/v1/experiments/queues",
  needs: "experiments:read",
  summary: "The queues of a lab in their order, with what is in them; `default` is always there",
  query: z.object({ labId: z.string().min(1) }),
  result: z.array(Queue),
  call: { path: "queues:list", kind: "query" },
  example: { query: { labId: sampleIds.lab } },
  handle: async ({ queues }, { query: { labId } }) => ({
    data: await queues.list(labId),
    nextCursor: null,
    hasMore: false,
  }),
});

export const getQueue = defineOperation({
  method: "get",
  path: "/v1/experiments/queues/{queueId}",
  needs: "experiments:read",
  summary: "One queue",
  params,
  query: ofLab,
  result: Queue,
  call: { path: "queues:get", kind: "query" },
  example: { params: nightly },
  handle: async ({ queues }, { params: { queueId }, query: { labId } }) => ({ data: await queues.get(queueId, labId) }),
});

export const patchQueue = defineOperation({
  method: "patch",
  path: "/v1/experiments/queues/{queueId}",
  needs: "experiments:write",
  summary: "Pause it or let it go on, rename it, move it, limit how many of it run at once",
  params,
  query: ofLab,
  body: QueuePatch,
  result: Queue,
  call: { path: "queues:patch", kind: "mutation" },
  example: { params: nightly, body: { status: "paused" } },
  handle: async ({ queues }, { params: { queueId }, query: { labId }, body }) => ({
    data: await queues.patch(queueId, body, labId),
  }),
});

export const deleteQueue = defineOperation({
  method: "delete",
  path: "/v1/experiments/queues/{queueId}",
  needs: "experiments:write",
  summary: "Delete a queue; what has not ended in it goes on in `default`",
  params,
  query: ofLab,
  result: Queue,
  call: { path: "queues:remove", kind: "mutation" },
  example: { params: { queueId: sampleIds.retiredQueue } },
  handle: async ({ queues }, { params: { queueId }, query: { labId } }) => ({
    data: await queues.remove(queueId, labId),
  }),
});
