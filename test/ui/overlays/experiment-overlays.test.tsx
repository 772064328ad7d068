import { cleanup } from "ink-testing-library";
import { afterEach, describe, expect, it } from "vitest";
import type { AppEvent } from "../../../src/app/store.js";
import type { Activity } from "../../../src/contract/activity.js";
import type { OutputFile } from "../../../src/contract/output.js";
import { FailureError } from "../../../src/core/failure.js";
import { experiment, nowMs, stateOf } from "../../app/fixtures.js";
import { queue } from "../../app/queue.js";
import { played, type StageOptions, templates } from "./stage.js";

afterEach(cleanup);

const failed = experiment(1, { status: "fail", attempt: 1, title: "a chain", qc: { verdict: "fail", checks: [] } });
const file = (path: string): OutputFile => ({
  _id: path,
  path,
  name: path,
  size: 3,
  modifiedAt: null,
  mimeType: "text/plain",
  kind: "data",
  where: "home",
  reason: null,
});
const base: readonly AppEvent[] = [
  { type: "view/resized", columns: 96, rows: 26 },
  { type: "experiments/received", rows: [failed, experiment(2)] },
  { type: "experiments/selected", id: "x1" },
  { type: "templates/received", rows: templates },
  { type: "queues/received", rows: [queue(0), queue(1, { name: "nightly", concurrency: 2 })] },
];
const at = (events: readonly AppEvent[], options: StageOptions = {}) => played(stateOf(...base, ...events), options);
const detail = (tab: "overview" | "qc" | "outputs", ...events: readonly AppEvent[]): readonly AppEvent[] => [
  { type: "experimentDetail/opened", experimentId: "x1", tab },
  ...events,
  { type: "view/overlayOpened", overlay: { kind: "experiment", id: "x1", tab } },
];

describe("an experiment's detail", () => {
  it("goes from part to part by Tab and by number, and to its log by Enter", async () => {
    const person = at(detail("overview"));
    await person.sees("[1 Overview]");
    person.press("tab");
    await person.sees("[2 QC]");
    person.press("6");
    await person.sees("[6 Config]");
    person.press("tab");
    await person.sees("[1 Overview]");
    person.press("enter");
    await person.until(() => person.top() === null);
    expect(person.state().view.focus).toBe("log");
  });

  it("overrides the verdict with a note, which stays at hand should the lab refuse it", async () => {
    const refuse = () => {
      throw new FailureError({ kind: "conflict", message: "EXP-001 runs again" });
    };
    const person = at(detail("qc"), { answers: { "qc.override": refuse } });
    person.press("V");
    await person.sees("Pass EXP-001 a chain?");
    person.press("enter");
    await person.sees("Write something first");
    person.press("seen by hand", "enter");
    await person.until(() => person.fake.named("qc.override").length === 1);
    expect(person.fake.named("qc.override")[0]?.[2]).toEqual({ verdict: "pass", note: "seen by hand" });
    await person.until(() => /EXP-001 runs again/.test(person.state().actions.notice?.text ?? ""));
    expect(person.top()).toBe("experiment");
    person.press("V");
    await person.sees("Pass EXP-001");
    person.press("up");
    await person.sees("seen by hand");
  });

  it("reads a file of the outputs and goes back to the list", async () => {
    async function* content() {
      yield new TextEncoder().encode("first line\nsecond line\n");
    }
    const outputs: AppEvent = {
      type: "experimentDetail/received",
      experimentId: "x1",
      part: "outputs",
      value: { rows: [file("a.txt"), file("b.txt")], more: false },
    };
    const person = at(detail("outputs", outputs), { answers: { "outputs.download": content } });
    await person.sees("2 files");
    person.press("j", "enter");
    await person.sees("second line");
    expect(person.fake.named("outputs.download")[0]?.[2]).toBe("b.txt");
    person.press("esc");
    await person.sees("2 files");
    person.press("y");
    await person.until(() => person.hostCalls.some(([name, text]) => name === "copy" && text === "b.txt"));
    person.press("esc");
    await person.until(() => person.top() === null);
  });
});

describe("the queues", () => {
  it("are paused, limited and shown by keys", async () => {
    const person = at([{ type: "view/overlayOpened", overlay: { kind: "queues" } }], {
      answers: { "queues.patch": (_, changes) => queue(1, { name: "nightly", ...(changes as object) }) },
    });
    await person.sees("nightly");
    person.press("j", " ");
    await person.sees("nightly is paused");
    person.press("-");
    await person.until(() => person.fake.named("queues.patch").length === 2);
    expect(person.fake.named("queues.patch").map(([, ...asked]) => asked)).toEqual([
      ["q1", { status: "paused" }],
      ["q1", { concurrency: 1 }],
    ]);
    person.press("enter");
    await person.until(() => person.top() === null);
    expect(person.state().experiments.filter).toBe("queue:nightly");
  });
});

