import { z } from "zod";
import { TelemetrySample } from "../../contract/pod.js";
import type { Http } from "../http/http.js";
import { dataOf } from "./envelope.js";

/** Utilisation and memory of the lab's pods over time. */
export function telemetryClient(http: Http) {
  return {
    window: (
      labId: string,
      { windowMs, points, podId }: { windowMs: number; points: number; podId?: string | undefined },
    ) =>
      http.get("/v1/telemetry", {
        query: { labId, windowMs, points, podId },
        expect: dataOf(z.array(TelemetrySample)),
      }),
  };
}
