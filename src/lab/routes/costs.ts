import { z } from "zod";
import { Costs, ExperimentCost, PodCosts } from "../../contract/cost.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineRoute } from "../http/route.js";

const labId = z.string().min(1);

export const costs = defineRoute({
  method: "get",
  path: "/v1/costs",
  needs: "labs:read",
  summary: "What the lab's pods and experiments cost: burn now, today, month to date, budget",
  query: z.object({ labId }),
  result: Costs,
  example: { query: { labId: sampleIds.lab } },
  handle: async ({ services }, { query }) => ({
    data: await services.costs.summary(await services.labs.idOf(query.labId)),
  }),
});

export const podCosts = defineRoute({
  method: "get",
  path: "/v1/pods/costs",
  needs: "pods:read",
  summary: "What pods cost in a month: `month=current` or `month=2026-11`",
  query: z.object({ labId, month: z.string().default("current") }),
  result: PodCosts,
  example: { query: { labId: sampleIds.lab, month: "current" } },
  handle: async ({ services }, { query }) => {
    const id = await services.labs.idOf(query.labId);
    return { data: await services.costs.pods(id, query.month === "current" ? undefined : query.month) };
  },
});

export const experimentCosts = defineRoute({
  method: "get",
  path: "/v1/experiments/costs",
  needs: "experiments:read",
  summary: "What experiments cost, by pod; the newest 200 that cost anything, or one by its id",
  query: z.object({ labId, experimentId: z.string().min(1).optional() }),
  result: z.array(ExperimentCost),
  example: { query: { labId: sampleIds.lab } },
  handle: async ({ services }, { query }) => {
    const id = await services.labs.idOf(query.labId);
    return { data: await services.costs.experiments(id, query.experimentId) };
  },
});
