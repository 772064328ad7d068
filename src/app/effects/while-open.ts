import type { Connection, Unsubscribe } from "../../contract/connection.js";
import type { Overlay } from "../slices/view.js";
import type { AppState, AppStore } from "../store.js";

/** Watches as long as `isWanted` holds. */
function whileWanted({ api }: AppStore, isWanted: (state: AppState) => boolean, watch: () => Unsubscribe): Unsubscribe {
  let stop: Unsubscribe | null = null;
  function follow(): void {
    const wanted = isWanted(api.getState());
    if (wanted === (stop !== null)) return;
    if (wanted) {
      // What the watch tells at once comes back here.
      stop = () => undefined;
      stop = watch();
    } else {
      const end = stop;
      stop = null;
      end?.();
    }
  }
  const unsubscribe = api.subscribe(follow);
  follow();
  return () => {
    unsubscribe();
    stop?.();
  };
}

const isOpen = ({ view }: AppState, kinds: readonly Overlay["kind"][]) =>
  view.overlays.some(({ kind }) => kinds.includes(kind));

/** Their names are needed before anybody opens them; how they do, only while somebody looks. */
export function watchQueues({ queues }: Connection, store: AppStore): Unsubscribe {
  const isWanted = (state: AppState) => !state.queues.loaded || isOpen(state, ["queues", "newExperiment", "newBatch"]);
  return whileWanted(store, isWanted, () =>
    queues.watch({
      next: (rows) => store.dispatch({ type: "queues/received", rows }),
      fail: (failure) => store.dispatch({ type: "queues/failed", failure }),
    }),
  );
}

/** The lab's activity, while somebody looks. */
export function watchActivity({ activity }: Connection, store: AppStore): Unsubscribe {
  return whileWanted(
    store,
    (state) => isOpen(state, ["activity"]),
    () =>
      activity.watch({
        next: (rows) => store.dispatch({ type: "activity/received", rows }),
        fail: (failure) => store.dispatch({ type: "activity/failed", failure }),
      }),
  );
}
