import type { HeldLine } from "../../app/log-buffer.js";
import { linesBefore } from "../../app/log-export.js";
import { searchPattern, searchPosition } from "../../app/selectors/log-search.js";
import { type LogRow, type LogWindow, logWindow } from "../../app/selectors/log-window.js";
import { visibleExperiments } from "../../app/selectors/visible-experiments.js";
import type { LogState } from "../../app/slices/log.js";
import type { AppState } from "../../app/store.js";
import type { Experiment } from "../../contract/experiment.js";
import type { LogLevel } from "../../contract/log-entry.js";
import { longDuration } from "../../core/duration.js";
import type { Tone } from "../../theme/tones.js";
import { type Piece, printable, row, take } from "../paint/columns.js";
import { glyph, spinnerGlyph } from "../paint/look.js";
import { failureLines, keyLine, type NoticeLine, noticeRows } from "../paint/notice.js";
import { count, timeOfDay } from "../paint/number-format.js";
import { paneFrame } from "../paint/pane-frame.js";
import type { Look, Pane } from "./pane.js";

const levelTones: Readonly<Record<LogLevel, Tone>> = {
  debug: "level.debug",
  info: "level.info",
  warn: "level.warn",
  error: "level.error",
};
/** Says the level without colour, in the first column. Most lines are `info`: they have none. */
const levelMarks: Readonly<Record<LogLevel, string>> = { debug: "D", info: " ", warn: "W", error: "E" };
const markColumns = 2;

/** The live tail of the selected experiment. */
export const logPane: Pane = {
  id: "log",
  title: "Log",
  minimum: { width: 30, height: 4 },
  rows(state, size, look) {
    const { log } = state;
    const inner = { width: Math.max(1, size.width - 2), height: Math.max(1, size.height - 2) };
    const held = log.buffer.endIndex - log.buffer.firstIndex;
    const seen = logWindow(log, { width: logTextWidth(log, inner.width), height: inner.height });
    const experiment =
      log.experimentId === null ? undefined : visibleExperiments(state.experiments).byId(log.experimentId);
    const text = {
      id: "log",
      subject: subjectOf(experiment),
      right: rightOf(log, seen, experiment),
      foot: footOf(log, seen),
      failure: held > 0 ? log.failure : null,
    } as const;
    return paneFrame({ state, size, look }, text, (bodyLook, body) => {
      if (!hasLine(seen, log)) return noticeRows(stateLines(state, experiment, held, look), body, look);
      const pattern = searchPattern(log.search);
      const hours = timeWidth(log, body.width);
      return seen.rows.map((line) => logRow(line, { log, pattern, hours, width: body.width, look: bodyLook }));
    });
  },
};

/** False when there is nothing to read: no row at all, or only marks because everything else is hidden. */
function hasLine({ rows, shown }: LogWindow, { buffer }: LogState): boolean {
  const hidden = shown < buffer.endIndex - buffer.firstIndex;
  return hidden ? shown > rows.length || rows.some(({ line }) => line.kind === "line") : rows.length > 0;
}

/** Columns of the time: `09:40:12 `, `09:40 ` or none, by the width inside the border. */
function timeWidth({ showTime }: LogState, width: number): 0 | 6 | 9 {
  if (!showTime || width < 44) return 0;
  return width < 72 ? 6 : 9;
}

/** Columns the text of a line has, beside its time and its level. */
export function logTextWidth(log: LogState, innerWidth: number): number {
  return Math.max(1, innerWidth - timeWidth(log, innerWidth) - markColumns);
}

interface RowContext {
  readonly log: LogState;
  readonly pattern: RegExp | null;
  readonly hours: 0 | 6 | 9;
  readonly width: number;
  readonly look: Look;
}

/** Rows as they were painted; the window keeps its rows as long as the log has not changed. */
const painted = new WeakMap<LogRow, { readonly look: Look; readonly key: string; readonly text: string }>();

