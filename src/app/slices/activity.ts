import type { Activity } from "../../contract/activity.js";
import type { Failure } from "../../core/failure.js";

/** What happened in the lab last, newest first; asked for while somebody looks. */
export interface ActivityState {
  readonly rows: readonly Activity[];
  readonly loaded: boolean;
  readonly failure: Failure | null;
}

export type ActivityEvent =
  | { readonly type: "activity/received"; readonly rows: readonly Activity[] }
  | { readonly type: "activity/failed"; readonly failure: Failure };

export const initialActivity: ActivityState = { rows: [], loaded: false, failure: null };

export function activityReducer(state: ActivityState, event: ActivityEvent): ActivityState {
  switch (event.type) {
    case "activity/received":
      return { rows: event.rows, loaded: true, failure: null };
    case "activity/failed":
      return { ...state, failure: event.failure };
  }
}
