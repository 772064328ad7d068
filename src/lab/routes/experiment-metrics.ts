import { z } from "zod";
import { MetricsAnswer, NewMetricPoints } from "../../contract/metrics.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation } from "../http/route.js";

const params = z.object({ experimentId: z.string().min(1) });

export const experimentMetrics = defineOperation({
  method: "get",
  path: "/v1/experiments/{experimentId}/metrics",
  needs: "experiments:read",
  summary:
    "The numbers of an attempt by name and rank, thinned to the lowest and highest of each pixel; the newest of each; what names there are",
  params,
  query: z.object({
    name: z.string().min(1).optional(),
    rank: z.coerce.number().int().min(0).optional(),
    /** ms UTC: points that are not older. */
    since: z.coerce.number().min(0).optional(),
    /** Of each line at most. */
    points: z.coerce.number().int().min(4).max(2000).default(300),
    attempt: z.coerce.number().int().min(1).optional(),
  }),
  result: MetricsAnswer,
  call: { path: "experiments:metrics", kind: "query" },
  example: { params: { experimentId: sampleIds.experiment }, query: { name: "chain.rminus1", points: 300 } },
  handle: async ({ metrics }, { params: { experimentId }, query }) => ({
    data: await metrics.read(experimentId, query),
  }),
});

export const postMetrics = defineOperation({
  method: "post",
  path: "/v1/experiments/{experimentId}/metrics",
  needs: "experiments:write",
  summary: "Numbers of the current attempt; a point that is there already is not stored twice",
  params,
  body: NewMetricPoints,
  result: z.object({ received: z.number().int(), stored: z.number().int() }),
  call: { path: "experimentMetrics:post", kind: "mutation" },
  example: {
    params: { experimentId: sampleIds.experiment },
    body: { points: [{ name: "loss", step: 100, value: 0.734 }] },
  },
  handle: async ({ metrics }, { params: { experimentId }, body }) => ({ data: await metrics.post(experimentId, body) }),
});
