import { visibleExperiments } from "../app/selectors/visible-experiments.js";
import { visiblePods } from "../app/selectors/visible-pods.js";
import type { AppEvent, AppState } from "../app/store.js";

/** Puts the cursor of the queue on an experiment; a filter that hides it goes. */
export function toExperiment({ experiments }: AppState, id: string): readonly AppEvent[] {
  const hidden = visibleExperiments(experiments).positionOf(id) < 0;
  return [
    ...(hidden ? [{ type: "experiments/filtered", filter: "" } as const] : []),
    { type: "experiments/selected", id },
    { type: "view/focused", pane: "queue" },
  ];
}

/** Puts the cursor of the fleet on a pod; a filter that hides it goes. */
export function toPod({ pods }: AppState, id: string): readonly AppEvent[] {
  const hidden = !visiblePods(pods).rows.some(({ pod }) => pod._id === id);
  return [
    ...(hidden ? [{ type: "pods/filtered", filter: "" } as const] : []),
    { type: "pods/selected", id },
    { type: "view/focused", pane: "pods" },
  ];
}

/** To the experiment or pod with this document id; null when there is none any more. */
export function toTarget(state: AppState, id: string): readonly AppEvent[] | null {
  if (state.pods.rows.some((pod) => pod._id === id)) return toPod(state, id);
  return visibleExperiments(state.experiments).byId(id) === undefined ? null : toExperiment(state, id);
}
