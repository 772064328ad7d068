import type { Unsubscribe } from "../../contract/connection.js";
import { searchHits, shownQuery, sliceBytes } from "../selectors/log-search.js";
import type { AppState } from "../store.js";
import type { EffectOptions } from "./attach.js";

/** Time between two slices of a long search, for keys and data to come through. */
const restMs = 5;

/** Goes on with a search over a long log, a slice at a time, until it has seen everything that is held. */
export function continueSearch({ store, timers }: Pick<EffectOptions, "store" | "timers">): Unsubscribe {
  let cancel: (() => void) | null = null;

  function next(): void {
    cancel = null;
    store.dispatch({ type: "log/searchAdvanced" });
    start(store.api.getState());
  }

  function start(state: AppState): void {
    if (cancel === null && !isComplete(state)) cancel = timers.after(restMs, next);
  }

  const unsubscribe = store.api.subscribe((state, before) => {
    if (state.log !== before.log) start(state);
  });
  return () => {
    cancel?.();
    unsubscribe();
  };
}

/** Asking is what goes on: each of the two searches looks at a slice. */
function isComplete({ log }: AppState): boolean {
  if (log.search === null && log.level === "debug") return true;
  const query = shownQuery(log);
  const shown = query === null || log.buffer.search(query, sliceBytes).complete;
  return searchHits(log).complete && shown;
}
