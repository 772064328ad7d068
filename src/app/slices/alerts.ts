/** One thing a person should look at. `key` is stable while the cause lasts, so it is not raised twice. */
export interface Alert {
  readonly key: string;
  readonly severity: "info" | "warning" | "critical";
  readonly text: string;
  /** Document id of the experiment or pod it is about. */
  readonly target: string | null;
  readonly raisedAt: number;
  readonly acknowledged: boolean;
}

export interface AlertsState {
  readonly open: readonly Alert[];
  readonly selectedKey: string | null;
  /** Acknowledged in an earlier session: if their cause still lasts they come back as acknowledged. */
  readonly acknowledgedBefore: readonly string[];
}

export type AlertsEvent =
  | {
      readonly type: "alerts/derived";
      readonly open: readonly Omit<Alert, "raisedAt" | "acknowledged">[];
      readonly at: number;
    }
  | { readonly type: "alerts/acknowledged"; readonly key: string }
  | { readonly type: "alerts/selected"; readonly key: string | null };

export const initialAlerts: AlertsState = { open: [], selectedKey: null, acknowledgedBefore: [] };

/** Keeps when each alert was first raised and whether it was acknowledged; drops those whose cause is gone. */
export function alertsReducer(state: AlertsState, event: AlertsEvent): AlertsState {
  switch (event.type) {
    case "alerts/derived": {
      const known = new Map(state.open.map((alert) => [alert.key, alert]));
      const open = event.open.map((alert) => {
        const before = known.get(alert.key);
        return {
          ...alert,
          raisedAt: before?.raisedAt ?? event.at,
          acknowledged: before?.acknowledged ?? state.acknowledgedBefore.includes(alert.key),
        };
      });
      return { ...state, open };
    }
    case "alerts/acknowledged":
      return {
        ...state,
        open: state.open.map((alert) => (alert.key === event.key ? { ...alert, acknowledged: true } : alert)),
      };
    case "alerts/selected":
      return { ...state, selectedKey: event.key };
  }
}
