import { displayLine } from "../../chain/terminal-line.js";
import { logLevels } from "../../contract/vocabulary.js";
import { longDuration } from "../../core/duration.js";
import { type Command, type CommandContext, defineCommand } from "../command.js";
import { type LogExport, logText } from "../log-export.js";
import { lowerBound, searchHits } from "../selectors/log-search.js";
import { logTextSize, logWindow, scrolledTo } from "../selectors/log-window.js";
import { selectedExperiment, visibleExperiments } from "../selectors/visible-experiments.js";
import { sinceMoved, sinceWindowsMs } from "../since.js";
import type { AppEvent, AppState } from "../store.js";

const noLog = ({ log }: AppState) => (log.experimentId === null ? "no log is open" : null);
const empty = (state: AppState) =>
  noLog(state) ?? (state.log.buffer.endIndex === state.log.buffer.firstIndex ? "nothing was printed yet" : null);

/** The first row of the window, which is where a log that stops following stays. */
function anchored(state: AppState): AppEvent {
  const top = logWindow(state.log, logTextSize(state)).rows[0];
  return top === undefined
    ? { type: "log/followed", following: false }
    : { type: "log/scrolled", topIndex: top.index, topPart: top.part };
}

const follow = defineCommand({
  id: "log.follow",
  title: "Follow or pause",
  about: "Follows the end of the log, or holds the lines that are on the screen; lines go on being kept.",
  keys: ["f"],
  scope: "log",
  footer: { order: 10, label: "follow" },
  disabledReason: noLog,
  run: ({ state, dispatch }) =>
    dispatch(state.log.following ? anchored(state) : { type: "log/followed", following: true }),
});

/** Line from which the next hit, error … is counted: the current hit while it is on the screen, else the top line. */
function cursorIndex(state: AppState, direction: 1 | -1): number {
  const { log } = state;
  const { rows } = logWindow(log, logTextSize(state));
  const [top, bottom] = [rows[0]?.index ?? log.buffer.firstIndex, rows.at(-1)?.index ?? log.buffer.endIndex];
  const current = log.search?.current ?? -1;
  if (current >= top && current <= bottom) return current;
  return direction === 1 && !log.following ? top - 1 : bottom + 1;
}

function searchStep(direction: 1 | -1): Command {
  const isNext = direction === 1;
  return defineCommand({
    id: isNext ? "log.nextHit" : "log.previousHit",
    title: isNext ? "Next hit" : "Previous hit",
    about: `Goes to the ${isNext ? "next" : "previous"} line that matches; at the end it goes on from the other end.`,
    keys: [isNext ? "n" : "N"],
    scope: "log",
    ...(isNext ? { footer: { order: 21, label: "next hit" } } : {}),
    disabledReason: (state) => noLog(state) ?? (state.log.search === null ? "search with / first" : null),
    run({ state, dispatch, nowMs }) {
      const { search } = state.log;
      const { indexes } = searchHits(state.log);
      if (search === null) return;
      if (indexes.length === 0) {
        dispatch({ type: "notice/shown", tone: "info", text: `no line matches ${search.pattern}`, at: nowMs });
        return;
      }
      const from = cursorIndex(state, direction);
      const at = isNext ? lowerBound(indexes, from + 1) : lowerBound(indexes, from) - 1;
      const current = indexes[(at + indexes.length) % indexes.length] ?? from;
      dispatch({ type: "log/searched", search: { ...search, current, hits: indexes.length } });
      dispatch({ type: "log/scrolled", ...scrolledTo(state.log, logTextSize(state), current) });
    },
  });
}

const only = defineCommand({
  id: "log.only",
  title: "Only matching lines",
  about: "Shows only the lines that match; once more, or Esc, shows all again with the hits marked.",
  keys: ["&"],
  scope: "log",
  footer: { order: 22, label: "only" },
  disabledReason: noLog,
  run({ state: { log }, dispatch }) {
    if (log.search === null) {
      dispatch({ type: "view/overlayOpened", overlay: { kind: "prompt", purpose: "only", initial: "" } });
    } else {
      dispatch({ type: "log/searched", search: { ...log.search, only: !log.search.only } });
    }
  },
});

