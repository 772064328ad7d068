import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { exitCodes } from "../../../src/cli/exit-code.js";
import { nowMs } from "../../app/fixtures.js";
import { page, runCommand } from "../lab-world.js";

afterEach(() => {
  process.exitCode = undefined;
});

const counts = { draft: 0, queued: 2, running: 1, pass: 3, fail: 1, blocked: 1 };
const queue = {
  _id: "q1",
  name: "nightly",
  status: "paused",
  place: 1,
  concurrency: null,
  counts,
  experimentCount: 1,
  totalEstimatedHours: 1.25,
  totalEstimatedCostUsd: null,
};

describe("queues", () => {
  it("are listed with what is in them; unknown is –", async () => {
    const { text } = await runCommand(["queues"], { answers: { "queues.list": page([queue]) } });
    expect(text.split("\n")).toEqual([
      "QUEUE    STATUS  PLACE  AT ONCE  RUNNING  QUEUED  ENDED  HOURS  COST",
      "nightly  paused  1      any      1        3       4      1.3    –",
    ]);
  });

  it("are changed by name, in the lab that is meant", async () => {
    const answers = { "queues.patch": queue, "queues.create": queue };
    const patched = async (...line: string[]) => (await runCommand(["queues", ...line], { answers })).call;
    expect(await patched("pause", "nightly")).toEqual(["queues.patch", "nightly", { status: "paused" }, "lab1"]);
    expect(await patched("resume", "nightly")).toEqual(["queues.patch", "nightly", { status: "running" }, "lab1"]);
    const set = await patched("set", "nightly", "--concurrency", "none", "--place", "0");
    expect(set).toEqual(["queues.patch", "nightly", { concurrency: null, place: 0 }, "lab1"]);
    const draft = { labId: "lab1", name: "n", status: "paused", concurrency: 2 };
    expect(await patched("create", "n", "--paused", "--concurrency", "2")).toEqual(["queues.create", draft]);
    await expect(runCommand(["queues", "set", "nightly"])).rejects.toThrow("nothing to change");
  });

  it("are deleted when somebody says so", async () => {
    const answers = { "queues.get": queue, "queues.delete": queue };
    await expect(runCommand(["queues", "delete", "nightly"], { answers, typed: "n" })).rejects.toThrow(
      "nothing was done",
    );
    const { err, text } = await runCommand(["queues", "delete", "nightly"], { answers, typed: "y" });
    expect([err[0], text]).toEqual([
      "Delete queue nightly:\n  Effect  1 experiment of it go to the queue default",
      "nightly is deleted",
    ]);
  });
});

describe("batches create", () => {
  const answers = { "batches.create": { id: "b1", experimentCount: 6 } };

  it.each([
    ["seed=1..3", { seed: [1, 2, 3] }],
    ["lr=0.1,1e-3", { lr: [0.1, 0.001] }],
    ["mode=fast,slow", { mode: ["fast", "slow"] }],
    ['pair=[[1,2],"a"]', { pair: [[1, 2], "a"] }],
    ["n=-1..1", { n: [-1, 0, 1] }],
  ])("reads %s", async (grid, wanted) => {
    const { call, text } = await runCommand(["batches", "create", "--title", "t", "--grid", grid], { answers });
    expect(call).toEqual(["batches.create", { labId: "lab1", title: "t", grid: wanted }]);
    expect(text).toBe("b1: 6 experiments");
  });

  it.each([["seed=8..1"], ["seed="], ["=1"], ["seed"], ["seed=1..1000000"]])("refuses %s", async (grid) => {
    await expect(runCommand(["batches", "create", "--title", "t", "--grid", grid])).rejects.toThrow(/grid/);
  });
});

describe("small nouns", () => {
  it("are listed alike: filters by the API's names, what is left told on standard error", async () => {
    const task = { taskId: "T-1", status: "todo", priority: "high", dueDate: null, experimentId: null, title: "look" };
    const answers = { "tasks.list": page([task], "c1") };
    const line = ["tasks", "list", "--assigned-to", "alpha", "--experiment", "EXP-001", "--limit", "500"];
    const { call, text, err } = await runCommand(line, { answers });
    expect(call).toEqual([
      "tasks.list",
      {
        labId: "lab1",
        status: undefined,
        priority: undefined,
        assignedTo: "alpha",
        experimentId: "EXP-001",
        limit: 100,
        cursor: undefined,
      },
    ]);
    expect(text).toBe("TASK  STATUS  PRIORITY  DUE  EXPERIMENT  TITLE\nT-1   todo    high      –    –           look");
    expect(err).toEqual(["there are more: --cursor c1"]);
    const json = await runCommand([...line, "--json"], { answers });
    expect([JSON.parse(json.text), json.err]).toEqual([page([task], "c1"), []]);
  });

  it("say of one every field in words", async () => {
    const paper = {
      _id: "p",
      id: "p",
      labId: "lab1",
      slug: "dr2",
      abstract: null,
      authors: ["A", "B"],
      createdAt: nowMs,
    };
    const { text } = await runCommand(["papers", "get", "dr2"], { answers: { "papers.get": paper } });
    expect(text).toBe("id         p\nslug       dr2\nabstract   –\nauthors    A, B\ncreatedAt  2026-11-21 09:41");
  });

  it.each(["projects", "agents", "papers", "figures", "files", "tasks"])("say that there are no %s", async (noun) => {
    expect((await runCommand([noun], { answers: { [`${noun}.list`]: page([]) } })).text).toBe(`no ${noun}`);
  });
});