function logRow(shown: LogRow, context: RowContext): string {
  const { log, hours, width, look } = context;
  const key = `${width} ${hours} ${log.search?.pattern ?? ""} ${log.search?.current === shown.index ? 1 : 0}`;
  const known = painted.get(shown);
  if (known?.key === key && known.look === look) return known.text;
  const text = paintedRow(shown, context);
  painted.set(shown, { look, key, text });
  return text;
}

function paintedRow(shown: LogRow, context: RowContext): string {
  const { line, text, part, index } = shown;
  const { log, pattern, hours, width, look } = context;
  if (line.kind !== "line") return markRow(line, width, look);
  const isCurrent = log.search !== null && log.search.current === index;
  const tone = levelTones[line.level];
  const mark: Piece = isCurrent
    ? ["match.current", glyph("cursor", look)]
    : [tone, part > 0 ? " " : levelMarks[line.level]];
  const time = part > 0 ? " ".repeat(hours) : `${timeOfDay(line.at, hours === 6 ? 5 : 8)} `;
  const clean = printable(text);
  const room = width - hours - markColumns;
  const isWhole = take(clean, room) === clean;
  return row(look.paint, width, [
    mark,
    ["text.primary", " "],
    ["log.time", hours > 0 ? time : ""],
    ...highlighted(isWhole ? clean : take(clean, room - 1), pattern, tone, isCurrent ? "match.current" : "match"),
    ["text.muted", isWhole ? "" : glyph("ellipsis", look)],
  ]);
}

/** What is no line: some are missing, or the run was started again. */
function markRow(line: Exclude<HeldLine, { kind: "line" }>, width: number, look: Look): string {
  if (line.kind === "restart") return ruleRow("text.accent", `attempt ${line.attempt}`, width, look);
  return ruleRow("level.warn", `${lineCount(line.toSeq - line.fromSeq + 1)} missing`, width, look);
}

function highlighted(text: string, pattern: RegExp | null, tone: Tone, match: Tone): Piece[] {
  if (pattern === null) return [[tone, text]];
  const pieces: Piece[] = [];
  let at = 0;
  for (const { 0: hit, index } of text.matchAll(pattern)) {
    if (hit === "") continue;
    if (index > at) pieces.push([tone, text.slice(at, index)]);
    pieces.push([match, hit]);
    at = index + hit.length;
  }
  if (at < text.length) pieces.push([tone, text.slice(at)]);
  return pieces;
}

/** `┈┈┈ 1,204 lines missing ┈┈┈` across the row. */
function ruleRow(tone: Tone, words: string, width: number, look: Look): string {
  const dash = glyph("gap", look);
  const label = ` ${words} `;
  const before = Math.max(1, Math.floor((width - label.length) / 2));
  const after = Math.max(0, width - before - label.length);
  return row(look.paint, width, [
    [tone, dash.repeat(before)],
    [tone, label],
    [tone, dash.repeat(after)],
  ]);
}

function subjectOf(experiment: Experiment | undefined): Piece[] {
  if (experiment === undefined) return [];
  return [
    ["text.strong", experiment.experimentId],
    ["text.muted", `  ${printable(experiment.title)}`],
  ];
}

/** The state of the view, the most important last: what is held, dropped, hidden, searched, followed. */
function rightOf(log: LogState, { shown }: LogWindow, experiment: Experiment | undefined): Piece[] {
  const { buffer, search, following, level, wrap } = log;
  if (log.experimentId === null) return [];
  const held = buffer.endIndex - buffer.firstIndex;
  // Those before were not asked for yet: scrolling up does.
  const last = linesBefore(buffer) > buffer.droppedLines ? "last " : "";
  const pieces: Piece[] = [
    ["text.muted", shown === held ? `${last}${lineCount(held)}` : `${count(shown)} of ${last}${lineCount(held)}`],
  ];
  if (buffer.droppedLines > 0) pieces.push(["level.warn", `${count(buffer.droppedLines)} dropped`]);
  if (wrap) pieces.push(["text.muted", "wrap"]);
  if (level !== "debug") pieces.push(["text.accent", level === "error" ? "error" : `${level}+`]);
  if (search !== null && search.pattern !== "") pieces.push(...searchPieces(log));
  pieces.push(followPiece(following, experiment));
  return pieces;
}

