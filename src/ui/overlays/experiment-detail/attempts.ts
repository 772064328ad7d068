import type { Part } from "../../../app/slices/experiment-detail.js";
import type { Attempt } from "../../../contract/experiment.js";
import type { Pod } from "../../../contract/pod.js";
import { longDuration } from "../../../core/duration.js";
import { fit, type Piece, printable } from "../../paint/columns.js";
import { dateTime } from "../../paint/date-time.js";
import { glyph } from "../../paint/look.js";
import { significant } from "../../paint/number-format.js";
import { experimentLook } from "../../paint/status.js";
import type { Look } from "../../panes/pane.js";
import { said } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";
import { partLines, wrapped } from "./part-lines.js";

const indent = 4;
const most = { metrics: 6 } as const;

interface Context {
  readonly width: number;
  readonly look: Look;
  readonly nowMs: number;
  readonly podRows: readonly Pod[];
}

/** Every start, newest first: how it ended, when, for how long, where, and why. */
export function attemptLines(part: Part<readonly Attempt[]>, context: Context): readonly TabLine[] {
  return partLines(part, { width: context.width, loading: "Asking for its attempts …" }, (rows) =>
    rows.length === 0
      ? [said("It was not started yet.")]
      : rows.flatMap((row, index) => [...(index === 0 ? [] : [[]]), ...oneAttempt(row, context)]),
  );
}

function oneAttempt(row: Attempt, context: Context): readonly TabLine[] {
  const { width, look } = context;
  const { tone, glyph: mark, word } = experimentLook[row.status];
  const score = row.qc?.score ?? null;
  const head: Piece[] = [
    ["text.strong", fit(`#${row.attempt}`, indent)],
    [tone, fit(`${glyph(mark, look)} ${row.status === "queued" ? "given back" : word}`, 13)],
    ["log.time", fit(dateTime(row.startedAt), 21)],
    ["text.primary", ranText(row, context.nowMs)],
    ["text.muted", row.exitCode === null ? "" : `  exit ${row.exitCode}`],
    ["text.muted", score === null ? "" : `  score ${Math.round(score)}`],
  ];
  return [
    head,
    ...wrapped(
      [placeText(row, context.podRows), resumeText(row)].filter(Boolean).join(", "),
      width,
      "text.muted",
      indent,
    ),
    ...(row.result === null ? [] : wrapped(row.result, width, "text.primary", indent)),
    ...metricLine(row),
    ...(row.logRemovedAt === null
      ? []
      : wrapped(`its log was removed ${dateTime(row.logRemovedAt)}`, width, "level.warn", indent)),
  ];
}

function ranText({ status, startedAt, actualSeconds }: Attempt, nowMs: number): string {
  if (status === "running" && startedAt !== null) return `runs for ${longDuration(Math.max(0, nowMs - startedAt))}`;
  return actualSeconds === null ? "–" : `ran ${longDuration(actualSeconds * 1000)}`;
}

const placeText = ({ podId }: Attempt, podRows: readonly Pod[]) =>
  podId === null ? "" : `on ${podRows.find(({ _id }) => _id === podId)?.name ?? podId}`;

const resumeText = ({ resumedFrom }: Attempt) => (resumedFrom === null ? "" : `went on from ${resumedFrom}`);

function metricLine({ metrics }: Attempt): readonly TabLine[] {
  const entries = Object.entries(metrics).sort(([a], [b]) => a.localeCompare(b));
  if (entries.length === 0) return [];
  const shown = entries.slice(0, most.metrics).map(([name, value]) => `${printable(name)} ${significant(value)}`);
  const rest = entries.length - shown.length;
  return [[["text.accent", `${" ".repeat(indent)}${shown.join("  ")}${rest > 0 ? `  and ${rest} more` : ""}`]]];
}
