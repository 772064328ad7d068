import type { MetricPoint } from "../contract/metrics.js";
import { groupBy } from "./group-by.js";
import { median } from "./median.js";

/** Rates are taken over this many lines: long enough to be calm, short enough to notice a change. */
const smoothedLines = 5;
const stuckLines = 3;

/** Samplers that say nothing else print once a minute. */
const usualOutputEveryMs = 60_000;

/** One rank (chain) of a run. null is unknown. */
export interface RankHealth {
  readonly rank: number;
  readonly steps: number | null;
  readonly accepted: number | null;
  readonly stepsPerSecond: number | null;
  readonly acceptedPerHour: number | null;
  readonly burnInLeft: number | null;
  readonly stuckEarly: boolean;
  readonly lastAt: number | null;
}

interface RankPoints {
  readonly steps: readonly MetricPoint[];
  readonly accepted: readonly MetricPoint[];
  readonly burnInLeft: readonly MetricPoint[];
}

export function rankHealth(rank: number, points: RankPoints): RankHealth {
  const steps = sinceResume(points.steps);
  const accepted = sinceResume(points.accepted);
  const acceptedPerSecond = ratePerSecond(accepted);
  return {
    rank,
    steps: steps.at(-1)?.value ?? null,
    accepted: accepted.at(-1)?.value ?? null,
    stepsPerSecond: ratePerSecond(steps),
    acceptedPerHour: acceptedPerSecond === null ? null : acceptedPerSecond * 3600,
    burnInLeft: points.burnInLeft.at(-1)?.value ?? null,
    stuckEarly: isStuck(steps, points.burnInLeft),
    lastAt: greatestTime(points.steps.at(-1)?.at, points.accepted.at(-1)?.at),
  };
}

/**
 * How long a healthy chain may print nothing: three times its own rhythm, or five median steps where one likelihood takes
 * longer than that. Samplers print only after a step has ended.
 */
export function silenceLimitMs(steps: readonly MetricPoint[]): number {
  const gapsMs: number[] = [];
  const stepMs: number[] = [];
  for (const points of groupBy(steps, ({ rank }) => rank).values()) {
    points.forEach((point, index) => {
      const before = points[index - 1];
      if (before === undefined || point.at <= before.at) return;
      gapsMs.push(point.at - before.at);
      if (point.value > before.value) stepMs.push((point.at - before.at) / (point.value - before.value));
    });
  }
  return Math.max(3 * (median(gapsMs) ?? usualOutputEveryMs), 5 * (median(stepMs) ?? 0));
}

/** Counters start again when a run is resumed; rates and totals must not mix the two lives. */
function sinceResume(points: readonly MetricPoint[]): readonly MetricPoint[] {
  const drop = points.findLastIndex((point, index) => point.value < (points[index - 1]?.value ?? -Infinity));
  return points.slice(Math.max(0, drop));
}

function ratePerSecond(points: readonly MetricPoint[]): number | null {
  const window = points.slice(-smoothedLines - 1);
  const [first, last] = [window.at(0), window.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  return (1000 * (last.value - first.value)) / (last.at - first.at);
}

/** Steps advance over three lines while the accepted count, or what is left of the burn-in, stays the same. */
function isStuck(steps: readonly MetricPoint[], burnInLeft: readonly MetricPoint[]): boolean {
  const lines = steps.slice(-stuckLines);
  const [first, last] = [lines.at(0), lines.at(-1)];
  if (lines.length < stuckLines || first === undefined || last === undefined || last.value <= first.value) return false;
  const left = burnInLeft.filter(({ at }) => at >= first.at && at <= last.at);
  const burnsIn = (burnInLeft.at(-1)?.value ?? 0) > 0;
  if (burnsIn) return left.length >= stuckLines && left.at(0)?.value === left.at(-1)?.value;
  return left.length === 0 && first.step === last.step;
}

function greatestTime(...times: readonly (number | undefined)[]): number | null {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}
