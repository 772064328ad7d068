import { z } from "zod";
import { TelemetrySample } from "../../contract/pod.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineRoute } from "../http/route.js";

const defaultWindowMs = 15 * 60_000;

export const telemetry = defineRoute({
  method: "get",
  path: "/v1/telemetry",
  needs: "pods:read",
  summary: "Samples of the lab's machines since a moment (ms since 1970) or over a window, ascending, thinned",
  query: z.object({
    labId: z.string().min(1),
    since: z.coerce.number().nonnegative().optional(),
    windowMs: z.coerce.number().positive().optional(),
    /** Samples for each pod, about. */
    points: z.coerce.number().int().min(2).max(1000).optional(),
    podId: z.string().optional(),
  }),
  result: z.array(TelemetrySample),
  example: { query: { labId: sampleIds.lab, windowMs: 900_000 } },
  async handle({ services, clock }, { query: { labId, since, windowMs, points, podId } }) {
    const sinceMs = since ?? clock.now() - (windowMs ?? defaultWindowMs);
    const data = await services.pods.telemetry(await services.labs.idOf(labId), sinceMs, { points, podId });
    return { data };
  },
});
