import { visibleExperiments } from "./selectors/visible-experiments.js";
import { visiblePods } from "./selectors/visible-pods.js";
import { type ListPane, paneBody } from "./slices/view.js";
import type { AppState } from "./store.js";

interface ListWindow {
  /** First row that was shown before. */
  readonly top: number;
  /** Row of the cursor; negative when it is on none. */
  readonly cursor: number;
  readonly length: number;
  readonly height: number;
}

/**
 * First row to show: the one of before as long as the cursor is in sight with a row beyond it, else as little further as that
 * takes. Never leaves the end of the window empty while there are rows above.
 */
export function topInView({ top, cursor, length, height }: ListWindow): number {
  const margin = height >= 5 ? 1 : 0;
  const at = Math.max(0, cursor);
  const near = Math.max(at + margin - height + 1, Math.min(top, at - margin));
  return Math.max(0, Math.min(near, length - height));
}

/** First row shown of a list that has `height` rows on the screen. */
export function listTop(state: AppState, pane: ListPane, height = paneBody(state.view, pane).height): number {
  const top = state.view.tops[pane];
  if (pane === "queue") {
    const view = visibleExperiments(state.experiments);
    return topInView({ top, cursor: view.positionOf(state.experiments.selectedId), length: view.length, height });
  }
  const view = visiblePods(state.pods);
  return topInView({ top, cursor: view.positionOf(state.pods.selectedId), length: view.rows.length, height });
}
