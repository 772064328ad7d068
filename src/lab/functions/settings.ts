import { v } from "convex/values";
import { LabSettingsPatch } from "../../contract/settings.js";
import { parseOrRefuse } from "../refusal.js";
import { defineMutation, defineQuery } from "./define.js";

/** Settings of a lab: idle rules, automatic schedule, budget. */
export const get = defineQuery({
  needs: "labs:read",
  args: { labId: v.optional(v.string()) },
  topics: () => ["settings"],
  handler: async ({ services }, { labId }) => services.settings.get(await services.labs.idOf(labId)),
});

/** Changes some of them; null takes a budget or an automatic stop away. The others stay. */
export const update = defineMutation({
  needs: "labs:write",
  args: { labId: v.optional(v.string()), changes: v.any() },
  handler: async ({ services }, { labId, changes }) =>
    services.settings.patch(await services.labs.idOf(labId), parseOrRefuse(LabSettingsPatch, changes)),
});
