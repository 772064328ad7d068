import { v } from "convex/values";
import { defineQuery } from "./define.js";

/** Samples of all pods since a moment (ms since 1970), ascending, thinned. */
export const recent = defineQuery({
  needs: "pods:read",
  args: { labId: v.optional(v.string()), sinceMs: v.number() },
  topics: () => ["telemetry"],
  handler: async ({ services }, { labId, sinceMs }) =>
    services.pods.telemetry(await services.labs.idOf(labId), sinceMs),
});

/** The newest sample of each pod. */
export const latest = defineQuery({
  needs: "pods:read",
  args: { labId: v.optional(v.string()) },
  topics: () => ["telemetry"],
  handler: async ({ services }, { labId }) => services.pods.latest(await services.labs.idOf(labId)),
});
