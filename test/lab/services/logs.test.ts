import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LogEntry } from "../../../src/contract/log-entry.js";
import { type LogQuery, readMoment } from "../../../src/contract/log-query.js";
import { LabError } from "../../../src/lab/lab-error.js";
import { openLogs } from "./logs-fixture.js";

const seqs = (rows: readonly LogEntry[]) => rows.map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

async function openRun() {
  const lab = await openLogs();
  const _id = await lab.create();
  const run = await lab.begin(_id);
  const query = (wanted: Partial<LogQuery> = {}) => lab.logs.query(_id, wanted);
  /** All pages of a query, each with its size. */
  const pages = async (
    wanted: Partial<LogQuery>,
    towards: "nextCursor" | "olderCursor" | "newerCursor" = "nextCursor",
  ) => {
    const found: number[][] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const answer = await query(cursor === undefined ? wanted : { ...wanted, order: undefined, cursor });
      found.push(seqs(answer.rows));
      cursor = answer[towards];
      if (found.length > 200) throw new Error("a query without end");
    }
    return found;
  };
  return { ...lab, _id, run, query, pages };
}

const traceback = (n: number) =>
  `Traceback (most recent call last):\n  File "a.py", line ${n}, in f\n    f()\nValueError: shape ${n}\n`;

test("pages go back from the end, forth from the beginning, and both ways from anywhere", async () => {
  const { run, write, query, pages, end } = await openRun();
  await write(
    run,
    range(0, 25)
      .map((n) => `line ${n}\n`)
      .join(""),
  );
  expect((await pages({ limit: 10 })).map((page) => page.length)).toEqual([10, 10, 5]);
  expect(await pages({ limit: 10, order: "asc" })).toEqual([range(0, 10), range(10, 20), range(20, 25)]);
  const middle = await query({ around: 12, limit: 5 });
  expect(seqs(middle.rows)).toEqual([10, 11, 12, 13, 14]);
  const older = await query({ cursor: middle.olderCursor ?? "", limit: 4 });
  expect(seqs(older.rows)).toEqual([6, 7, 8, 9]);
  expect(seqs((await query({ cursor: older.newerCursor ?? "", limit: 3 })).rows)).toEqual([10, 11, 12]);
  expect(seqs((await query({ cursor: middle.newerCursor ?? "", limit: 3 })).rows)).toEqual([15, 16, 17]);
  expect(seqs((await query({ before: 3 })).rows)).toEqual([0, 1, 2]);
  expect(seqs((await query({ after: 22 })).rows)).toEqual([23, 24]);
  const last = await query({ limit: 2 });
  expect((await query({ cursor: last.newerCursor ?? "" })).rows).toEqual([]);
  await write(run, "new\n");
  expect(seqs((await query({ cursor: last.newerCursor ?? "" })).rows)).toEqual([25]);
  await end(run);
  expect((await query({ limit: 2 })).newerCursor).toBeNull();
});

test("a level, and a level and above, with whole tracebacks", async () => {
  const { run, write, query, pages } = await openRun();
  for (const n of range(0, 6)) {
    await write(run, `${"plain\n".repeat(3000)}WARNING: ${n}\n${traceback(n)}`);
  }
  const errors = (await query({ level: "error", limit: 1000 })).rows;
  expect(errors).toHaveLength(24);
  expect(errors.slice(0, 4).map(({ message, group }) => [message.trim(), group])).toEqual([
    ["Traceback (most recent call last):", undefined],
    ['File "a.py", line 0, in f', errors[0]?.seq],
    ["f()", errors[0]?.seq],
    ["ValueError: shape 0", errors[0]?.seq],
  ]);
  expect((await query({ level: "warn" })).rows.map(({ message }) => message)).toEqual(
    range(0, 6).map((n) => `WARNING: ${n}`),
  );
  expect((await query({ minLevel: "warn" })).rows).toHaveLength(30);
  expect((await query({ minLevel: "debug", limit: 7 })).rows).toHaveLength(7);
  const paged = await pages({ level: "error", limit: 5 });
  expect(paged.flat().sort((a, b) => a - b)).toEqual(seqs(errors));
  expect((await pages({ minLevel: "warn", limit: 7, order: "asc" })).flat()).toHaveLength(30);
});

test("a search finds lines by text and pattern, whatever the case unless a capital is asked for", async () => {
  const { run, write, query } = await openRun();
  await write(run, "Alpha one\nalpha TWO\nbeta\n\x1b[31mal\x1b[0mpha three\nStep\tdone\nünïcode ÄÖ\n");
  const found = async (wanted: Partial<LogQuery>) => seqs((await query(wanted)).rows);
  expect(await found({ q: "alpha" })).toEqual([0, 1, 3]);
  expect(await found({ q: "Alpha" })).toEqual([0]);
  expect(await found({ q: "äö" })).toEqual([5]);
  expect(await found({ q: "alpha three" })).toEqual([3]);
  expect(await found({ q: "31m" })).toEqual([]);
  expect(await found({ q: "step    done" })).toEqual([4]);
  expect(await found({ regex: "^alpha \\S+$" })).toEqual([0, 1, 3]);
  expect(await found({ regex: "^Alpha" })).toEqual([0]);
  expect(await found({ regex: "^(one|beta)|TWO$" })).toEqual([1, 2]);
  expect(await found({ q: "alpha", level: "error" })).toEqual([]);
});

