import type { Queue } from "../../contract/queue.js";
import type { Failure } from "../../core/failure.js";

/** The queues of the lab in their order. */
export interface QueuesState {
  readonly rows: readonly Queue[];
  readonly loaded: boolean;
  readonly failure: Failure | null;
  /** Document id under the cursor of their list; null: the first. */
  readonly selectedId: string | null;
}

export type QueuesEvent =
  | { readonly type: "queues/received"; readonly rows: readonly Queue[] }
  /** The answer of an action: shown at once, the live list follows. */
  | { readonly type: "queues/changed"; readonly row: Queue }
  | { readonly type: "queues/failed"; readonly failure: Failure }
  | { readonly type: "queues/selected"; readonly id: string };

export const initialQueues: QueuesState = { rows: [], loaded: false, failure: null, selectedId: null };

export function queuesReducer(state: QueuesState, event: QueuesEvent): QueuesState {
  switch (event.type) {
    case "queues/received":
      return { ...state, rows: event.rows, loaded: true, failure: null };
    case "queues/changed": {
      const others = state.rows.filter(({ _id }) => _id !== event.row._id);
      return { ...state, rows: [...others, event.row].sort((a, b) => a.place - b.place) };
    }
    case "queues/failed":
      return { ...state, failure: event.failure };
    case "queues/selected":
      return { ...state, selectedId: event.id };
  }
}

/** The queue under the cursor. */
export const selectedQueue = ({ rows, selectedId }: QueuesState): Queue | undefined =>
  rows.find(({ _id }) => _id === selectedId) ?? rows[0];
