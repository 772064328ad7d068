import { chainMarks, type MetricPoint } from "../../contract/metrics.js";
import type { ChainFacts } from "./facts.js";

const marks = new Set<string>(chainMarks);

/** When a run said what about itself, for the last time. */
export function chainFactsOf(points: readonly MetricPoint[]): ChainFacts {
  const last = (isOne: (name: string) => boolean) =>
    points.reduce<number | null>((at, point) => (isOne(point.name) ? Math.max(at ?? -Infinity, point.at) : at), null);
  const mark = (wanted: (typeof chainMarks)[number]) => last((name) => name === wanted);
  return {
    convergedAt: mark("chain.converged"),
    cutOffAt: mark("chain.cut_off"),
    resumedAt: mark("chain.resumed"),
    notFiniteAt: mark("chain.not_finite"),
    lastAt: last((name) => !marks.has(name) && name !== "progress"),
  };
}
