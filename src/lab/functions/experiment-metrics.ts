import { v } from "convex/values";
import { defineQuery, watchExperiment } from "./define.js";

/** Every number of the current attempt, thinned for a chart. */
export const list = defineQuery({
  needs: "experiments:read",
  args: { experimentId: v.string() },
  handler: async (context, { experimentId }) =>
    context.services.metrics.series(await watchExperiment(context, experimentId, (id) => [`metrics:${id}`])),
});

/** One name, or one rank, of any attempt, with the newest of each name: what GET …/metrics answers. */
export const series = defineQuery({
  needs: "experiments:read",
  args: {
    experimentId: v.string(),
    name: v.optional(v.string()),
    rank: v.optional(v.number()),
    since: v.optional(v.number()),
    points: v.optional(v.number()),
    attempt: v.optional(v.number()),
  },
  handler: async (context, { experimentId, ...query }) =>
    context.services.metrics.read(await watchExperiment(context, experimentId, (id) => [`metrics:${id}`]), query),
});
