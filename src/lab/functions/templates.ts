import { v } from "convex/values";
import { defineQuery } from "./define.js";

/** What the lab can run by name; the same as long as it runs. */
export const list = defineQuery({
  needs: "experiments:read",
  args: { labId: v.optional(v.string()) },
  handler: ({ services }) => services.templates.list(),
});
