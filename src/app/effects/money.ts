import type { Connection, Unsubscribe } from "../../contract/connection.js";
import type { AppStore } from "../store.js";
import type { Batch } from "./batch.js";
import type { Timers } from "./timers.js";

/** Rules of the lab seldom change: other rooms' changes are seen after this. */
const settingsEveryMs = 5 * 60_000;

/** What the lab has cost, whenever it has changed, and the rules that it warns by. */
export function watchMoney(
  connection: Connection,
  { store, timers, batch }: { readonly store: AppStore; readonly timers: Timers; readonly batch: Batch },
): Unsubscribe {
  let isOver = false;
  const loadSettings = async () => {
    try {
      const settings = await connection.settings.get();
      if (!isOver) store.dispatch({ type: "settings/received", settings });
    } catch {
      // Without them the rules are the defaults.
    }
  };
  const stop = connection.costs.watch({
    next: (costs) => batch.put("costs", { type: "costs/received", costs }),
    fail: (failure) => batch.put("costs failure", { type: "costs/failed", failure }),
  });
  let cancel: Unsubscribe = () => undefined;
  function renew(): void {
    void loadSettings();
    cancel = timers.after(settingsEveryMs, renew);
  }
  renew();
  return () => {
    isOver = true;
    cancel();
    stop();
  };
}
