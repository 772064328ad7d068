import { v } from "convex/values";
import { defineMutation, defineQuery } from "./define.js";

export const list = defineQuery({
  args: { labId: v.optional(v.string()) },
  topics: () => ["pods"],
  handler: async ({ services }, { labId }) => services.pods.list(await services.labs.idOf(labId)),
});

/** Takes work again. */
export const start = defineMutation({
  args: { podId: v.string() },
  handler: ({ services }, { podId }) => services.pods.start(podId),
});

/** Drains: running experiments go on, no new one starts. */
export const stop = defineMutation({
  args: { podId: v.string() },
  handler: ({ services }, { podId }) => services.pods.stop(podId),
});
