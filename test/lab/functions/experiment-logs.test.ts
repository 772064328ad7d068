import { expect, test } from "vitest";
import type { LogEntry } from "../../../src/contract/log-entry.js";
import * as functions from "../../../src/lab/functions/experiment-logs.js";
import { openLogs } from "../services/logs-fixture.js";

/** The functions over real logs; what they watch and keep is recorded. */
async function openFunctions() {
  const lab = await openLogs();
  const id = await lab.create();
  const run = await lab.begin(id);
  const call = async (name: "list" | "page" | "query", args: object, journal: string | null = null) => {
    const seen = { topics: [] as string[], journal: null as string | null };
    const context = {
      services: {
        logs: lab.logs,
        experiments: { get: async () => Promise.resolve({ _id: id, attempt: (await lab.rowOf(run)).attempt }) },
      },
      journal,
      reads: (...topics: string[]) => seen.topics.push(...topics),
      keepJournal: (kept: string) => (seen.journal = kept),
    };
    const value: unknown = await functions[name].handler(context as never, { experimentId: id, ...args } as never);
    return { value, ...seen };
  };
  return { ...lab, id, run, call };
}

const texts = (rows: readonly LogEntry[]) => rows.map(({ message }) => message).join(" ");

test("list takes the filters of REST, times also as numbers, and runs again with every line", async () => {
  const { run, write, call, clock, id } = await openFunctions();
  await write(run, "a1\nERROR: b1\n");
  clock.at += 60_000;
  await write(run, "a2\nERROR: b2\nWARNING: c2\n");
  const list = async (args: object) => {
    const { value, topics } = await call("list", args);
    expect(topics).toEqual([`logs:${id}`]);
    return texts(value as LogEntry[]);
  };
  expect(await list({})).toBe("a1 ERROR: b1 a2 ERROR: b2 WARNING: c2");
  expect(await list({ level: "error", limit: 1 })).toBe("ERROR: b2");
  expect(await list({ minLevel: "warn", since: clock.at - 1000 })).toBe("ERROR: b2 WARNING: c2");
  expect(await list({ q: "b", until: "-30s" })).toBe("ERROR: b1");
  expect(await list({ regex: "^a\\d$" })).toBe("a1 a2");
  expect(await list({ around: 1, limit: 3 })).toBe("a1 ERROR: b1 a2");
  expect(await list({ after: 3 })).toBe("WARNING: c2");
});

test("query answers once, with cursors", async () => {
  const { run, write, call } = await openFunctions();
  await write(run, "1\n2\n3\n");
  const { value, topics } = await call("query", { limit: 2, order: "asc" });
  const answer = value as { rows: LogEntry[]; nextCursor: string };
  expect([texts(answer.rows), topics]).toEqual(["1 2", []]);
  expect(texts(((await call("query", { cursor: answer.nextCursor })).value as typeof answer).rows)).toBe("3");
});

test("pages of a filter keep their end while lines arrive, and refuse a cursor of another filter", async () => {
  const { run, write, call } = await openFunctions();
  const page = async (cursor: string | null, journal: string | null = null, filter: object = { level: "error" }) => {
    const called = await call("page", { paginationOpts: { numItems: 2, cursor }, ...filter }, journal);
    const value = called.value as { page: LogEntry[]; isDone: boolean; continueCursor: string };
    return { text: texts(value.page), ...value, kept: called.journal };
  };
  for (const n of [0, 1, 2, 3, 4]) await write(run, `plain\nERROR: ${n}\n`);
  const first = await page(null);
  expect(first).toMatchObject({ text: "ERROR: 4 ERROR: 3", isDone: false });
  const second = await page(first.continueCursor);
  expect(second).toMatchObject({ text: "ERROR: 2 ERROR: 1", isDone: false });
  await write(run, "ERROR: 5\n");
  expect((await page(null, first.kept)).text).toBe("ERROR: 5 ERROR: 4 ERROR: 3");
  expect(await page(second.continueCursor)).toMatchObject({ text: "ERROR: 0", isDone: true });
  await expect(page(first.continueCursor, null, { level: "warn" })).rejects.toThrow(/^cursor: of another query/);
});

test("a page that has grown is to be split", async () => {
  const { run, write, call } = await openFunctions();
  await write(run, "x\n".repeat(10));
  const first = await call("page", { paginationOpts: { numItems: 5, cursor: null } });
  await write(run, "y\n".repeat(2500));
  const grown = (await call("page", { paginationOpts: { numItems: 5, cursor: null } }, first.journal)).value;
  expect(grown).toMatchObject({ pageStatus: "SplitRecommended", splitCursor: expect.any(String) as string });
  expect((grown as { page: LogEntry[] }).page).toHaveLength(2505);
});
