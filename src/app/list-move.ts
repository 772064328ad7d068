import { costsTop } from "./selectors/cost-rows.js";
import { logTextSize, scrolledBy } from "./selectors/log-window.js";
import { visibleExperiments } from "./selectors/visible-experiments.js";
import { visiblePods } from "./selectors/visible-pods.js";
import { paneBody } from "./slices/view.js";
import type { AppEvent, AppState } from "./store.js";

/** Where a list command goes: rows down (up if negative), pages of the pane, or one of the ends. */
export type ListMove =
  | { readonly by: "rows" | "pages"; readonly count: number }
  | { readonly by: "end"; readonly end: "first" | "last" };

/** What moves the focused pane that way; null when there is nothing to move. The chain pane follows the queue. */
export function listMoved(state: AppState, move: ListMove): AppEvent | null {
  if (state.view.focus === "log") return logMoved(state, move);
  if (state.view.focus === "costs") return costsMoved(state, move);
  if (state.view.focus === "pods") {
    const { rows, positionOf } = visiblePods(state.pods);
    const from = positionOf(state.pods.selectedId);
    const to = target(move, { from, length: rows.length, page: pageOf(state, "pods") });
    return rows.length === 0 ? null : { type: "pods/selected", id: rows[to]?.pod._id ?? null };
  }
  const view = visibleExperiments(state.experiments);
  const from = view.positionOf(state.experiments.selectedId);
  const to = target(move, { from, length: view.length, page: pageOf(state, "queue") });
  return view.length === 0 ? null : { type: "experiments/selected", id: view.at(to)?._id ?? null };
}

/** Costs have no cursor: the table scrolls. */
function costsMoved(state: AppState, move: ListMove): AppEvent {
  const body = paneBody(state.view, "costs");
  const last = costsTop({ ...state.costs, top: Number.MAX_SAFE_INTEGER }, body);
  const top = costsTop(state.costs, body);
  if (move.by === "end") return { type: "costs/scrolled", top: move.end === "first" ? 0 : last };
  const rows = move.by === "rows" ? move.count : move.count * Math.max(1, body.height - 1);
  return { type: "costs/scrolled", top: Math.max(0, Math.min(last, top + rows)) };
}

/** A page keeps a row in common with the one before. */
const pageOf = (state: AppState, pane: "queue" | "pods") => Math.max(1, paneBody(state.view, pane).height - 1);

function target(
  move: ListMove,
  list: { readonly from: number; readonly length: number; readonly page: number },
): number {
  if (move.by === "end") return move.end === "first" ? 0 : list.length - 1;
  if (list.from < 0) return move.count > 0 ? 0 : list.length - 1;
  const rows = move.by === "rows" ? move.count : move.count * list.page;
  return Math.min(list.length - 1, Math.max(0, list.from + rows));
}

function logMoved(state: AppState, move: ListMove): AppEvent | null {
  if (state.log.experimentId === null) return null;
  if (move.by === "end") {
    return move.end === "last"
      ? { type: "log/followed", following: true }
      : { type: "log/scrolled", topIndex: state.log.buffer.firstIndex };
  }
  if (state.log.following && move.count > 0) return null;
  const size = logTextSize(state);
  const rows = move.by === "rows" ? move.count : move.count * Math.max(1, size.height - 1);
  const top = scrolledBy(state.log, size, rows);
  return top === null ? { type: "log/followed", following: true } : { type: "log/scrolled", ...top };
}
