import { v } from "convex/values";
import { defineQuery, watchExperiment } from "./define.js";

/** Every number the current attempt printed, as one series. */
export const list = defineQuery({
  needs: "experiments:read",
  args: { experimentId: v.string() },
  handler: async (context, { experimentId }) =>
    context.services.metrics.series(await watchExperiment(context, experimentId, (id) => [`metrics:${id}`])),
});
