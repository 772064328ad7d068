import type { Connection, Unsubscribe } from "../../contract/connection.js";
import type { Batch } from "./batch.js";

/** What the lab has cost, and the rules that it warns by, whenever they have changed. */
export function watchMoney(connection: Connection, batch: Batch): Unsubscribe {
  const stops = [
    connection.costs.watch({
      next: (costs) => batch.put("costs", { type: "costs/received", costs }),
      fail: (failure) => batch.put("costs failure", { type: "costs/failed", failure }),
    }),
    connection.settings.watch({
      next: (settings) => batch.put("settings", { type: "settings/received", settings }),
      // Without them the rules are the defaults.
      fail: () => undefined,
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
