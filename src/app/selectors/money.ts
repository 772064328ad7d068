import type { Costs } from "../../contract/cost.js";
import { memoLast } from "../memo.js";
import type { AppState } from "../store.js";
import { isBilling } from "./pod-row.js";
import { type Totals, totals } from "./totals.js";

/** What the lab spends, as the header says it. null is unknown. */
export interface Money {
  readonly burnUsdPerHour: number | null;
  readonly todayUsd: number | null;
  readonly monthUsd: number | null;
  readonly budgetUsd: number | null;
  readonly budgetState: Costs["budget"]["state"];
  /** Some of it is not billed yet. */
  readonly estimated: boolean;
  readonly balanceUsd: number | null;
  readonly runwayHours: number | null;
}

const moneyOf = memoLast((costs: Costs | null, { burnUsdPerHour, todayUsd }: Totals): Money => {
  if (costs === null) return { ...unknownMoney, burnUsdPerHour, todayUsd };
  const { summary, budget, balance } = costs;
  return {
    // What bills now is what is on the screen: the lab's sums come a while later.
    burnUsdPerHour: burnUsdPerHour ?? summary.liveRunning.hourlyUsd,
    todayUsd: costs.todayUsd ?? todayUsd,
    monthUsd: summary.totalUsd,
    budgetUsd: budget.monthlyUsd,
    budgetState: budget.state,
    estimated: costs.estimated && costs.todayUsd !== null,
    balanceUsd: balance.usd,
    runwayHours: balance.runwayHours,
  };
});

const unknownMoney: Money = {
  burnUsdPerHour: null,
  todayUsd: null,
  monthUsd: null,
  budgetUsd: null,
  budgetState: "none",
  estimated: false,
  balanceUsd: null,
  runwayHours: null,
};

/** Burn from the pods as far as they tell; the rest from the lab's own count where it has one. */
export function money(state: Pick<AppState, "experiments" | "pods" | "view" | "costs">): Money {
  return moneyOf(state.costs.costs, totals(state));
}

const withBurn = memoLast((costs: Costs, pods: AppState["pods"]["rows"], hourlyUsd: number): Costs => {
  const podCount = pods.filter(isBilling).length;
  return {
    ...costs,
    summary: { ...costs.summary, liveRunning: { ...costs.summary.liveRunning, hourlyUsd, podCount } },
  };
});

/** The lab's costs with what bills now: the pods on the screen are newer than its sums. */
export function liveCosts(state: Pick<AppState, "experiments" | "pods" | "view" | "costs">): Costs | null {
  const { costs } = state.costs;
  const { burnUsdPerHour } = totals(state);
  return costs === null || burnUsdPerHour === null ? costs : withBurn(costs, state.pods.rows, burnUsdPerHour);
}

/** The balance of the provider's account lasts so long at the present burn: it is said from here on. */
export const lowRunwayHours = { warning: 24, critical: 4 } as const;

export function isBalanceLow({ runwayHours }: Pick<Money, "runwayHours">): boolean {
  return runwayHours !== null && runwayHours < lowRunwayHours.warning;
}

/** Nothing has a price: there is no account, or it rents nothing and never did this month. A machine of one's own may be listed. */
export function isNothingRented({ summary, pods, stoppedDiskHourlyUsd }: Costs): boolean {
  const nothing = (usd: number | null) => usd === null || usd === 0;
  return (
    nothing(summary.totalUsd) &&
    nothing(summary.liveRunning.hourlyUsd) &&
    nothing(stoppedDiskHourlyUsd) &&
    summary.liveRunning.podCount === 0 &&
    pods.every(({ todayUsd, monthUsd }) => nothing(todayUsd) && nothing(monthUsd))
  );
}
