import { z } from "zod";
import { sampleIds } from "../../contract/sample-ids.js";
import { LabSettings, LabSettingsPatch } from "../../contract/settings.js";
import { defineRoute } from "../http/route.js";

const params = z.object({ slug: z.string() });

export const getSettings = defineRoute({
  method: "get",
  path: "/v1/labs/{slug}/settings",
  needs: "labs:read",
  summary: "Settings of a lab: idle threshold, automatic stop and schedule, budget",
  params,
  result: LabSettings,
  example: { params: { slug: sampleIds.labSlug } },
  handle: async ({ services }, { params: { slug } }) => ({
    data: await services.settings.get(await services.labs.idOf(slug)),
  }),
});

export const patchSettings = defineRoute({
  method: "patch",
  path: "/v1/labs/{slug}/settings",
  needs: "labs:write",
  waits: false,
  summary: "Change settings of a lab; the others stay",
  params,
  body: LabSettingsPatch,
  result: LabSettings,
  example: { params: { slug: sampleIds.labSlug }, body: { idleAlertMinutes: 30, budgetMonthlyUsd: 2000 } },
  handle: async ({ services }, { params: { slug }, body }) => ({
    data: await services.settings.patch(await services.labs.idOf(slug), body),
  }),
});
