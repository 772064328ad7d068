import { z } from "zod";
import { Refusal } from "./answer.js";
import { rfc3339 } from "./pod-wire.js";
import { validated, wholeNumber } from "./validation.js";

const bucketSizes = ["hour", "day", "week", "month", "year"] as const;
export type BucketSize = (typeof bucketSizes)[number];

const BillingQuery = z.object({
  bucketSize: z.enum(bucketSizes).default("day"),
  lastN: wholeNumber({ min: 1 }).optional(),
  startTime: z.iso.datetime({ offset: true }).optional(),
  endTime: z.iso.datetime({ offset: true }).optional(),
});

export interface BillingWindow {
  readonly bucketSize: BucketSize;
  readonly buckets: readonly { readonly startMs: number; readonly endMs: number }[];
  /** The resolved window, as `metadata.query` echoes it. */
  readonly query: { readonly startTime: string; readonly endTime: string; readonly bucketSize: BucketSize };
}

const dayMs = 86_400_000;

/** The asked window on whole buckets: 30 days back without anything, or the last N with the one that still fills. */
export function billingWindow(query: URLSearchParams, nowMs: number): BillingWindow {
  const { bucketSize, lastN, startTime, endTime } = validated(BillingQuery, Object.fromEntries(query));
  if (lastN !== undefined && (startTime !== undefined || endTime !== undefined)) {
    throw new Refusal(400, "lastN and startTime/endTime are mutually exclusive");
  }
  const last = bucketStart(bucketSize, endTime === undefined ? nowMs : Date.parse(endTime) - 1);
  const endMs = bucketAfter(bucketSize, last);
  const startMs =
    lastN === undefined
      ? bucketStart(bucketSize, startTime === undefined ? nowMs - 30 * dayMs : Date.parse(startTime))
      : Array.from({ length: lastN - 1 }).reduce<number>((at) => bucketStart(bucketSize, at - 1), last);
  const buckets = [];
  for (let at = startMs; at < endMs; at = bucketAfter(bucketSize, at)) {
    buckets.push({ startMs: at, endMs: bucketAfter(bucketSize, at) });
  }
  return { bucketSize, buckets, query: { startTime: rfc3339(startMs), endTime: rfc3339(endMs), bucketSize } };
}

/** Start of the bucket of `ms`, UTC; weeks start on Monday. */
export function bucketStart(size: BucketSize, ms: number): number {
  const date = new Date(ms);
  const midnight = Math.floor(ms / dayMs) * dayMs;
  switch (size) {
    case "hour":
      return Math.floor(ms / 3_600_000) * 3_600_000;
    case "day":
      return midnight;
    case "week":
      return midnight - ((date.getUTCDay() + 6) % 7) * dayMs;
    case "month":
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
    case "year":
      return Date.UTC(date.getUTCFullYear());
  }
}

function bucketAfter(size: BucketSize, startMs: number): number {
  const date = new Date(startMs);
  switch (size) {
    case "hour":
      return startMs + 3_600_000;
    case "day":
      return startMs + dayMs;
    case "week":
      return startMs + 7 * dayMs;
    case "month":
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
    case "year":
      return Date.UTC(date.getUTCFullYear() + 1);
  }
}
