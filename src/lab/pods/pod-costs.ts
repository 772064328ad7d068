import { usdOf } from "../../core/micro-usd.js";
import { knows, type Sums, totalMicros } from "../money/cost-sums.js";
import type { Spending } from "../money/spending.js";
import type { PodCost } from "./pod-view.js";

/** What pods cost a lab today and this month, of the sums that everybody shares. */
export function podCostsOf(
  spending: Pick<Spending, "now">,
): (labId: string, podIds: readonly string[]) => Promise<Map<string, PodCost>> {
  return async (labId, podIds) => {
    const { today, month } = await spending.now(labId);
    const usdOfSums = (sums: Sums | undefined) =>
      sums === undefined || !knows(sums) ? null : usdOf(totalMicros(sums));
    return new Map(
      podIds.map((id) => {
        const sums = month.byPod.get(id);
        const day = today.byPod.get(id);
        const cost = {
          // What did not cost today although its price is known cost nothing.
          todayUsd: day === undefined && sums !== undefined ? 0 : usdOfSums(day),
          monthUsd: usdOfSums(sums),
          estimated: (sums?.unbilledHours ?? 0) > 0,
        };
        return [id, cost];
      }),
    );
  };
}