test("a hit in a traceback answers all of it, also over the borders of blocks and pages", async () => {
  const { run, write, query, pages, clock } = await openRun();
  // Written in two captures, so that a block begins inside of it; far apart, so that pieces do as well.
  const frames = range(0, 300).map((n) => `  File "deep.py", line ${n}, in f\n    ${"x".repeat(700)}\n`);
  await write(run, `${"plain\n".repeat(60_000)}Traceback (most recent call last):\n${frames.slice(0, 150).join("")}`);
  clock.at += 1000;
  await write(run, `${frames.slice(150).join("")}NeedleError: here\nafter\n${traceback(7)}`);
  const whole = range(60_000, 60_602);
  expect((await pages({ q: "NeedleError", limit: 1000 })).flat()).toEqual(whole);
  expect((await pages({ q: "NeedleError", limit: 50 })).flat().sort((a, b) => a - b)).toEqual(whole);
  expect((await pages({ q: "NeedleError", limit: 50, order: "asc" })).flat()).toEqual(whole);
  expect((await pages({ q: "NeedleError", limit: 50, order: "asc", level: "error" })).flat()).toEqual(whole);
  expect((await query({ q: "line 149, in f", limit: 10, order: "asc" })).rows.map(({ message }) => message)).toContain(
    "Traceback (most recent call last):",
  );
  expect((await query({ q: "shape 7", limit: 1000 })).rows).toHaveLength(4);
});

test("times: since, until, ago, and a window that stays while pages are turned", async () => {
  const { run, write, query, clock } = await openRun();
  const start = clock.at;
  for (const n of range(0, 10)) {
    clock.at = start + n * 60_000;
    await write(run, `minute ${n}\n`);
  }
  const found = async (wanted: Partial<LogQuery>) => seqs((await query(wanted)).rows);
  expect(await found({ since: "-3m" })).toEqual([6, 7, 8, 9]);
  expect(await found({ since: String(start + 60_000), until: String(start + 180_000) })).toEqual([1, 2, 3]);
  expect(await found({ until: new Date(start + 60_001).toISOString() })).toEqual([0, 1]);
  expect(await found({ since: "-3m", q: "minute", order: "asc", limit: 2 })).toEqual([6, 7]);
  expect(await found({ since: "-1s" })).toEqual([9]);
  clock.at += 3_600_000;
  expect(await found({ since: "-1m" })).toEqual([]);
  clock.at -= 3_600_000;
  const first = await query({ since: "-5m", limit: 2 });
  clock.at += 240_000;
  const second = await query({ since: "-5m", limit: 9, cursor: first.nextCursor ?? "" });
  expect([seqs(first.rows), seqs(second.rows)]).toEqual([
    [8, 9],
    [4, 5, 6, 7],
  ]);
});

test("attempts: the last unless one is named; a cursor stays with its own", async () => {
  const { run, write, query, end, begin, _id, logs } = await openRun();
  await write(run, "first 0\nfirst 1\nfirst 2\n");
  const { nextCursor } = await query({ limit: 1 });
  await end(run);
  const again = await begin(_id);
  await write(again, "second\n");
  const messages = async (wanted: Partial<LogQuery>) => (await query(wanted)).rows.map(({ message }) => message);
  expect(await messages({})).toEqual(["second"]);
  expect(await messages({ attempt: 1 })).toEqual(["first 0", "first 1", "first 2"]);
  expect(await messages({ cursor: nextCursor ?? "" })).toEqual(["first 0", "first 1"]);
  await expect(query({ attempt: 7 })).rejects.toThrow(/^attempt: EXP-001 has no attempt 7; allowed are 1 to 2/);
  expect((await logs.file(_id, 1)).name).toBe("EXP-001-1.log");
});

test.each<[Partial<LogQuery>, RegExp]>([
  [{ regex: "(" }, /^regex: /],
  [{ level: "warn", minLevel: "warn" }, /^minLevel: give level or minLevel/],
  [{ q: "a", regex: "a" }, /^regex: give q or regex/],
  [{ before: 1, after: 1 }, /^after: give one of cursor/],
  [{ around: 1, q: "a" }, /^around: .* leave q out/],
  [{ before: 1, order: "asc" }, /^order: /],
  [{ since: "-1m", until: "-2m" }, /^since: later than until/],
  [{ since: "soon" }, /^since: a time as ms/],
  [{ cursor: "x" }, /^cursor: not a cursor/],
  [{ limit: 1001 }, /^limit: /],
])("refused: %j", async (wanted, reason) => {
  const { run, write, query } = await openRun();
  await write(run, "a\n");
  const refused = await query(wanted).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(LabError);
  expect((refused as LabError).code).toBe("validation_error");
  expect((refused as LabError).message).toMatch(reason);
});

