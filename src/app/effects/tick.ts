import type { Unsubscribe } from "../../contract/connection.js";
import { staleSince } from "../slices/link.js";
import type { AppState } from "../store.js";
import type { EffectOptions } from "./attach.js";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
/** Frames of a spinner. */
const spinMs = 120;

/** True while something on the screen counts in seconds: how stale it is, or the age of a row younger than a minute. */
export function showsSeconds({ link, experiments, actions }: AppState, nowMs: number): boolean {
  if (staleSince(link) !== null || link.link.state === "connecting" || actions.pending.length > 0) return true;
  return experiments.live.some((row) => {
    if (row.status === "running") return nowMs - (row.startedAt ?? row.createdAt) < minuteMs;
    return row.endedAt === null && nowMs - row.createdAt < minuteMs;
  });
}

/** Moves the clock of the screen: at each second while that can be seen, else at each minute; nothing is drawn in between. */
export function tick({ store, timers, clock }: EffectOptions): Unsubscribe {
  let cancel: () => void = () => undefined;
  let periodMs = 0;

  function schedule(): void {
    const nowMs = clock.now();
    periodMs = showsSeconds(store.api.getState(), nowMs) ? secondMs : minuteMs;
    cancel = timers.after(periodMs - (nowMs % periodMs), beat);
  }

  function beat(): void {
    store.dispatch({ type: "view/ticked", nowMs: clock.now() });
    schedule();
  }

  beat();
  const unsubscribe = store.api.subscribe((state, before) => {
    if (periodMs === secondMs) return;
    if (
      state.link === before.link &&
      state.experiments.live === before.experiments.live &&
      state.actions === before.actions
    ) {
      return;
    }
    if (!showsSeconds(state, clock.now())) return;
    cancel();
    // What has just changed is shown against the time it changed at.
    periodMs = secondMs;
    beat();
  });
  return () => {
    cancel();
    unsubscribe();
  };
}

/** Turns spinners while something is pending, and never otherwise. */
export function spin({ store, timers }: Pick<EffectOptions, "store" | "timers">): Unsubscribe {
  let cancel: (() => void) | null = null;
  const isPending = ({ actions, link }: AppState) => actions.pending.length > 0 || link.link.state === "connecting";

  function next(): void {
    cancel = null;
    if (!isPending(store.api.getState())) return;
    store.dispatch({ type: "view/spun" });
    start();
  }

  function start(): void {
    if (cancel === null && isPending(store.api.getState())) cancel = timers.after(spinMs, next);
  }

  start();
  const unsubscribe = store.api.subscribe(start);
  return () => {
    cancel?.();
    unsubscribe();
  };
}