const level = defineCommand({
  id: "log.level",
  title: "Level",
  about: `Hides lines below the next level: ${logLevels.join(", ")}, and round again.`,
  keys: ["l"],
  scope: "log",
  footer: { order: 30, label: "level" },
  run({ state, dispatch }) {
    const next = logLevels[(logLevels.indexOf(state.log.level) + 1) % logLevels.length] ?? "debug";
    dispatch({ type: "log/levelSet", level: next });
  },
});

function errorStep(direction: 1 | -1): Command {
  const isNext = direction === 1;
  const word = isNext ? "next" : "previous";
  return defineCommand({
    id: isNext ? "log.nextError" : "log.previousError",
    title: isNext ? "Next error" : "Previous error",
    about: `Goes to the ${word} line of level error.`,
    keys: [isNext ? "e" : "E"],
    scope: "log",
    ...(isNext ? { footer: { order: 40, label: "error" } } : {}),
    disabledReason: empty,
    run({ state, dispatch, nowMs }) {
      const { log } = state;
      const size = logTextSize(state);
      const { rows } = logWindow(log, size);
      const from = isNext ? (rows[0]?.index ?? log.buffer.firstIndex) + 1 : (rows[0]?.index ?? log.buffer.endIndex) - 1;
      // From the end there is no next one: a log that follows starts at its newest error, whichever key it was.
      const found = log.following
        ? log.buffer.nextOfLevel(log.buffer.endIndex - 1, -1, "error")
        : log.buffer.nextOfLevel(from, direction, "error");
      if (found === undefined)
        dispatch({ type: "notice/shown", tone: "info", text: `no ${word} error in what is held`, at: nowMs });
      else dispatch({ type: "log/scrolled", topIndex: found });
    },
  });
}

const wrap = defineCommand({
  id: "log.wrap",
  title: "Wrap",
  about: "Breaks long lines at the edge, or cuts them.",
  keys: ["w"],
  scope: "log",
  footer: { order: 50, label: "wrap" },
  run: ({ dispatch }) => dispatch({ type: "log/wrapToggled" }),
});

const time = defineCommand({
  id: "log.time",
  title: "Time",
  about: "Shows when each line came, or not.",
  keys: ["t"],
  scope: "log",
  footer: { order: 51, label: "time" },
  run: ({ dispatch }) => dispatch({ type: "log/timeToggled" }),
});

const shiftColumns = 16;

const shift = (direction: 1 | -1) =>
  defineCommand({
    id: direction === 1 ? "log.right" : "log.left",
    title: direction === 1 ? "Scroll right" : "Scroll left",
    about: `Moves lines that are cut ${shiftColumns} columns to the ${direction === 1 ? "left" : "right"}.`,
    keys: [direction === 1 ? "right" : "left"],
    scope: "log",
    disabledReason({ log }) {
      if (log.wrap) return "lines are wrapped";
      return direction === -1 && log.columnOffset === 0 ? "at the first column" : null;
    },
    run: ({ state, dispatch }) =>
      dispatch({ type: "log/shifted", columnOffset: state.log.columnOffset + direction * shiftColumns }),
  });

const sinceWords = sinceWindowsMs.map((ms) => longDuration(ms)).join(", ");

/** Digits move the focus everywhere, so the steps back in time have the brackets. */
const sinceStep = (direction: 1 | -1) =>
  defineCommand({
    id: direction === 1 ? "log.sinceLonger" : "log.sinceShorter",
    title: direction === 1 ? "Further back" : "Less far back",
    about: `Puts the window at the lines of the ${direction === 1 ? "next longer" : "next shorter"} time: ${sinceWords}.`,
    keys: [direction === 1 ? "[" : "]"],
    scope: "log",
    ...(direction === 1 ? { footer: { order: 60, label: "since" } } : {}),
    disabledReason: empty,
    run({ state, dispatch, nowMs }) {
      const longer = sinceWindowsMs.find((ms) => ms > (state.log.sinceMs ?? 0));
      const shorter = sinceWindowsMs.findLast((ms) => ms < (state.log.sinceMs ?? 0));
      const window = direction === 1 ? (longer ?? Infinity) : shorter;
      dispatch(window === undefined ? { type: "log/followed", following: true } : sinceMoved(state.log, nowMs, window));
    },
  });

