import { searchPosition } from "../../app/selectors/log-search.js";
import { visibleExperiments } from "../../app/selectors/visible-experiments.js";
import { visiblePods } from "../../app/selectors/visible-pods.js";
import { parseSince } from "../../app/since.js";
import type { PromptPurpose } from "../../app/slices/view.js";
import type { AppState } from "../../app/store.js";
import { longDuration } from "../../core/duration.js";
import { count } from "../paint/number-format.js";

/** What the text of a prompt finds, or what is wrong with it. */
export function promptNote(purpose: PromptPurpose, text: string, state: AppState): string {
  switch (purpose) {
    case "filter":
      return filterNote(state);
    case "search":
    case "only": {
      if (state.log.search === null) return "";
      const { hits, complete } = searchPosition(state.log);
      const found = `${count(hits)}${complete ? "" : "+"} ${hits === 1 ? "hit" : "hits"}`;
      return state.log.search.problem === null ? found : `${found}, ${state.log.search.problem}`;
    }
    case "since": {
      if (text === "") return "";
      const windowMs = parseSince(text, state.view.nowMs);
      return windowMs === null ? "no time: 15m, 2h or 03:10" : `${longDuration(windowMs)} ago`;
    }
  }
}

function filterNote({ view, pods, experiments }: AppState): string {
  const { length, total, problems } = view.focus === "pods" ? podsShown(pods) : visibleExperiments(experiments);
  return problems[0] ?? `${count(length)} of ${count(total)}`;
}

function podsShown(pods: AppState["pods"]) {
  const { rows, total, problems } = visiblePods(pods);
  return { length: rows.length, total, problems };
}
