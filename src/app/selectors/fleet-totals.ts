import type { Pod } from "../../contract/pod.js";
import { memoLast } from "../memo.js";
import type { PodsState } from "../slices/pods.js";
import { idleMs, isBilling, isWasting, podRow } from "./pod-row.js";

/** The fleet in numbers. null is unknown. */
export interface FleetTotals {
  readonly running: number;
  readonly creating: number;
  readonly stopped: number;
  readonly terminated: number;
  readonly trouble: number;
  /** Pods that idle at a price. */
  readonly idle: number;
  readonly longestIdleMs: number;
  readonly wastedUsd: number;
  readonly burnUsdPerHour: number | null;
  /** Of the disks of stopped pods. */
  readonly stoppedUsdPerMonth: number;
}

const totalsOf = memoLast((pods: readonly Pod[]): FleetTotals => {
  const withStatus = (status: Pod["status"]) => pods.filter((pod) => pod.status === status);
  const wasting = pods.filter(isWasting);
  const stopped = withStatus("stopped");
  const prices = pods.filter(isBilling).map(({ costPerHourUsd }) => costPerHourUsd ?? 0);
  const isPriced = pods.some(({ costPerHourUsd }) => costPerHourUsd !== null);
  return {
    running: withStatus("running").length,
    creating: withStatus("creating").length,
    stopped: stopped.length,
    terminated: withStatus("terminated").length,
    trouble: pods.filter(({ trouble, status }) => trouble !== null && status !== "terminated").length,
    idle: wasting.length,
    longestIdleMs: Math.max(0, ...wasting.map((pod) => idleMs(pod) ?? 0)),
    wastedUsd: sum(wasting.map((pod) => podRow(pod, []).wastedUsd ?? 0)),
    burnUsdPerHour: isPriced ? sum(prices) : null,
    stoppedUsdPerMonth: sum(stopped.map(({ stoppedCostPerMonthUsd }) => stoppedCostPerMonthUsd ?? 0)),
  };
});

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export function fleetTotals({ rows }: Pick<PodsState, "rows">): FleetTotals {
  return totalsOf(rows);
}
