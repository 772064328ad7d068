import type { QueueView } from "../../../app/selectors/visible-experiments.js";
import type { AppState } from "../../../app/store.js";
import { spinnerGlyph } from "../../paint/look.js";
import { failureLines, keyLine, type NoticeLine } from "../../paint/notice.js";
import { count } from "../../paint/number-format.js";
import type { Look } from "../pane.js";

/** What stands there instead of rows; null when there are rows. */
export function emptyQueueLines(state: AppState, view: QueueView, look: Look): NoticeLine[] | null {
  if (view.length > 0) return null;
  const { experiments, link } = state;
  if (experiments.filter !== "" && view.total > 0) {
    return [
      ["text.strong", "No experiment matches."],
      ["text.muted", `${count(view.total)} are hidden by the filter.`],
      "",
      keyLine("/", "change the filter"),
      keyLine("Esc", "show all"),
    ];
  }
  if (experiments.failure !== null) return failureLines("The queue could not be loaded.", experiments.failure);
  if (!experiments.loaded) {
    if (link.failure !== null) return failureLines("Not attached.", link.failure);
    const where = link.label === "" ? "the lab" : link.label;
    return [
      [
        ["notice.info", spinnerGlyph(state.view.spin, look)],
        ["text.muted", ` Asking ${where} for its experiments …`],
      ],
    ];
  }
  return beginning(state);
}

function beginning({ link }: AppState): NoticeLine[] {
  const lines: NoticeLine[] = [["text.strong", "This lab has not run anything yet."], ""];
  if (link.readOnly) return [...lines, ["text.muted", "Experiments will show here as soon as somebody queues one."]];
  return [
    ...lines,
    keyLine("Enter", "launch the samples: a real MCMC chain, a Fisher forecast, an anomaly sweep", 10),
    keyLine("n", "new experiment", 10),
    keyLine(":connect", "what this screen is attached to", 10),
    "",
    ["text.muted", "Runs go on when you leave."],
  ];
}
