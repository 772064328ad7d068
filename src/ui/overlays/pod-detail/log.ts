import { staleSince } from "../../../app/slices/link.js";
import type { PodDetailState } from "../../../app/slices/pod-detail.js";
import type { AppState } from "../../../app/store.js";
import type { PodLogLine } from "../../../contract/pod.js";
import { longDuration } from "../../../core/duration.js";
import { fit, type Piece, printable } from "../../paint/columns.js";
import { count, timeOfDay } from "../../paint/number-format.js";
import { said } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";

/** Both, or one of them. */
export const logSources = ["all", "container", "system"] as const;
export type LogSource = (typeof logSources)[number];

/** The pod's own log: what its container prints and what the provider says of it. */
export function logLines(detail: PodDetailState, source: LogSource): readonly TabLine[] {
  const lines = source === "all" ? detail.lines : detail.lines.filter((line) => line.source === source);
  const gone: readonly TabLine[] =
    detail.dropped === 0 ? [] : [[["level.warn", `${count(detail.dropped)} older lines are not held here`]]];
  if (lines.length > 0) return [...gone, ...lines.map(logLine)];
  if (!detail.logOpen) return [said(detail.logFailure === null ? "Opening its log …" : detail.logFailure.message)];
  return [said(source === "all" ? "It has printed nothing yet." : `Nothing from the ${source}.`)];
}

function logLine({ at, source, line }: PodLogLine): TabLine {
  const isSystem = source === "system";
  const time: Piece = ["log.time", at === null ? " ".repeat(9) : `${timeOfDay(at, 8)} `];
  return [
    time,
    [isSystem ? "text.accent" : "text.muted", fit(isSystem ? "system" : "", 7)],
    ["text.primary", printable(line)],
  ];
}

/** Which part of it is shown, and whether it is live: over a lost link, and while its stream is cut, it says so. */
export function logState(
  { podDetail, link, view }: Pick<AppState, "podDetail" | "link" | "view">,
  source: LogSource,
): TabLine {
  const since = staleSince(link);
  const shown: Piece = ["text.accent", `${source}  `];
  if (since !== null) return [shown, ["link.lost", `link lost, ${longDuration(view.nowMs - since)} old  `]];
  if (podDetail.logFailure !== null) {
    return [shown, ["link.connecting", `reconnecting: ${printable(podDetail.logFailure.message)}  `]];
  }
  return [shown];
}

/** No line can come now. */
export function isLogCut({ podDetail, link }: Pick<AppState, "podDetail" | "link">): boolean {
  return podDetail.logFailure !== null || staleSince(link) !== null;
}
