import { z } from "zod";
import { Activity, Severity } from "../../contract/activity.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation } from "../http/route.js";

export const listActivity = defineOperation({
  method: "get",
  path: "/v1/activity",
  needs: "labs:read",
  summary: "What happened in a lab, newest first; a page may come short while there is more",
  query: z.object({
    labId: z.string().min(1),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z.string().optional(),
    /** `experiment.failed`, or all of a noun: `experiment`. */
    event: z
      .string()
      .regex(/^[a-z]+(\.[A-Za-z_]+)?$/, "must be an event's name such as experiment.failed, or its noun")
      .optional(),
    severity: Severity.optional(),
    /** Document id of what it happened to. */
    ref: z.string().optional(),
    /** ms since 1970 UTC; only what is not older. */
    since: z.coerce.number().int().nonnegative().optional(),
  }),
  result: z.array(Activity),
  call: { path: "activity:list", kind: "query" },
  example: { query: { labId: sampleIds.lab, event: "experiment", limit: 5 } },
  async handle({ activity }, { query }) {
    const { rows, nextCursor, hasMore } = await activity.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});
