import type { Unsubscribe } from "../../contract/connection.js";
import { visibleExperiments } from "../selectors/visible-experiments.js";
import { visiblePods } from "../selectors/visible-pods.js";
import type { AppState, AppStore } from "../store.js";

/**
 * Keeps the cursor of both lists on a row: on the first one at the start, and on the neighbour when its row is filtered out
 * or deleted.
 */
export function keepSelection(store: AppStore): Unsubscribe {
  keepRow(store);
  keepPod(store);
  return store.api.subscribe((state, before) => {
    if (state.experiments !== before.experiments) keepRow(store, before);
    if (state.pods !== before.pods) keepPod(store, before);
  });
}

function keepRow({ api, dispatch }: AppStore, before?: AppState): void {
  const { experiments } = api.getState();
  const view = visibleExperiments(experiments);
  const { selectedId } = experiments;
  // The last one has been deleted: its log and numbers go with it.
  if (experiments.loaded && view.total === 0 && selectedId !== null) {
    dispatch({ type: "experiments/selected", id: null });
    return;
  }
  if (view.length === 0 || view.positionOf(selectedId) >= 0) return;
  // Nothing has come yet: what was selected when the room was last left may still come.
  if (!experiments.loaded && selectedId !== null) return;
  const position = before === undefined ? 0 : visibleExperiments(before.experiments).positionOf(selectedId);
  const row = view.at(Math.min(Math.max(0, position), view.length - 1));
  dispatch({ type: "experiments/selected", id: row?._id ?? null });
}

function keepPod({ api, dispatch }: AppStore, before?: AppState): void {
  const { pods } = api.getState();
  const { rows, positionOf } = visiblePods(pods);
  if (rows.length === 0 || positionOf(pods.selectedId) >= 0) return;
  const position = before === undefined ? 0 : visiblePods(before.pods).positionOf(pods.selectedId);
  const row = rows[Math.min(Math.max(0, position), rows.length - 1)];
  dispatch({ type: "pods/selected", id: row?.pod._id ?? null });
}