describe("files", () => {
  const dir = mkdtempSync(join(tmpdir(), "hubify-cli-"));
  const file = join(dir, "a.txt");
  writeFileSync(file, "hello");

  it.each([
    [[], "/a.txt"],
    [["/data/"], "/data/a.txt"],
    [["/data/b.txt"], "/data/b.txt"],
  ])("are uploaded to %j as %s", async (words, path) => {
    const written = { path, bytes: 5 };
    const { call } = await runCommand(["files", "upload", file, ...words], { answers: { "files.upload": written } });
    expect(call?.slice(0, 2)).toEqual(["files.upload", { labId: "lab1", path }]);
    const { name, bytes } = (call?.[2] as { file: { name: string; bytes: AsyncIterable<Buffer> } }).file;
    const read: Buffer[] = [];
    for await (const part of bytes) read.push(part);
    expect([name, Buffer.concat(read).toString()]).toEqual(["a.txt", "hello"]);
  });

  it("are downloaded whole, or not at all", async () => {
    const answers = (bytes: () => AsyncIterable<Buffer>) => ({
      "files.list": page([{ _id: "f1", path: "/x.txt" }]),
      "files.get": { _id: "f1", name: "x.txt" },
      "files.download": bytes,
    });
    const target = join(dir, "out", "x.txt");
    const line = ["files", "download", "/x.txt", "-o", target];
    const broken = async function* () {
      yield Buffer.from("half");
      throw new Error("lost");
    };
    await expect(runCommand(line, { answers: answers(broken) })).rejects.toThrow("lost");
    expect(readdirSync(join(dir, "out"))).toEqual([]);
    const whole = async function* () {
      yield Buffer.from("all");
    };
    expect((await runCommand(line, { answers: answers(whole) })).text).toBe(target);
    expect(readFileSync(target, "utf8")).toBe("all");
  });

  it("that are not there are named before anything is sent", async () => {
    await expect(runCommand(["files", "upload", join(dir, "none")])).rejects.toThrow(/there is no file .*none/);
    await expect(runCommand(["figures", "upload", dir])).rejects.toThrow(/is no file/);
  });
});

describe("webhooks", () => {
  const delivery = { _id: "d1", createdAt: nowMs, event: "webhook.test", nextAt: null, error: null, durationMs: 12.4 };

  it("shows a new secret alone on standard output", async () => {
    const made = { id: "w1", url: "https://x.example/", events: ["pod.*"], secret: "whsec_1" };
    const line = ["webhooks", "create", "https://x.example/", "--event", "pod.*,experiment.failed"];
    const { out, err, call } = await runCommand(line, { answers: { "webhooks.create": made } });
    expect([out, err.length]).toEqual([["whsec_1"], 1]);
    expect(call?.[1]).toEqual({ labId: "lab1", url: "https://x.example/", events: ["pod.*", "experiment.failed"] });
  });

  it.each([
    ["delivered", 200, undefined],
    ["pending", 500, exitCodes.failed],
  ])("test waits for its first try: %s exits with %s", async (status, responseStatus, code) => {
    const pending = { ...delivery, status: "pending", attempt: 0, responseStatus: null };
    const tried = { ...delivery, status, attempt: 1, responseStatus };
    const answers = { "webhooks.test": pending, "webhooks.deliveries": page([tried]) };
    const { text } = await runCommand(["webhooks", "test", "w1"], { answers });
    expect(text).toContain(status);
    expect(text).toContain("12 ms");
    expect(process.exitCode).toBe(code);
  });
});

describe("activity", () => {
  it.each([
    ["2h", nowMs - 7_200_000],
    ["2026-11-21", Date.UTC(2026, 10, 21)],
    ["2026-11-21T09:00", Date.UTC(2026, 10, 21, 9)],
    ["2026-11-21T09:00+02:00", Date.UTC(2026, 10, 21, 7)],
  ])("since %s", async (since, at) => {
    const { call } = await runCommand(["activity", "--since", since], { answers: { "activity.list": page([]) } });
    expect(call?.[1]).toMatchObject({ labId: "lab1", since: at });
  });

  it("refuses what is no time", async () => {
    await expect(runCommand(["activity", "--since", "soon"])).rejects.toThrow(/how long ago/);
  });
});

it("search shows every kind under its own name", async () => {
  const found = {
    experiments: [{ experimentId: "EXP-054", id: "x", status: "pass", title: "planck" }],
    tasks: [{ taskId: "T-1", experimentId: "EXP-054", status: "todo", title: "look at planck" }],
    knowledge: [{ id: "f", path: "/planck.py", name: "planck.py" }],
    papers: [],
  };
  const { text, call } = await runCommand(["search", "planck", "lite"], { answers: { "search.search": found } });
  expect(call?.[1]).toEqual({ labId: "lab1", q: "planck lite", limit: 5 });
  expect(text.split("\n")).toEqual([
    "KIND         ID          STATUS  TITLE",
    "experiments  EXP-054     pass    planck",
    "tasks        T-1         todo    look at planck",
    "knowledge    /planck.py  –       planck.py",
  ]);
});

it("a lab is deleted by its typed slug", async () => {
  const other = { id: "l2", name: "Other", slug: "other", experiment_count: 1 };
  const answers = { "labs.get": other, "labs.delete": undefined };
  await expect(runCommand(["labs", "delete", "other"], { answers, typed: "y" })).rejects.toThrow("nothing was done");
  const { calls } = await runCommand(["labs", "delete", "other"], { answers, typed: "other" });
  expect(calls[1]).toEqual(["labs.delete", "l2", "other"]);
});
