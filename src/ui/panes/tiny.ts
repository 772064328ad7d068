import { money } from "../../app/selectors/money.js";
import { totals } from "../../app/selectors/totals.js";
import { visibleExperiments } from "../../app/selectors/visible-experiments.js";
import type { Alert } from "../../app/slices/alerts.js";
import { staleSince } from "../../app/slices/link.js";
import type { AppState } from "../../app/store.js";
import { longDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import { type Piece, printable, row } from "../paint/columns.js";
import { glyph } from "../paint/look.js";
import { count, percent, significant } from "../paint/number-format.js";
import { experimentLook } from "../paint/status.js";
import type { Look, PaneSize } from "./pane.js";

/**
 * What is left of the room on a screen that is too small for it: the totals in the first row, then, as far as rows go, what
 * is wrong and what runs.
 */
export function tinyRows(state: AppState, { width, height }: PaneSize, look: Look): string[] {
  if (height <= 0 || width <= 0) return [];
  const lines: (readonly Piece[])[] = [totalsLine(state, look)];
  for (const alert of state.alerts.open) if (!alert.acknowledged) lines.push(alertLine(alert, look));
  const view = visibleExperiments(state.experiments);
  for (let position = 0; position < view.length && lines.length < height - 1; position++) {
    const experiment = view.at(position);
    if (experiment === undefined) continue;
    const { tone, glyph: mark, word } = experimentLook[experiment.status];
    const rMinus1 = experiment.metrics["chain.rminus1"];
    const number =
      rMinus1 !== undefined
        ? ` R-1 ${significant(rMinus1, 2)}`
        : experiment.progress === null
          ? ""
          : ` ${percent(experiment.progress * 100)}`;
    lines.push([
      [tone, `${glyph(mark, look)} ${word.padEnd(8)}`],
      ["text.strong", experiment.experimentId],
      ["text.primary", number],
      ["text.muted", ` ${printable(experiment.title)}`],
    ]);
  }
  if (lines.length < height) lines.push([["text.muted", "60×16 shows the panes"]]);
  const blank = " ".repeat(width);
  return Array.from({ length: height }, (_, index) => {
    const line = lines[index];
    return line === undefined ? blank : row(look.paint, width, line);
  });
}

/** Shortest first: on a few columns the link and what runs are still told. */
function totalsLine(state: AppState, look: Look): Piece[] {
  const { running, queued, blocked } = totals(state);
  const { burnUsdPerHour } = money(state);
  const open = state.alerts.open.filter(({ acknowledged }) => !acknowledged).length;
  const since = staleSince(state.link);
  const live = state.link.link.state === "live";
  const pieces: Piece[] = [[live ? "link.live" : "link.lost", `${glyph(live ? "running" : "stopped", look)} `]];
  if (open > 0) pieces.push(["alert.warning", `${glyph("alert", look)}${count(open)} `]);
  const tone = since === null ? "text.primary" : "stale";
  pieces.push([tone, `${count(running)} run ${count(queued)} queued`]);
  if (blocked > 0) pieces.push([since === null ? "status.blocked" : "stale", ` ${count(blocked)} blocked`]);
  if (burnUsdPerHour !== null && burnUsdPerHour > 0) pieces.push(["money", ` ${usd(burnUsdPerHour)}/h`]);
  if (since !== null) pieces.push(["link.lost", ` stale ${longDuration(state.view.nowMs - since)}`]);
  else if (!live && state.link.link.state === "connecting")
    pieces.push(["link.connecting", ` ${printable(state.link.link.detail)}`]);
  return pieces;
}

function alertLine({ severity, text }: Alert, look: Look): Piece[] {
  return [[`alert.${severity}`, `${glyph("alert", look)} ${printable(text)}`]];
}
