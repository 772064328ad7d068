import type { Experiment } from "../../contract/experiment.js";
import type { Pod } from "../../contract/pod.js";
import { memoLast } from "../memo.js";
import type { AppState } from "../store.js";

/** Counts and money of the header. null is unknown. */
export interface Totals {
  readonly running: number;
  readonly queued: number;
  readonly blocked: number;
  readonly failedToday: number;
  readonly burnUsdPerHour: number | null;
  readonly todayUsd: number | null;
}

const countRows = memoLast((rows: readonly Experiment[], sinceMs: number) => {
  const counts = { running: 0, queued: 0, blocked: 0, draft: 0, failedToday: 0 };
  for (const { status, endedAt } of rows) {
    if (status === "fail") counts.failedToday += endedAt !== null && endedAt >= sinceMs ? 1 : 0;
    else if (status !== "pass") counts[status]++;
  }
  return counts;
});

const sumPods = memoLast((pods: readonly Pod[], loaded: boolean) => ({
  burnUsdPerHour: loaded ? sumKnown(pods.filter(isBilling).map((pod) => pod.costPerHourUsd)) : null,
  todayUsd: loaded ? sumKnown(pods.map((pod) => pod.costTodayUsd)) : null,
}));

const isBilling = (pod: Pod) => pod.status === "running" || pod.status === "creating";

const joined = memoLast(
  (counts: ReturnType<typeof countRows>, money: ReturnType<typeof sumPods>): Totals => ({ ...counts, ...money }),
);

/** Nothing at all costs nothing; things of unknown cost are unknown. */
function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 && values.length > 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** Midnight before, where the person is. */
function startOfDay(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0);
}

/** Live rows hold every unfinished experiment, and the newest that ended. */
export function totals({ experiments, pods, view }: Pick<AppState, "experiments" | "pods" | "view">): Totals {
  return joined(countRows(experiments.live, startOfDay(view.nowMs)), sumPods(pods.rows, pods.loaded));
}
