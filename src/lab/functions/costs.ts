import { v } from "convex/values";
import { defineQuery } from "./define.js";

/** What the lab costs; asked again when pods or their hours change. */
export const summary = defineQuery({
  args: { labId: v.optional(v.string()) },
  topics: () => ["costs"],
  handler: async ({ services }, { labId }) => services.costs.summary(await services.labs.idOf(labId)),
});
