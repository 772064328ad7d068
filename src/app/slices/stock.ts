import type { StockRow } from "../../contract/pod.js";
import type { Failure } from "../../core/failure.js";

/** What could be rented now. Asked for when the form of a new pod opens, and again on demand: prices and stock move. */
export interface StockState {
  /** null until it has come once. */
  readonly rows: readonly StockRow[] | null;
  readonly loading: boolean;
  /** When `rows` came, ms. */
  readonly at: number | null;
  readonly failure: Failure | null;
}

export type StockEvent =
  | { readonly type: "stock/asked" }
  | { readonly type: "stock/received"; readonly rows: readonly StockRow[]; readonly at: number }
  | { readonly type: "stock/failed"; readonly failure: Failure };

export const initialStock: StockState = { rows: null, loading: false, at: null, failure: null };

export function stockReducer(state: StockState, event: StockEvent): StockState {
  switch (event.type) {
    case "stock/asked":
      return { ...state, loading: true, failure: null };
    case "stock/received":
      return { rows: event.rows, loading: false, at: event.at, failure: null };
    case "stock/failed":
      return { ...state, loading: false, failure: event.failure };
  }
}
