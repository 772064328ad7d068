import type { Selectable } from "kysely";
import type { GpuSample } from "../../contract/pod.js";
import type { SamplesTable } from "../store/schema.js";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export type SampleRow = Selectable<SamplesTable>;

/** From which age on samples are kept at which distance; a step of the work covers `sliceMs`, some 150 rows at most. Older than the last age: not at all. */
export const thinning = [
  { fromAgeMs: hourMs, resolutionMs: minuteMs, sliceMs: 5 * minuteMs },
  { fromAgeMs: dayMs, resolutionMs: 15 * minuteMs, sliceMs: 2 * hourMs },
] as const;
export const keptMs = 90 * dayMs;

/**
 * One row for each stretch of `resolutionMs`, at the time of its newest sample: the mean of what is known, the most slots.
 * Rows of one pod, ascending. A stretch of which nothing is known of a number stays unknown.
 */
export function thinSamples(rows: readonly SampleRow[], resolutionMs: number): SampleRow[] {
  const stretches = new Map<number, [SampleRow, ...SampleRow[]]>();
  for (const row of rows) {
    const stretch = Math.floor(row.at / resolutionMs);
    const members = stretches.get(stretch);
    if (members === undefined) stretches.set(stretch, [row]);
    else members.push(row);
  }
  return [...stretches.values()].map((members) => summary(members, resolutionMs));
}

function summary(members: readonly [SampleRow, ...SampleRow[]], resolutionMs: number): SampleRow {
  const known = (column: keyof SampleRow) =>
    members.flatMap((row) => (typeof row[column] === "number" ? [row[column]] : []));
  const mean = (column: keyof SampleRow) => {
    const values = known(column);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const bytes = mean("memory_used_bytes");
  const slots = known("slots_used");
  return {
    ...(members.at(-1) ?? members[0]),
    resolution_ms: resolutionMs,
    cpu_percent: mean("cpu_percent"),
    memory_used_bytes: bytes === null ? null : Math.round(bytes),
    load_average: mean("load_average"),
    gpu_util_percent: mean("gpu_util_percent"),
    gpu_memory_percent: mean("gpu_memory_percent"),
    cost_per_hour_usd: mean("cost_per_hour_usd"),
    slots_used: slots.length === 0 ? null : Math.max(...slots),
    gpus: meanGpus(members.flatMap(({ gpus }) => (gpus === null ? [] : [JSON.parse(gpus) as GpuSample[]]))),
  };
}

const gpuNumbers = ["utilPercent", "memoryPercent", "temperatureC", "powerW"] as const;

/** Each GPU by its place; a pod that came back with fewer has means of when it had more. */
function meanGpus(moments: readonly (readonly GpuSample[])[]): string | null {
  const count = Math.max(0, ...moments.map(({ length }) => length));
  if (count === 0) return null;
  const gpus = Array.from({ length: count }, (_, index) => {
    const means = gpuNumbers.map((name) => {
      const known = moments.flatMap((gpus) => gpus[index]?.[name] ?? []);
      return [name, known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length] as const;
    });
    return Object.fromEntries(means) as GpuSample;
  });
  return JSON.stringify(gpus);
}
