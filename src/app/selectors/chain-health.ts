import { type ChainHealth, summarise } from "../../chain/convergence.js";
import type { MetricSeries } from "../../contract/metrics.js";
import { memoLast } from "../memo.js";
import { staleSince } from "../slices/link.js";
import type { AppState } from "../store.js";

/** Rates and estimates are counted to this grain of time, so that a tick of the clock does not sum up a series again. */
const grainMs = 1000;

const healthOf = memoLast((series: MetricSeries, nowMs: number) => summarise(series, nowMs));

/**
 * Health of the chain on the screen; null while there are no numbers. A run that has ended is judged as of its end, and over a
 * lost link as of the last that was heard: that nothing comes says nothing about the chain then.
 */
export function chainHealth({
  chain,
  experiments,
  link,
  view,
}: Pick<AppState, "chain" | "experiments" | "link" | "view">): ChainHealth | null {
  if (chain.series === null || chain.series.points.length === 0) return null;
  const endedAt = experiments.live.find((row) => row._id === chain.experimentId)?.endedAt;
  const nowMs = endedAt ?? staleSince(link) ?? view.nowMs;
  return healthOf(chain.series, Math.floor(nowMs / grainMs) * grainMs);
}
