import type { Costs } from "../../contract/cost.js";
import type { Failure } from "../../core/failure.js";

/** What the money went to, in the order that a person pages through. */
export const costGroups = ["pods", "experiments", "queues"] as const;
export type CostGroup = (typeof costGroups)[number];

export interface CostsState {
  /** null until they have come. */
  readonly costs: Costs | null;
  readonly failure: Failure | null;
  readonly group: CostGroup;
  /** First row shown of the table. */
  readonly top: number;
}

export type CostsEvent =
  | { readonly type: "costs/received"; readonly costs: Costs }
  | { readonly type: "costs/failed"; readonly failure: Failure }
  | { readonly type: "costs/grouped"; readonly group: CostGroup }
  | { readonly type: "costs/scrolled"; readonly top: number };

export const initialCosts: CostsState = { costs: null, failure: null, group: "pods", top: 0 };

export function costsReducer(state: CostsState, event: CostsEvent): CostsState {
  switch (event.type) {
    case "costs/received":
      return { ...state, costs: event.costs, failure: null };
    case "costs/failed":
      return { ...state, failure: event.failure };
    case "costs/grouped":
      return { ...state, group: event.group, top: 0 };
    case "costs/scrolled":
      return { ...state, top: event.top };
  }
}
