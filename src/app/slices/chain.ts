import type { MetricSeries } from "../../contract/metrics.js";
import type { Failure } from "../../core/failure.js";

/** Numbers of the selected experiment's run, as the lab parsed them. */
export interface ChainState {
  readonly experimentId: string | null;
  readonly series: MetricSeries | null;
  readonly failure: Failure | null;
}

export type ChainEvent =
  | { readonly type: "chain/opened"; readonly experimentId: string | null }
  | { readonly type: "chain/received"; readonly series: MetricSeries }
  | { readonly type: "chain/failed"; readonly failure: Failure };

export const initialChain: ChainState = { experimentId: null, series: null, failure: null };

export function chainReducer(state: ChainState, event: ChainEvent): ChainState {
  switch (event.type) {
    case "chain/opened":
      return { ...initialChain, experimentId: event.experimentId };
    case "chain/received":
      return { ...state, series: event.series, failure: null };
    case "chain/failed":
      return { ...state, failure: event.failure };
  }
}
