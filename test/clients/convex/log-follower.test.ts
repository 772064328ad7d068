import { beforeEach, describe, expect, test, vi } from "vitest";
import type { FunctionRequest } from "../../../src/clients/convex/convex-connection.js";
import { attemptOf, followLog } from "../../../src/clients/convex/log-follower.js";
import type { LogEvent, Sink } from "../../../src/contract/connection.js";
import type { LogEntry } from "../../../src/contract/log-entry.js";
import { type Failure, FailureError } from "../../../src/core/failure.js";

function row(seq: number, attempt: number | null = 1): LogEntry {
  const _id = attempt === null ? `cloud${seq}` : `exp:${attempt}:${seq}`;
  return { _id, _creationTime: seq, experimentId: "exp", seq, level: "info", message: `line ${seq}`, timestamp: seq };
}

/** A log server that tells its end when asked to, and answers pages of at most `pageRows`. */
class FakeLog {
  rows: LogEntry[] = [];
  pageRows = 5000;
  queries: { path: string; after?: unknown }[] = [];
  refusal: Failure | null = null;
  /** While set, pages are not answered. */
  hold: Promise<void> = Promise.resolve();
  private sink: Sink<readonly LogEntry[]> | undefined;
  unsubscribed = false;

  watch<T>(request: FunctionRequest<T>, sink: Sink<T>) {
    expect(request.path).toBe("experimentLogs:list");
    this.sink = sink as Sink<unknown>;
    return () => (this.unsubscribed = true);
  }

  async query<T>({ path, args, schema }: FunctionRequest<T>): Promise<T> {
    this.queries.push({ path, after: args["after"] });
    await this.hold;
    if (path === "experimentLogs:list") return schema.parse(this.rows.slice(-Number(args["limit"])));
    if (this.refusal !== null) throw new FailureError(this.refusal);
    const behind = this.rows.filter(({ seq }) => seq > Number(args["after"]));
    const rows = behind.slice(0, Math.min(this.pageRows, Number(args["limit"])));
    return schema.parse({ rows, next: rows.at(-1)?.seq ?? args["after"], more: rows.length < behind.length });
  }

  append(count: number, attempt: number | null = 1): void {
    const next = (this.rows.at(-1)?.seq ?? -1) + 1;
    for (let seq = next; seq < next + count; seq++) this.rows.push(row(seq, attempt));
  }

  tell(rows: readonly LogEntry[] = this.rows.slice(-100)): void {
    this.sink?.next(rows);
  }

  fail(failure: Failure): void {
    this.sink?.fail(failure);
  }
}

