import { type ChainHealth, summarise } from "../../chain/convergence.js";
import type { MetricSeries } from "../../contract/metrics.js";
import { memoLast } from "../memo.js";
import type { AppState } from "../store.js";

/** Rates and estimates are counted to this grain of time, so that a tick of the clock does not sum up a series again. */
const grainMs = 1000;

const healthOf = memoLast((series: MetricSeries, nowMs: number) => summarise(series, nowMs));

/** Health of the chain on the screen; null while there are no numbers. A run that has ended is judged as of its end. */
export function chainHealth({
  chain,
  experiments,
  view,
}: Pick<AppState, "chain" | "experiments" | "view">): ChainHealth | null {
  if (chain.series === null || chain.series.points.length === 0) return null;
  const endedAt = experiments.live.find((row) => row._id === chain.experimentId)?.endedAt;
  const nowMs = endedAt ?? view.nowMs;
  return healthOf(chain.series, Math.floor(nowMs / grainMs) * grainMs);
}
