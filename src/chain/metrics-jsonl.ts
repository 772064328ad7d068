import { z } from "zod";
import type { MetricPoint } from "../contract/metrics.js";

const maxNames = 256;
const maxDepth = 4;
const maxNameLength = 100;
/** Seconds since 1970 below this are no date that a run writes, but a time of its own. */
const earliestSeconds = 1e8;
/** Above this a time is in milliseconds. */
const earliestMs = 1e11;

const stepNames = ["step", "global_step", "iteration", "iter", "epoch"];
const timeNames = ["time", "timestamp", "_timestamp", "ts", "at"];

/** What is to be remembered between lines, as JSON. */
export const MetricsFileState = z.object({
  /** Lines per name that has no step of its own. */
  counts: z.record(z.string(), z.number()),
  /** Names that were not finite once. */
  notFinite: z.array(z.string()),
});
export type MetricsFileState = z.infer<typeof MetricsFileState>;

export const noMetricsYet: MetricsFileState = { counts: {}, notFinite: [] };

export interface ReadMetrics {
  readonly points: readonly MetricPoint[];
  readonly state: MetricsFileState;
}

/**
 * The points of lines of `metrics.jsonl`: `{"step": 1, "loss": 0.1, "time": 1700000000.5}` or `{"name", "value", "step"}`; objects
 * inside have dotted names. NaN and infinity, as Python writes them, are one mark for each name. What is no JSON is passed over.
 */
export function readMetricsLines(lines: readonly string[], at: number, before: MetricsFileState): ReadMetrics {
  const counts = new Map(Object.entries(before.counts));
  const notFinite = new Set(before.notFinite);
  const points: MetricPoint[] = [];
  for (const record of lines.map(parse)) {
    if (record === null) continue;
    const { step, values, ...own } = readRecord(record, at);
    for (const [name, value] of values) {
      if (!counts.has(name) && counts.size >= maxNames) continue;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const point = { ...own, step: step ?? count };
      if (Number.isFinite(value)) points.push({ ...point, name, value });
      else if (!notFinite.has(name)) points.push({ ...point, name: "chain.not_finite", value: 1 });
      if (!Number.isFinite(value)) notFinite.add(name);
    }
  }
  return { points, state: { counts: Object.fromEntries(counts), notFinite: [...notFinite] } };
}

/** What a line says of all its numbers; `step` is null where they are counted. */
function readRecord(record: Json, now: number) {
  const [stepName, step] = firstNumber(record, stepNames) ?? [null, Number.NaN];
  const time = timeOf(record);
  const rank = numberOf(record["rank"]) ?? 0;
  return {
    rank: Number.isSafeInteger(rank) && rank >= 0 ? rank : 0,
    at: time?.at ?? now,
    step: Number.isFinite(step) ? step : null,
    values: valuesOf(record, [stepName, time?.name ?? null, "rank"]),
  };
}

type Json = Readonly<Record<string, unknown>>;

/** Strings are matched first, so that a NaN inside one is no word of its own. */
const stringOrWord = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

function parse(line: string): Json | null {
  if (!line.trimStart().startsWith("{")) return null;
  const isBare = line.includes("NaN") || line.includes("Infinity");
  const text = isBare ? line.replace(stringOrWord, (found) => (found.startsWith('"') ? found : `"${found}"`)) : line;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
}

function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^(NaN|-?Infinity)$/.test(value) ? Number(value) : null;
}

function firstNumber(record: Json, names: readonly string[]): [name: string, value: number] | null {
  for (const name of names) {
    const value = numberOf(record[name]);
    if (value !== null) return [name, value];
  }
  return null;
}

/** When it was written, by the run's own clock. Seconds since its start are a number like any other. */
function timeOf(record: Json): { readonly name: string; readonly at: number } | null {
  for (const name of timeNames) {
    const value = record[name];
    const number = typeof value === "string" ? Date.parse(value) : numberOf(value);
    if (number === null || !Number.isFinite(number) || number < earliestSeconds) continue;
    return { name, at: Math.round(number >= earliestMs ? number : number * 1000) };
  }
  return null;
}

function valuesOf(record: Json, besides: readonly (string | null)[]): [string, number][] {
  const { name, value } = record;
  if (typeof name === "string" && "value" in record) {
    const number = numberOf(value);
    return number === null || name === "" ? [] : [[nameOf(name), number]];
  }
  return leaves(record, "", maxDepth).filter(([leaf]) => !besides.includes(leaf));
}

function leaves(record: Json, prefix: string, depth: number): [string, number][] {
  return Object.entries(record).flatMap(([key, value]): [string, number][] => {
    const number = numberOf(value);
    if (number !== null) return [[nameOf(`${prefix}${key}`), number]];
    const isInner = typeof value === "object" && value !== null && !Array.isArray(value) && depth > 1;
    return isInner ? leaves(value as Json, `${prefix}${key}.`, depth - 1) : [];
  });
}

/** Printable, and not too long for a legend. */
const nameOf = (name: string): string => name.replace(/[^ -~]/g, "_").slice(0, maxNameLength);