describe("the log follower", () => {
  let log: FakeLog;
  let events: LogEvent[];
  let failures: Failure[];
  const follow = (backlog: number) =>
    followLog(
      log,
      { experimentId: "exp", backlog },
      { next: (event) => events.push(event), fail: (f) => failures.push(f) },
    );
  const seqs = () => events.flatMap((event) => (event.type === "lines" ? event.lines.map(({ seq }) => seq) : []));
  const others = () => events.filter(({ type }) => type !== "lines");
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
  beforeEach(() => {
    log = new FakeLog();
    events = [];
    failures = [];
  });

  test("an empty log, then its lines, each once", async () => {
    follow(1000);
    log.tell();
    log.append(3);
    log.tell();
    log.tell();
    log.append(2);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual(range(0, 4)));
    expect(others()).toEqual([]);
    expect(log.queries).toEqual([]);
  });

  test("a short backlog is cut, a long one fetched", async () => {
    log.append(500);
    follow(20);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual(range(480, 499)));
    events = [];
    follow(300);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual(range(200, 499)));
    events = [];
    follow(1000);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual(range(0, 499)));
  });

  test("a gap is filled page by page, and what came meanwhile is not lost", async () => {
    log.pageRows = 150;
    follow(1000);
    log.append(10);
    log.tell();
    log.append(1000);
    log.tell();
    log.append(500);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual(range(0, 1509)));
    expect(others()).toEqual([]);
    expect(log.queries.length).toBeGreaterThan(5);
  });

  test("while a gap is filled only the newest end is kept", async () => {
    follow(1000);
    log.append(10);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toHaveLength(10));
    let release: () => void = () => undefined;
    log.hold = new Promise((resolve) => (release = resolve));
    for (let n = 0; n < 20; n++) {
      log.append(200);
      log.tell();
    }
    expect(log.queries).toHaveLength(1);
    release();
    await vi.waitFor(() => expect(seqs()).toEqual(range(0, 4009)));
    expect(log.queries).toHaveLength(1);
  });

  test("lines nobody has any more are a gap, with the lines around it whole", async () => {
    follow(1000);
    log.append(10);
    log.tell();
    log.append(400);
    log.rows = log.rows.filter(({ seq }) => seq < 10 || seq >= 200);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual([...range(0, 9), ...range(200, 409)]));
    expect(others()).toEqual([{ type: "gap", fromSeq: 10, toSeq: 199 }]);
  });

  test("lines that are gone right up to the window are a gap, and the window is whole", async () => {
    follow(1000);
    log.append(10);
    log.tell();
    log.append(400);
    log.rows = log.rows.slice(-50);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual([...range(0, 9), ...range(360, 409)]));
    expect(others()).toEqual([{ type: "gap", fromSeq: 10, toSeq: 359 }]);
  });

  test("without `since` the widest list must do, and the rest is a gap", async () => {
    log.refusal = { kind: "unsupported", message: "no such function" };
    follow(10_000);
    log.append(2500);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual(range(1500, 2499)));
    expect(others()).toEqual([{ type: "gap", fromSeq: 0, toSeq: 1499 }]);
    expect(failures).toEqual([]);
  });

  test("a failing page is told, and the follower goes on", async () => {
    log.refusal = { kind: "server", message: "disk I/O error" };
    follow(1000);
    log.append(10);
    log.tell();
    log.append(300);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual(range(0, 309)));
    expect(failures).toEqual([log.refusal]);
  });

  test("a new attempt begins at its first line", async () => {
    follow(1000);
    log.append(50);
    log.tell();
    log.rows = [];
    log.append(200, 2);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual([...range(0, 49), ...range(0, 199)]));
    expect(others()).toEqual([{ type: "restarted", attempt: 2 }]);
  });

  test("a new attempt that has grown longer than the last one is noticed too", async () => {
    follow(1000);
    log.append(5);
    log.tell();
    log.rows = [];
    log.append(300, 3);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual([...range(0, 4), ...range(0, 299)]));
    expect(others()).toEqual([{ type: "restarted", attempt: 3 }]);
  });

  test("a late answer of an older attempt is dropped", async () => {
    follow(1000);
    log.append(3, 2);
    log.tell();
    log.tell([row(0, 1), row(1, 1)]);
    await vi.waitFor(() => expect(seqs()).toEqual(range(0, 2)));
    expect(others()).toEqual([]);
  });

  test("ids that tell no attempt: a log that has become shorter has begun anew", async () => {
    follow(1000);
    log.append(50, null);
    log.tell();
    log.rows = [];
    log.append(3, null);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual([...range(0, 49), ...range(0, 2)]));
    expect(others()).toMatchObject([{ type: "restarted" }]);
  });

  test("whatever order and size the ends come in, every line comes once and in order", async () => {
    follow(100_000);
    for (let n = 0; n < 60; n++) {
      log.append((n * 37) % 260);
      if (n % 3 !== 1) log.tell([...log.rows.slice(-100)].reverse());
      if (n % 7 === 0) await Promise.resolve();
    }
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual(range(0, log.rows.length - 1)));
    expect(others()).toEqual([]);
  });

  test("after the end nothing is told any more, a fill under way included", async () => {
    const stop = follow(1000);
    log.append(10);
    log.tell();
    log.append(300);
    log.tell();
    stop();
    log.tell();
    await Promise.resolve();
    expect(seqs()).toEqual(range(0, 9));
    expect(log.unsubscribed).toBe(true);
  });

  test("a sink that throws is told, and gets the lines that follow", async () => {
    let isBroken = true;
    followLog(
      log,
      { experimentId: "exp", backlog: 10 },
      {
        next: (event) => {
          if (isBroken) throw new Error("painter broke");
          events.push(event);
        },
        fail: (failure) => failures.push(failure),
      },
    );
    log.append(3);
    log.tell();
    await vi.waitFor(() => expect(failures).toMatchObject([{ kind: "local", message: "painter broke" }]));
    isBroken = false;
    log.append(2);
    log.tell();
    await vi.waitFor(() => expect(seqs()).toEqual([3, 4]));
  });

  test("a failure of the subscription reaches the sink", () => {
    follow(10);
    log.fail({ kind: "auth", message: "no" });
    expect(failures).toEqual([{ kind: "auth", message: "no" }]);
  });
});

test.each([
  ["abc:2:17", 17, 2],
  ["a:b:c:2:17", 17, 2],
  ["abc:2:17", 18, null],
  ["k57d9x", 17, null],
  ["abc:x:17", 17, null],
])("the attempt of %s at seq %d is %s", (_id, seq, attempt) => expect(attemptOf({ _id, seq })).toBe(attempt));
