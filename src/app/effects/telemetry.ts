import type { Connection, Unsubscribe } from "../../contract/connection.js";
import type { AppStore } from "../store.js";
import type { Batch } from "./batch.js";
import type { Timers } from "./timers.js";

const renewMs = 5 * 60_000;
/** Samples of each pod over the window: more columns than a sparkline has. Of a large fleet fewer, so that it stays light. */
const points = { few: 120, many: 60, manyFromPods: 100 } as const;

/** The window as it was, asked for at once, when another is chosen, and now and then (a gap closes); every newer sample as it comes. */
export function watchTelemetry(
  connection: Connection,
  { store, timers, batch }: { readonly store: AppStore; readonly timers: Timers; readonly batch: Batch },
): Unsubscribe {
  const pods = () => store.api.getState().pods;
  const load = async () => {
    const { windowMs, rows } = pods();
    try {
      const samples = await connection.telemetry.window({
        windowMs,
        points: rows.length >= points.manyFromPods ? points.many : points.few,
      });
      if (pods().windowMs === windowMs) batch.put("telemetry", { type: "telemetry/received", samples });
    } catch {
      // The pods' own list says it already when the link or the lab is the reason.
    }
  };
  const stop = connection.telemetry.watch({
    next: (samples) => batch.put("newest telemetry", { type: "telemetry/added", samples }),
    fail: () => undefined,
  });
  let cancel = timers.after(renewMs, renew);
  function renew(): void {
    void load();
    cancel();
    cancel = timers.after(renewMs, renew);
  }
  const unsubscribe = store.api.subscribe((state, before) => {
    if (state.pods.windowMs !== before.pods.windowMs) renew();
  });
  void load();
  return () => {
    cancel();
    unsubscribe();
    stop();
  };
}