const sincePrompt = defineCommand({
  id: "log.since",
  title: "Since …",
  about: "Puts the window at a time: `15m`, `2h` ago, or `03:10`.",
  keys: ["T"],
  scope: "log",
  disabledReason: empty,
  run: ({ dispatch }) =>
    dispatch({ type: "view/overlayOpened", overlay: { kind: "prompt", purpose: "since", initial: "" } }),
});

function copyText({ dispatch, host, nowMs }: CommandContext, text: string, what: string): void {
  const copied = host.copy(text);
  const notice = copied ? `copied ${what}` : "too long for the terminal's clipboard: S saves the log to a file";
  dispatch({ type: "notice/shown", tone: copied ? "info" : "bad", text: notice, at: nowMs });
}

/** The line a person means by "this line": the current hit, else the newest while following, else the top one. */
function meantLine(state: AppState): string | null {
  const { log } = state;
  const { rows } = logWindow(log, logTextSize(state));
  const hit = rows.find((row) => row.index === log.search?.current);
  const row = hit ?? (log.following ? rows.at(-1) : rows[0]);
  const line = row === undefined ? undefined : log.buffer.line(row.index);
  return line?.kind === "line" ? displayLine(line.text) : null;
}

const copyLine = defineCommand({
  id: "log.copyLine",
  title: "Copy the line",
  about:
    "Copies the current hit, else the newest line while following, else the top line, to the clipboard of your terminal.",
  keys: ["y"],
  scope: "log",
  disabledReason: empty,
  run(context) {
    const text = meantLine(context.state);
    if (text !== null) copyText(context, text, "the line");
  },
});

const copyWindow = defineCommand({
  id: "log.copyWindow",
  title: "Copy what is on the screen",
  about: "Copies every line of the window, whole, to the clipboard of your terminal.",
  keys: ["Y"],
  scope: "log",
  disabledReason: empty,
  run(context) {
    const { log } = context.state;
    const indexes = new Set(logWindow(log, logTextSize(context.state)).rows.map((row) => row.index));
    const lines = [...indexes].flatMap((index) => {
      const line = log.buffer.line(index);
      return line?.kind === "line" ? displayLine(line.text) : [];
    });
    copyText(context, lines.join("\n"), `${lines.length} lines`);
  },
});

const save = defineCommand({
  id: "log.save",
  title: "Save",
  about: "Writes every line that is held to a file, with its time and level; says what is missing in it.",
  keys: ["S"],
  scope: "log",
  footer: { order: 70, label: "save" },
  disabledReason: empty,
  async run({ state, dispatch, host, nowMs }) {
    const { experiments, log } = state;
    const row =
      (log.experimentId === null ? undefined : visibleExperiments(experiments).byId(log.experimentId)) ??
      selectedExperiment(experiments);
    const name = row?.experimentId ?? "experiment";
    const saved: LogExport = logText(log.buffer);
    const path = await host.saveFile(`${name}.log`, saved.text);
    const left = saved.earlier === 0 ? "" : ` without ${saved.earlier} earlier ones, which scrolling up loads`;
    dispatch({
      type: "notice/shown",
      tone: "good",
      text: `${saved.lines} lines of ${name} saved to ${path}${left}`,
      at: nowMs,
    });
  },
});

export const logCommands = [
  follow,
  searchStep(1),
  searchStep(-1),
  only,
  level,
  errorStep(1),
  errorStep(-1),
  wrap,
  time,
  sinceStep(1),
  sinceStep(-1),
  sincePrompt,
  shift(1),
  shift(-1),
  copyLine,
  copyWindow,
  save,
];
