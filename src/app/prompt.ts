import { unreachable } from "../core/unreachable.js";
import { searchHits, toPattern } from "./selectors/log-search.js";
import { logTextSize, scrolledTo } from "./selectors/log-window.js";
import { parseSince, sinceMoved } from "./since.js";
import type { PromptPurpose } from "./slices/view.js";
import { type AppEvent, type AppState, reduce } from "./store.js";

/** What a prompt's text does while it is typed and when it is entered; `problem` is shown beside the prompt. */
export interface PromptAnswer {
  readonly events: readonly AppEvent[];
  readonly problem: string | null;
}

/** Words in front of the text. */
export const promptLabels: Readonly<Record<PromptPurpose, string>> = {
  filter: "filter",
  search: "search",
  only: "only lines with",
  since: "since",
};

/** Filters and searches take effect with every letter; a time only when it is entered. */
export function promptTyped(purpose: PromptPurpose, text: string, state: AppState): PromptAnswer {
  switch (purpose) {
    case "filter":
      return filtered(text, state);
    case "search":
    case "only":
      return searched(purpose, text, state);
    case "since":
      return { events: [], problem: null };
    default:
      return unreachable(purpose);
  }
}

/** The text as entered. A problem keeps the prompt open. */
export function promptEntered(purpose: PromptPurpose, text: string, state: AppState): PromptAnswer {
  if (purpose !== "since") {
    const answer = promptTyped(purpose, text, state);
    return purpose === "search"
      ? { ...answer, events: [...answer.events, ...atNewestHit(answer.events, state)] }
      : answer;
  }
  const windowMs = parseSince(text, state.view.nowMs);
  if (windowMs === null) return { events: [], problem: "write 15m, 2h, 1d or 03:10" };
  return { events: [sinceMoved(state.log, state.view.nowMs, windowMs)], problem: null };
}

/** Everything as it was when the prompt was opened with `initial`. */
export function promptLeft(purpose: PromptPurpose, initial: string, state: AppState): readonly AppEvent[] {
  return promptTyped(purpose, initial, state).events;
}

function filtered(filter: string, state: AppState): PromptAnswer {
  const type = state.view.focus === "pods" ? "pods/filtered" : "experiments/filtered";
  return { events: [{ type, filter }], problem: null };
}

function searched(purpose: "search" | "only", text: string, { log }: AppState): PromptAnswer {
  if (text === "") return { events: [{ type: "log/searched", search: null }], problem: null };
  const { problem } = toPattern(text);
  const only = purpose === "only" || (log.search?.only ?? false);
  const search = { pattern: text, only, problem, hits: 0, current: -1 };
  return { events: [{ type: "log/searched", search }], problem };
}

/** Entering a search goes to the newest hit, as a person on call wants the last time it happened. */
function atNewestHit(events: readonly AppEvent[], state: AppState): readonly AppEvent[] {
  const { log, view } = events.reduce(reduce, state);
  const { indexes } = searchHits(log);
  const current = indexes.at(-1);
  if (log.search === null || current === undefined) return [];
  return [
    { type: "log/searched", search: { ...log.search, current, hits: indexes.length } },
    { type: "log/scrolled", ...scrolledTo(log, logTextSize({ log, view }), current) },
  ];
}
