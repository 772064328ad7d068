import { z } from "zod";
import { TelemetrySample } from "../../contract/pod.js";
import { defineRoute } from "../http/route.js";

const defaultSpanMs = 15 * 60_000;

export const telemetry = defineRoute({
  method: "get",
  path: "/v1/telemetry",
  summary: "Samples of all machines since a moment (ms since 1970; default the last 15 minutes), ascending",
  query: z.object({ labId: z.string().min(1), since: z.coerce.number().nonnegative().optional() }),
  result: z.array(TelemetrySample),
  async handle({ services, clock }, { query: { labId, since } }) {
    const data = await services.pods.telemetry(await services.labs.idOf(labId), since ?? clock.now() - defaultSpanMs);
    return { data };
  },
});