describe("a batch", () => {
  const open: AppEvent = { type: "view/overlayOpened", overlay: { kind: "newBatch", like: "x2" } };

  it("lists exactly what it makes, and makes that", async () => {
    const person = at([open], { answers: { "batches.create": () => ({ experimentCount: 4, rows: [{ _id: "x7" }] }) } });
    await person.sees("[EXP-002]");
    person.press("seed=1..2 steps=10,20");
    await person.sees("Make 4 experiments");
    await person.sees("run 2 seed=2 steps=20");
    person.press("ctrl-s");
    await person.until(() => person.top() === null);
    expect(person.fake.named("batches.create")[0]?.[1]).toEqual({
      title: "run 2",
      computeMode: "CPU",
      config: {},
      priority: "normal",
      queue: "default",
      grid: { seed: [1, 2], steps: [10, 20] },
    });
    expect(person.state().experiments.selectedId).toBe("x7");
    expect(person.state().actions.notice?.text).toContain("4 experiments of run 2 are queued");
  });

  it("as drafts of a template in another queue; what the lab refuses stays in the form", async () => {
    const refuse = () => {
      throw new FailureError({ kind: "invalid", message: "config.seed: must be 1..10 (was 11)" });
    };
    const person = at([open], { answers: { "batches.create": refuse } });
    await person.sees("[EXP-002]");
    person.press("shift-tab", "shift-tab", "right");
    await person.sees("[mcmc]");
    person.press("tab", "tab", "seed=11", "tab", "right", "tab", "right");
    await person.sees("[draft]");
    person.press("enter", "enter");
    await person.sees("must be 1..10");
    expect(person.fake.named("batches.create")[0]?.[1]).toMatchObject({
      template: "mcmc",
      queue: "nightly",
      draft: true,
      grid: { seed: [11] },
    });
    expect(person.top()).toBe("newBatch");
  });

  it("says what is wrong and sends nothing", async () => {
    const person = at([open]);
    await person.sees("[EXP-002]");
    person.press("a=1..50 b=1..50", "ctrl-s");
    await person.sees("makes 2500 experiments; a batch has at most 1000");
    expect(person.fake.named("batches.create")).toEqual([]);
  });
});

describe("the lab's activity", () => {
  const happened = (id: string, message: string, ref: string): Activity => ({
    _id: id,
    id,
    _creationTime: nowMs,
    labId: "lab",
    event: "experiment.failed",
    severity: "error",
    message,
    actor: "key ci",
    ref,
    metadata: {},
    createdAt: nowMs,
  });

  it("stays on what the cursor is on while more comes, and leads there", async () => {
    const rows = [happened("b", "second", "x2"), happened("a", "first", "x1")];
    const person = at([
      { type: "activity/received", rows },
      { type: "view/overlayOpened", overlay: { kind: "activity" } },
    ]);
    await person.sees("key ci");
    person.press("j");
    person.store.dispatch({ type: "activity/received", rows: [happened("c", "third", "x2"), ...rows] });
    await person.sees("third");
    person.press("enter");
    await person.until(() => person.top() === null);
    expect(person.state().experiments.selectedId).toBe("x1");
  });

  it("keeps what was done here on a part of its own", async () => {
    const person = at([
      { type: "notice/shown", tone: "bad", text: "Restart failed: no room", at: nowMs },
      { type: "view/overlayOpened", overlay: { kind: "activity" } },
    ]);
    await person.sees("Asking what happened");
    await person.sees("here");
    person.press("2");
    await person.sees("1 in this session");
    await person.sees("Restart failed: no room");
  });
});

describe("a new experiment", () => {
  it("is kept as a draft in the queue that was chosen", async () => {
    const person = at([]);
    await person.runner.run("experiment.new");
    await person.sees("[mcmc]");
    person.press("tab", "tab", "tab", "tab", "tab", "right");
    await person.sees("[nightly]");
    person.press("tab", "right");
    await person.sees("[ Keep as a draft ]");
    person.press("ctrl-s");
    await person.until(() => person.top() === null);
    expect(person.fake.named("create")[0]?.[1]).toMatchObject({ queue: "nightly", draft: true, template: "mcmc" });
    expect(person.state().actions.notice?.text).toContain("is a draft: u queues it");
  });
});
