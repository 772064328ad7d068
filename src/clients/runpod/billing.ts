import { z } from "zod";
import type { BilledHour } from "../../contract/provider.js";
import { microsOf } from "../../core/micro-usd.js";
import type { Http } from "../http/http.js";
import { list, moment, number } from "./tolerant.js";

/** The last so many buckets, or a stretch of time (ms). */
export type BillingSpan = { readonly lastN: number } | { readonly sinceMs: number; readonly untilMs: number };

export interface BillingQuery {
  readonly span: BillingSpan;
  readonly bucketSize?: "hour" | "day" | "week" | "month" | "year";
  readonly podId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One bucket of the whole account. Whole micro-dollars. */
export interface AccountBucket {
  readonly startAt: number;
  readonly endAt: number;
  readonly micros: number;
}

const Times = { startTime: moment, endTime: moment };
const PodRecord = z.object({
  ...Times,
  podId: z.string(),
  totalAmount: number,
  gpuAmount: number,
  cpuAmount: number,
  diskAmount: number,
});

/** What RunPod has billed. It comes late, by up to an hour or so, and the last bucket still fills. */
export function billingClient(http: Http, clock: { now(): number }) {
  return {
    /** One row per pod and bucket; compute of CPU pods is in `gpuMicros`. */
    pods: async ({ span, bucketSize = "hour", podId, signal }: BillingQuery): Promise<readonly BilledHour[]> => {
      const query = { bucketSize, podId, ...spanQuery(span) };
      const expect = z.object({ records: list(PodRecord) });
      const { records } = await http.get("/v2/billing/pods", { query, expect, signal });
      return records.flatMap((record) => billedHour(record, clock.now()));
    },
    /** All products of the account together. */
    all: async ({
      span,
      bucketSize = "hour",
      signal,
    }: Omit<BillingQuery, "podId">): Promise<readonly AccountBucket[]> => {
      const expect = z.object({ records: list(z.object({ ...Times, totalAmount: number })) });
      const query = { bucketSize, ...spanQuery(span) };
      const { records } = await http.get("/v2/billing", { query, expect, signal });
      return records.flatMap(({ startTime, endTime, totalAmount }) => {
        const micros = microsOf(totalAmount);
        return startTime === null || endTime === null || micros === null
          ? []
          : [{ startAt: startTime, endAt: endTime, micros }];
      });
    },
  };
}

const spanQuery = (span: BillingSpan) =>
  "lastN" in span
    ? { lastN: span.lastN }
    : { startTime: new Date(span.sinceMs).toISOString(), endTime: new Date(span.untilMs).toISOString() };

/** A record without a time or an amount is no bill. */
function billedHour(record: z.infer<typeof PodRecord>, nowMs: number): readonly BilledHour[] {
  const { podId, startTime, endTime } = record;
  const micros = microsOf(record.totalAmount);
  if (startTime === null || micros === null) return [];
  const compute = (microsOf(record.gpuAmount) ?? 0) + (microsOf(record.cpuAmount) ?? 0);
  const diskMicros = microsOf(record.diskAmount) ?? 0;
  const open = endTime === null || endTime > nowMs;
  return [{ providerId: podId, hourAt: startTime, micros, gpuMicros: compute, diskMicros, open }];
}
