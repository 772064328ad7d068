import { z } from "zod";
import { Costs } from "../../contract/cost.js";
import { defineRoute } from "../http/route.js";

export const costs = defineRoute({
  method: "get",
  path: "/v1/costs",
  summary: "What the lab's pods and experiments cost: burn now, today, month to date, budget",
  query: z.object({ labId: z.string().min(1) }),
  result: Costs,
  handle: async ({ services }, { query: { labId } }) => ({
    data: await services.costs.summary(await services.labs.idOf(labId)),
  }),
});
