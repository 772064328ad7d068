import { v } from "convex/values";
import { defineQuery } from "./define.js";

/** What the lab costs; asked again when pods or their hours change. */
export const summary = defineQuery({
  needs: "labs:read",
  args: { labId: v.optional(v.string()) },
  topics: () => ["costs"],
  handler: async ({ services }, { labId }) => services.costs.summary(await services.labs.idOf(labId)),
});

/** One month by pod; without `month` the current one. */
export const pods = defineQuery({
  needs: "labs:read",
  args: { labId: v.optional(v.string()), month: v.optional(v.string()) },
  topics: () => ["costs"],
  handler: async ({ services }, { labId, month }) => {
    const id = await services.labs.idOf(labId);
    return services.costs.pods(id, month === "current" ? undefined : month);
  },
});

/** What experiments cost, by pod. */
export const experiments = defineQuery({
  needs: "labs:read",
  args: { labId: v.optional(v.string()), experimentId: v.optional(v.string()) },
  topics: () => ["costs"],
  handler: async ({ services }, { labId, experimentId }) =>
    services.costs.experiments(await services.labs.idOf(labId), experimentId),
});
