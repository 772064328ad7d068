import { describe, expect, it } from "vitest";
import { promptEntered, promptLeft, promptTyped } from "../../src/app/prompt.js";
import { searchHits, searchPosition, toPattern } from "../../src/app/selectors/log-search.js";
import { offsetAtColumn, wrapOffsets } from "../../src/app/selectors/log-text.js";
import { logWindow, scrolledBy, scrolledTo } from "../../src/app/selectors/log-window.js";
import { parseSince } from "../../src/app/since.js";
import type { LogState } from "../../src/app/slices/log.js";
import { type AppEvent, reduce } from "../../src/app/store.js";
import type { LogLevel } from "../../src/contract/log-entry.js";
import { logLine, nowMs, stateOf } from "./fixtures.js";

const size = { width: 20, height: 5 };

function logOf(messages: readonly (string | readonly [LogLevel, string])[], ...events: AppEvent[]): LogState {
  const state = stateOf({ type: "log/opened", experimentId: "x1" });
  state.log.buffer.append(
    messages.map((message, seq) =>
      typeof message === "string" ? logLine(seq, message) : logLine(seq, message[1], { level: message[0] }),
    ),
  );
  return [{ type: "log/appended" } as const, ...events].reduce(reduce, state).log;
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}`);
const texts = (log: LogState, height = size.height) => logWindow(log, { ...size, height }).rows.map(({ text }) => text);
const at = (log: LogState, line: number): AppEvent => ({
  type: "log/scrolled",
  topIndex: log.buffer.firstIndex + line,
});
const moved = (log: LogState, event: AppEvent): LogState => reduce({ ...stateOf(), log }, event).log;

describe("log window", () => {
  it("shows the end while following, all of a short log, nothing of none", () => {
    expect(texts(logOf(numbered(50)))).toEqual(["line 45", "line 46", "line 47", "line 48", "line 49"]);
    expect(texts(logOf(numbered(2)))).toEqual(["line 0", "line 1"]);
    expect(texts(logOf([]))).toEqual([]);
  });

  it("stays where it is while lines come, and never past the last full page", () => {
    const log = logOf(numbered(50));
    const anchored = moved(log, at(log, 10));
    expect(logWindow(anchored, size)).toMatchObject({ above: 10, below: 35, shown: 50 });
    log.buffer.append([logLine(50, "line 50")]);
    expect(texts(moved(anchored, { type: "log/appended" }))[0]).toBe("line 10");
    expect(texts(moved(log, at(log, 49)))[0]).toBe("line 46");
    expect(texts(moved(log, { type: "log/scrolled", topIndex: 0 }))[0]).toBe("line 0");
  });

  it("is the same object while nothing has changed", () => {
    const log = logOf(numbered(50));
    expect(logWindow(log, size)).toBe(logWindow(log, { ...size }));
  });

  it("hides what is below the level, but never that lines are missing", () => {
    const log = logOf(
      [
        ["info", "a"],
        ["error", "b"],
        ["debug", "c"],
        ["warn", "d"],
      ],
      { type: "log/levelSet", level: "warn" },
    );
    expect(texts(log)).toEqual(["b", "d"]);
    log.buffer.gap(4, 9);
    expect(logWindow(moved(log, { type: "log/appended" }), size).rows.map(({ line }) => line.kind)).toEqual([
      "line",
      "line",
      "gap",
    ]);
  });

  it("keeps only what matches, at the level", () => {
    const search = { pattern: "1", only: true, problem: null, hits: 0, current: -1 };
    const log = logOf(numbered(30), { type: "log/searched", search });
    expect(logWindow(log, size)).toMatchObject({ shown: 12 });
    expect(texts(log)).toEqual(["line 16", "line 17", "line 18", "line 19", "line 21"]);
  });

  it("wraps long lines into rows, also at the top of the window", () => {
    const long = Array.from({ length: 7 }, (_, n) => String(n).repeat(20)).join("");
    const log = logOf(["short", long, "end"], { type: "log/wrapToggled" });
    expect(texts(log)).toEqual(["3", "4", "5", "6"].map((digit) => digit.repeat(20)).concat("end"));
    expect(logWindow(log, size).rows.map(({ part }) => part)).toEqual([3, 4, 5, 6, 0]);
    const up = scrolledBy(log, size, -2);
    expect(up).toEqual({ topIndex: log.buffer.firstIndex + 1, topPart: 1 });
    const above = moved(log, { type: "log/scrolled", ...up! });
    expect(texts(above)[0]).toBe("1".repeat(20));
    expect(scrolledBy(above, size, 1)).toEqual({ topIndex: log.buffer.firstIndex + 1, topPart: 2 });
    expect(scrolledBy(above, size, 2)).toBeNull();
    expect(scrolledBy(above, size, -10)).toEqual({ topIndex: log.buffer.firstIndex, topPart: 0 });
  });

  it("cuts at the left when shifted, counting wide characters", () => {
    const log = logOf(["0123456789", "日本語 text"], { type: "log/shifted", columnOffset: 4 });
    expect(texts(log)).toEqual(["456789", "語 text"]);
  });

  it("brings a line into view, and stays when it is there", () => {
    const log = logOf(numbered(100));
    const first = log.buffer.firstIndex;
    expect(scrolledTo(log, size, first + 50)).toEqual({ topIndex: first + 49, topPart: 0 });
    expect(scrolledTo(log, size, first + 97)).toEqual({ topIndex: first + 95, topPart: 0 });
  });

  it("shows the last state of a progress bar and no escape sequences", () => {
    expect(texts(logOf(["10%\r20%\r\u001b[31m30%\u001b[0m"]))).toEqual(["30%"]);
  });

  it("shows the beginning of a line of megabytes and says how much there is", () => {
    const [text = ""] = texts(logOf(["x".repeat(2_000_000)]));
    expect(text).toMatch(/^x{16384} … 1,983,616 more bytes$/);
  });
});

describe("wrapping", () => {
  it("breaks by columns, not by characters", () => {
    expect(wrapOffsets("abcdef", 4)).toEqual([0, 4]);
    expect(wrapOffsets("", 4)).toEqual([0]);
    expect(wrapOffsets("日本語", 4)).toEqual([0, 2]);
    expect(wrapOffsets("a日本", 2)).toEqual([0, 1, 2]);
    expect(wrapOffsets("e\u0301e\u0301e", 2)).toEqual([0, 4]);
    expect(offsetAtColumn("日本語", 2)).toBe(1);
    expect(offsetAtColumn("ab", 9)).toBe(2);
  });
});

describe("search", () => {
  it("minds the case only if the pattern has capitals", () => {
    expect(toPattern("error").pattern.test("ERROR")).toBe(true);
    expect(toPattern("Error").pattern.test("error")).toBe(false);
    expect(toPattern("\\Serror").pattern.test("xERROR")).toBe(true);
  });

  it("searches as plain text what is no regular expression, and says so", () => {
    const { pattern, problem } = toPattern("R-1 (");
    expect(pattern.test("R-1 (means)")).toBe(true);
    expect(problem).toMatch(/^searched as plain text: /);
  });

  it("counts hits as they come, and says which one it is on", () => {
    const search = { pattern: "line \\d$", only: false, problem: null, hits: 0, current: -1 };
    const log = logOf(numbered(30), { type: "log/searched", search });
    expect(searchPosition(log)).toEqual({ current: 0, hits: 10, complete: true });
    const current = searchHits(log).indexes[3] ?? -1;
    expect(searchPosition({ ...log, search: { ...search, current } })).toMatchObject({ current: 4 });
    log.buffer.append([logLine(30, "line 7")]);
    expect(searchPosition(moved(log, { type: "log/appended" }))).toMatchObject({ hits: 11 });
  });
});

describe("prompts", () => {
  const state = { ...stateOf({ type: "view/focused", pane: "log" }), log: logOf(numbered(100)) };
  const after = (events: readonly AppEvent[]) => events.reduce(reduce, state);

  it("search with every letter, go to the newest hit when entered, and leave as it was", () => {
    const typed = after(promptTyped("search", "line 4", state).events);
    expect([typed.log.search?.pattern, typed.log.following]).toEqual(["line 4", true]);
    const entered = after(promptEntered("search", "line 4", state).events);
    expect((entered.log.search?.current ?? 0) - entered.log.buffer.firstIndex).toBe(49);
    expect(after(promptLeft("search", "", typed)).log.search).toBeNull();
  });

  it("keep only what matches", () => {
    expect(after(promptEntered("only", "4", state).events).log.search).toMatchObject({ only: true, pattern: "4" });
  });

  it("filter the list that has the focus", () => {
    expect(promptTyped("filter", "a", state).events).toEqual([{ type: "experiments/filtered", filter: "a" }]);
    const pods = { ...state, view: { ...state.view, focus: "pods" as const } };
    expect(promptTyped("filter", "a", pods).events).toEqual([{ type: "pods/filtered", filter: "a" }]);
  });

  it("take a time, and say what they want if it is none", () => {
    expect(promptEntered("since", "soon", state).problem).toBe("write 15m, 2h, 1d or 03:10");
    expect(promptEntered("since", "1m", state).events).toMatchObject([{ type: "log/scrolled", sinceMs: 60_000 }]);
  });

  it.each([
    ["15m", 15 * 60_000],
    ["2h", 7_200_000],
    ["1.5 d", 129_600_000],
    ["30 sec", 30_000],
    ["03:10", (6 * 60 + 31) * 60_000],
    ["23:41", 10 * 3_600_000],
    ["25:00", null],
    ["", null],
  ])("reads %s", (text, expected) => {
    expect(parseSince(text, nowMs)).toBe(expected);
  });
});