/** Nothing more comes of a run that has ended. */
function followPiece(following: boolean, experiment: Experiment | undefined): Piece {
  if (!following) return ["link.connecting", "paused"];
  const { status } = experiment ?? {};
  return status === "pass" || status === "fail" ? ["text.muted", "ended"] : ["link.live", "following"];
}

const lineCount = (lines: number) => `${count(lines)} ${lines === 1 ? "line" : "lines"}`;

function searchPieces(log: LogState): Piece[] {
  const { search } = log;
  if (search === null) return [];
  const { current, hits, complete } = searchPosition(log);
  const mark = search.only ? "&" : "/";
  const found =
    hits === 0
      ? complete
        ? "no match"
        : "searching"
      : current === 0
        ? `${count(hits)} hits`
        : `${count(current)} of ${count(hits)}`;
  const pieces: Piece[] = [
    ["text.accent", `${mark}${take(printable(search.pattern), 24)}  ${found}${complete || hits === 0 ? "" : "+"}`],
  ];
  if (search.problem !== null) pieces.unshift(["notice.bad", search.problem]);
  return pieces;
}

/** Where the window stands while paused, and how much there is below it. */
function footOf(log: LogState, { rows, shown, above, below }: LogWindow): Piece[] {
  if (log.following || rows.length === 0) return [];
  const pieces: Piece[] = [];
  if (log.sinceMs !== null) pieces.push(["text.accent", `last ${longDuration(log.sinceMs)}`]);
  pieces.push(["text.muted", `line ${count(above + 1)} of ${count(shown)}`]);
  if (below > 0) pieces.push(["text.accent", `${count(below)} below`], ["text.muted", "f follows"]);
  return pieces;
}

function stateLines(state: AppState, experiment: Experiment | undefined, held: number, look: Look): NoticeLine[] {
  const { log, link } = state;
  if (log.experimentId === null) {
    return [
      ["text.strong", "No run is selected."],
      ["text.muted", "Its output shows here, line by line, as it is printed."],
    ];
  }
  if (held > 0) {
    return [
      ["text.strong", "No line matches."],
      ["text.muted", `${lineCount(held)} ${held === 1 ? "is" : "are"} held and hidden.`],
      "",
      keyLine("l", "change the level"),
      keyLine("Esc", "end the search"),
    ];
  }
  if (log.failure !== null) return failureLines("The log could not be read.", log.failure);
  if (!log.loaded) {
    const what = link.link.state === "live" ? " Reading the log …" : " The log comes when the link does.";
    return [
      [
        ["notice.info", spinnerGlyph(state.view.spin, look)],
        ["text.muted", what],
      ],
    ];
  }
  return silent(experiment);
}

/** Why there is no output, by the state of the run. */
function silent(experiment: Experiment | undefined): NoticeLine[] {
  switch (experiment?.status) {
    case "queued":
    case "blocked":
      return [
        ["text.strong", experiment.status === "queued" ? "Not started yet." : "Blocked."],
        ["text.muted", experiment.statusReason ?? "It starts when there is room for it."],
        ...(experiment.status === "blocked" ? ["" as const, keyLine("u", "unblock it")] : []),
      ];
    case "running":
      return [
        ["text.strong", "Running, nothing printed yet."],
        ["text.muted", "Programs that buffer their output print in bursts; Python's -u turns that off."],
      ];
    default:
      return [
        ["text.strong", "This run printed nothing."],
        ["text.muted", experiment?.result ?? ""],
      ];
  }
}