test("a cursor of another query or experiment is refused", async () => {
  const { run, write, query, create, logs } = await openRun();
  await write(run, "ERROR: a\nERROR: b\nERROR: c\n");
  const { nextCursor } = await query({ level: "error", limit: 1 });
  const cursor = nextCursor ?? "";
  expect(seqs((await query({ level: "error", limit: 2, cursor })).rows)).toEqual([0, 1]);
  for (const other of [{}, { level: "warn" }, { level: "error", q: "a" }, { level: "error", since: "-1m" }] as const) {
    await expect(query({ ...other, cursor })).rejects.toThrow(/^cursor: of another query/);
  }
  const other = await create();
  await expect(logs.query(other, { level: "error", cursor })).rejects.toThrow(/^cursor: of another query/);
});

test("a pattern that backtracks for ever is refused, soon", async () => {
  const { run, write, query } = await openRun();
  await write(run, `${"a".repeat(60)}b\n`.repeat(2000));
  const startedAt = performance.now();
  await expect(query({ regex: "(a+)+$" })).rejects.toThrow(/^regex: it takes longer than/);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

test("a search that finds little looks at a bounded part, and its cursor goes on", async () => {
  const { run, write, _id, logs } = await openRun();
  await write(run, `needle\n${`${"hay ".repeat(30)}\n`.repeat(20_000)}`);
  const bounds = { bytes: 500_000, blocks: 1000, ms: 60_000 };
  let [answers, found] = [0, 0];
  for (let cursor: string | null | undefined; cursor !== null; answers++) {
    const answer = await logs.query(_id, { q: "needle", cursor }, bounds);
    found += answer.rows.length;
    cursor = answer.nextCursor;
  }
  expect(found).toBe(1);
  expect(answers).toBeGreaterThan(3);
  expect(answers).toBeLessThan(20);
});

test("lines of megabytes stay bounded, whatever asks for them", async () => {
  const { run, write, query } = await openRun();
  await write(run, Buffer.alloc(64 * 1024 * 1024, "z"));
  await write(run, `\nERROR: ${"y".repeat(900_000)}\n`);
  const { rows } = await query({ limit: 1000 });
  expect(rows.length).toBeGreaterThanOrEqual(5);
  expect(JSON.stringify(rows).length).toBeLessThan(rows.length * 17_000);
  expect((await query({ level: "error" })).rows).toHaveLength(1);
  expect((await query({ q: "zzz" })).rows).toHaveLength(4);
});

test("of a traceback the exception is what says why it failed", async () => {
  const { run, write, logs, _id } = await openRun();
  await write(run, `ERROR: small\n${traceback(3)}`);
  expect((await logs.lastError(_id))?.message).toBe("ValueError: shape 3");
  await write(run, "java.lang.IllegalStateException: no\n\tat a.B.c(B.java:3)\n\tat a.B.d(B.java:4)\n");
  expect((await logs.lastError(_id))?.message).toBe("java.lang.IllegalStateException: no");
});

test("an output that somebody deleted is told, not shown as empty", async () => {
  const { run, write, end, query, logs, _id } = await openRun();
  await write(run, "a\nb\n");
  await end(run);
  rmSync(join(run.dir, "out"));
  const [notice] = (await query()).rows;
  expect(notice).toMatchObject({ seq: 1, level: "info", message: "The output file is gone; it was 2 lines (4 bytes)" });
  expect((await logs.tail(_id, { limit: 5 })).map(({ message }) => message)).toEqual([notice?.message]);
  await expect(logs.file(_id)).rejects.toThrow(/gone; it was 2 lines/);
});

test.each([
  ["1700000000000", 1_700_000_000_000],
  ["2026-01-31", Date.UTC(2026, 0, 31)],
  ["2026-01-31T12:30", Date.UTC(2026, 0, 31, 12, 30)],
  ["2026-01-31 12:30:05.5Z", Date.UTC(2026, 0, 31, 12, 30, 5, 500)],
  ["2026-01-31T12:30+02:00", Date.UTC(2026, 0, 31, 10, 30)],
  ["-15m", 1_000_000_000 - 900_000],
  ["-1.5h", 1_000_000_000 - 5_400_000],
  ["-2w", 1_000_000_000 - 14 * 86_400_000],
  ["15m", null],
  ["2026-13-01", null],
  ["now", null],
  ["", null],
])("the time %s", (text, at) => {
  expect(readMoment(text, 1_000_000_000)).toBe(at);
});
