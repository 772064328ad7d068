import type { Unsubscribe } from "../../contract/connection.js";
import type { Cause } from "../alerts/cause.js";
import { alertCauses } from "../alerts/rules.js";
import type { AppState } from "../store.js";
import type { EffectOptions } from "./attach.js";

/** Alerts follow the state at most this often. */
const everyMs = 1000;

/** Derives the alerts when what they are about has changed, and raises those whose cause has lasted. */
export function deriveAlerts({ store, timers, clock }: EffectOptions): Unsubscribe {
  const since = new Map<string, number>();
  let cancel: (() => void) | null = null;

  function derive(): void {
    cancel = null;
    const state = store.api.getState();
    const nowMs = clock.now();
    const causes = alertCauses(state);
    const keys = new Set(causes.map(({ key }) => key));
    for (const key of since.keys()) if (!keys.has(key)) since.delete(key);
    for (const { key } of causes) if (!since.has(key)) since.set(key, nowMs);
    const held = (cause: Cause) => nowMs - (since.get(cause.key) ?? nowMs) >= (cause.holdMs ?? 0);
    const open = causes.filter(held).map(({ key, severity, text, target }) => ({ key, severity, text, target }));
    if (!isSame(open, state.alerts.open)) store.dispatch({ type: "alerts/derived", open, at: nowMs });
  }

  const unsubscribe = store.api.subscribe((state, before) => {
    if (cancel === null && concernsAlerts(state, before)) cancel = timers.after(everyMs, derive);
  });
  return () => {
    cancel?.();
    unsubscribe();
  };
}

function concernsAlerts(state: AppState, before: AppState): boolean {
  return (
    state.experiments.live !== before.experiments.live ||
    state.pods !== before.pods ||
    state.chain !== before.chain ||
    state.costs.costs !== before.costs.costs ||
    state.settings !== before.settings ||
    state.link !== before.link ||
    Math.floor(state.view.nowMs / 60_000) !== Math.floor(before.view.nowMs / 60_000)
  );
}

type Shown = Pick<Cause, "key" | "severity" | "text">;

function isSame(open: readonly Shown[], shown: readonly Shown[]): boolean {
  return (
    open.length === shown.length &&
    open.every(({ key, severity, text }, index) => {
      const other = shown[index];
      return other?.key === key && other.severity === severity && other.text === text;
    })
  );
}
