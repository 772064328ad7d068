import type { Costs } from "../../contract/cost.js";
import { memoLast } from "../memo.js";
import type { AppState } from "../store.js";
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
    burnUsdPerHour: summary.liveRunning.hourlyUsd ?? burnUsdPerHour,
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

/** From the lab's own count where it has one, else from the pods as far as they tell. */
export function money(state: Pick<AppState, "experiments" | "pods" | "view" | "costs">): Money {
  return moneyOf(state.costs.costs, totals(state));
}

/** The balance of the provider's account lasts so long at the present burn: it is said from here on. */
export const lowRunwayHours = { warning: 24, critical: 4 } as const;

export function isBalanceLow({ runwayHours }: Pick<Money, "runwayHours">): boolean {
  return runwayHours !== null && runwayHours < lowRunwayHours.warning;
}

/** Nothing has a price: there is no account, or it rents nothing and never did this month. */
export function isNothingRented({ summary, pods, stoppedDiskHourlyUsd }: Costs): boolean {
  const nothing = (usd: number | null) => usd === null || usd === 0;
  return (
    nothing(summary.totalUsd) &&
    nothing(summary.liveRunning.hourlyUsd) &&
    nothing(stoppedDiskHourlyUsd) &&
    pods.length === 0
  );
}
