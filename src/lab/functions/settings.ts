import { v } from "convex/values";
import { LabSettingsPatch } from "../../contract/settings.js";
import { parseOrRefuse } from "../refusal.js";
import { defineMutation, defineQuery } from "./define.js";

const labId = v.optional(v.string());

/** Settings of a lab: idle rules, automatic schedule, budget, retention of logs. */
export const get = defineQuery({
  needs: "labs:read",
  args: { labId },
  topics: () => [],
  handler: async ({ services }, args) => services.settings.get(await services.labs.idOf(args.labId)),
});

/** Changes some of them; null takes a budget or an automatic stop away. The others stay. */
export const update = defineMutation({
  needs: "labs:write",
  args: { labId, changes: v.any() },
  handler: async ({ services }, { changes, ...args }) =>
    services.settings.patch(await services.labs.idOf(args.labId), parseOrRefuse(LabSettingsPatch, changes)),
});

/** The same with the settings as arguments, as REST has them in the body. */
export const patch = defineMutation({
  needs: "labs:write",
  args: {
    labId,
    ...Object.fromEntries(Object.keys(LabSettingsPatch.shape).map((name) => [name, v.optional(v.any())])),
  },
  handler: async ({ services }, { labId: ref, ...changes }) =>
    services.settings.patch(await services.labs.idOf(ref), parseOrRefuse(LabSettingsPatch, changes)),
});
