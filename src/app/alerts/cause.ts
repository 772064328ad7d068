import type { Alert } from "../slices/alerts.js";
import type { AppState } from "../store.js";

/** An alert as the state of this moment calls for it. `holdMs`: the cause must have lasted so long before it is raised. */
export interface Cause extends Pick<Alert, "key" | "severity" | "text" | "target"> {
  readonly holdMs?: number;
}

export type Rule = (state: AppState) => readonly Cause[];
