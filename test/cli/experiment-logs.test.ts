import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Cli } from "../../src/cli/cli.js";
import { buildProgram } from "../../src/cli/program.js";
import type { LogEntry } from "../../src/contract/log-entry.js";
import type { LogQuery } from "../../src/contract/log-query.js";
import { fakeConnection } from "../app/fixtures.js";

const line = (seq: number, level: LogEntry["level"] = "info"): LogEntry => ({
  _id: `e:1:${seq}`,
  _creationTime: seq,
  experimentId: "e",
  seq,
  level,
  message: `line ${seq}`,
  timestamp: seq,
});

type Answers = NonNullable<Parameters<typeof fakeConnection>[0]>;

async function run(words: readonly string[], answers: Answers = {}) {
  const fake = fakeConnection(answers);
  const out: string[] = [];
  const cli = {
    version: "0.0.0",
    out: (text: string) => void out.push(text),
    err: () => undefined,
    connect: async () => Promise.resolve(fake.connection),
    dataDir: () => "",
    nowMs: () => 0,
    interrupted: new AbortController().signal,
  } as unknown as Cli;
  const program = buildProgram(cli, () => Promise.resolve()).exitOverride();
  await program.parseAsync(["experiments", "logs", ...words], { from: "user" });
  return { out, calls: fake.calls };
}

test("lines of a query come in order, from as many pages as it takes", async () => {
  const asked: Partial<LogQuery>[] = [];
  const pages = [
    { rows: [line(8), line(9)], nextCursor: "c1" },
    { rows: [], nextCursor: "c2" },
    { rows: [line(4)], nextCursor: null },
  ];
  const page = (_: unknown, query: unknown) => {
    asked.push(query as Partial<LogQuery>);
    return pages[asked.length - 1];
  };
  const words = ["--since", "-15m", "--min-level", "warn", "--grep", "x", "--attempt", "2", "--limit", "9", "EXP-001"];
  const { out } = await run(words, { "logs.page": page });
  expect(out).toEqual(["line 4", "line 8", "line 9"]);
  expect(asked.map(({ cursor, limit }) => [cursor, limit])).toEqual([
    [undefined, 9],
    ["c1", 7],
    ["c2", 7],
  ]);
  expect(asked[0]).toMatchObject({ since: "-15m", minLevel: "warn", q: "x", attempt: 2 });
});

test("more lines than one request gives", async () => {
  let end = 5000;
  const page = (_: unknown, query: unknown) => {
    const { limit = 0 } = query as Partial<LogQuery>;
    expect(limit).toBeLessThanOrEqual(1000);
    const rows = Array.from({ length: limit }, (_, at) => line(end - limit + at));
    end -= limit;
    return { rows, nextCursor: `c${end}` };
  };
  const { out } = await run(["--limit", "2500", "EXP-001"], { "logs.page": page });
  expect([out.length, out[0], out.at(-1)]).toEqual([2500, "line 2500", "line 4999"]);
});

test("--output writes what was downloaded, as gzip by its name", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "hubify-out-")), "a.log.gz");
  const { calls } = await run(["--output", file, "--attempt", "3", "x1"], {
    "logs.download": () => [Buffer.from("ab"), Buffer.from("cd")],
  });
  expect(readFileSync(file, "utf8")).toBe("abcd");
  expect(calls.find(([name]) => name === "logs.download")?.slice(1)).toMatchObject([
    "x1",
    { format: "gzip", attempt: 3 },
  ]);
});

test.each([
  [["--output", "x", "--level", "warn"], "--level with --output"],
  [["--output", "x", "--min-level", "warn"], "--min-level with --output"],
  [["--output", "x", "-f"], "--follow with --output"],
  [["-f", "--since", "-1m"], "--since with --follow"],
  [["-f", "--attempt", "1"], "--attempt with --follow"],
])("%j does not go together", async (words, message) => {
  await expect(run([...words, "EXP-001"])).rejects.toThrow(message);
});
