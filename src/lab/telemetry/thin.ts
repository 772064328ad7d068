import type { Insertable } from "kysely";
import type { SamplesTable } from "../store/schema.js";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export type SampleRow = Insertable<SamplesTable>;

/** From which age on samples are kept at which distance. Older than the last age: not at all. */
export const thinning = [
  { fromAgeMs: hourMs, resolutionMs: minuteMs },
  { fromAgeMs: dayMs, resolutionMs: 15 * minuteMs },
] as const;
export const keptMs = 90 * dayMs;

/**
 * One row for each stretch of `resolutionMs`, at the time of its newest sample: the mean of what is known, the most slots.
 * Rows of one pod, ascending. A stretch of which nothing is known of a number stays unknown.
 */
export function thinSamples<Row extends Partial<SampleRow> & { readonly at: number }>(
  rows: readonly Row[],
  resolutionMs: number,
): Row[] {
  const stretches = new Map<number, Row[]>();
  for (const row of rows) {
    const stretch = Math.floor(row.at / resolutionMs);
    const members = stretches.get(stretch);
    if (members === undefined) stretches.set(stretch, [row]);
    else members.push(row);
  }
  return [...stretches.values()].map((members) => summary(members, resolutionMs));
}

const averaged = [
  "cpu_percent",
  "memory_used_bytes",
  "load_average",
  "gpu_util_percent",
  "gpu_memory_percent",
  "cost_per_hour_usd",
] as const;
/** Columns that hold whole numbers. */
const whole = new Set<string>(["memory_used_bytes"]);

function summary<Row extends Partial<SampleRow> & { readonly at: number }>(
  members: readonly Row[],
  resolutionMs: number,
): Row {
  const last = members.at(-1) as Row;
  if (members.length === 1) return { ...last, resolution_ms: resolutionMs };
  const known = (column: keyof SampleRow) =>
    members.flatMap((row) => (typeof row[column] === "number" ? [row[column] as number] : []));
  const means = averaged.map((column) => {
    const values = known(column);
    const mean = values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
    return [column, mean !== null && whole.has(column) ? Math.round(mean) : mean];
  });
  const slots = known("slots_used");
  const most = slots.length === 0 ? null : Math.max(...slots);
  return { ...last, ...Object.fromEntries(means), slots_used: most, resolution_ms: resolutionMs };
}
