import type { CostRow, Costs } from "../../contract/cost.js";
import { memoLast } from "../memo.js";
import { type CostGroup, type CostsState, costGroups } from "../slices/costs.js";

/** The rows of each group, the dearest of the month first. */
export type CostRows = Readonly<Record<CostGroup, readonly CostRow[]>>;

const none: CostRows = { pods: [], experiments: [], queues: [] };

const byMonth = (a: CostRow, b: CostRow) => (b.monthUsd ?? -1) - (a.monthUsd ?? -1);

const rowsOf = memoLast((costs: Costs | null): CostRows => {
  if (costs === null) return none;
  return {
    pods: costs.pods.toSorted(byMonth),
    experiments: costs.experiments.toSorted(byMonth),
    queues: costs.queues.toSorted(byMonth),
  };
});

export function costRows({ costs }: Pick<CostsState, "costs">): CostRows {
  return rowsOf(costs);
}

/** Groups stand side by side from this width on, else one at a time. */
const besideColumns = 144;

/** The groups that are on the screen in a pane of that inner width, the chosen one first. */
export function shownGroups({ group }: Pick<CostsState, "group">, width: number): readonly CostGroup[] {
  return width >= besideColumns ? [group, ...costGroups.filter((one) => one !== group)] : [group];
}

/** Rows of the longest of the groups that are shown. */
export function longestList(state: CostsState, width: number): number {
  const rows = costRows(state);
  return Math.max(0, ...shownGroups(state, width).map((group) => rows[group].length));
}

/** First row shown; never beyond the last page. */
export function costsTop(
  state: CostsState,
  { width, height }: { readonly width: number; readonly height: number },
): number {
  return Math.max(0, Math.min(state.top, longestList(state, width) - height));
}
