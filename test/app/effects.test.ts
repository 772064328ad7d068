import { describe, expect, it } from "vitest";
import { attach } from "../../src/app/effects/attach.js";
import { createBatch } from "../../src/app/effects/batch.js";
import { startEffects } from "../../src/app/effects/index.js";
import { visibleExperiments } from "../../src/app/selectors/visible-experiments.js";
import type { AppEvent, AppState } from "../../src/app/store.js";
import { LabSettings } from "../../src/contract/settings.js";
import { FailureError } from "../../src/core/failure.js";
import {
  experiment,
  liveLink,
  logLine,
  lostLink,
  manualTime,
  nowMs,
  pod,
  room,
  sample,
  stateOf,
  unknownCosts,
} from "./fixtures.js";

const rows = [experiment(1, { status: "running", startedAt: nowMs - 3_600_000 }), experiment(2), experiment(3)];
const selectedAt = (id: string): AppEvent[] => [
  { type: "experiments/received", rows },
  { type: "experiments/selected", id },
];

type Options = Parameters<typeof room>[1];

/** Attached, with every effect running. */
function started(state: AppState, options?: Options) {
  const opened = room(state, options);
  const stop = startEffects(opened);
  const detach = attach(opened.fake.connection, opened);
  return { ...opened, stop, detach };
}

/** Answers of the fake connection are promises: everything that waits for one has run after this. */
const answered = () => new Promise((resolve) => setImmediate(resolve));

describe("batch", () => {
  it("lets the first through at once, then only the newest of each key in one go", () => {
    const time = manualTime();
    const seen: AppEvent[][] = [];
    const batch = createBatch({ ...time, dispatchAll: (events) => seen.push([...events]) });
    const spun = (key: string, topIndex: number) => batch.put(key, { type: "log/scrolled", topIndex });
    spun("a", 1);
    spun("a", 2);
    spun("b", 3);
    spun("a", 4);
    expect(seen).toHaveLength(1);
    time.pass(33);
    expect(seen[1]).toEqual([
      { type: "log/scrolled", topIndex: 3 },
      { type: "log/scrolled", topIndex: 4 },
    ]);
    time.pass(1000);
    expect(seen).toHaveLength(2);
  });

  it("slows down to ten a second in a flood and recovers", () => {
    const time = manualTime();
    let flushes = 0;
    const batch = createBatch({ ...time, dispatchAll: () => flushes++ });
    for (let ms = 0; ms < 1000; ms++) {
      batch.put("log", { type: "log/appended" });
      time.pass(1);
    }
    expect(flushes).toBeGreaterThan(9);
    expect(flushes).toBeLessThan(14);
    time.pass(500);
    const before = flushes;
    batch.put("log", { type: "log/appended" });
    expect(flushes).toBe(before + 1);
  });

  it("drops what waits when stopped", () => {
    const time = manualTime();
    let events = 0;
    const batch = createBatch({ ...time, dispatchAll: (all) => (events += all.length) });
    batch.put("a", { type: "view/spun" });
    batch.put("a", { type: "view/spun" });
    batch.stop();
    time.pass(1000);
    expect(events).toBe(1);
  });
});

describe("attach", () => {
  it("shows what the connection pushes and what it is attached to", async () => {
    const { fake, state, pass } = started(stateOf(), { answers: { templates: () => [{ name: "mcmc" }] } });
    fake.link(lostLink);
    fake.experiments(rows);
    fake.pods([pod("a")]);
    pass(100);
    await answered();
    expect(state().link).toMatchObject({ label: "local lab", link: { state: "lost" } });
    expect(state().experiments).toMatchObject({ live: rows, loaded: true });
    expect(state().pods.rows).toHaveLength(1);
    expect(state().templates.rows).toEqual([{ name: "mcmc" }]);
  });

  it("keeps the last good rows when a watch fails", () => {
    const { fake, state, pass } = started(stateOf());
    fake.experiments(rows);
    fake.sinks["experiments"]?.[0]?.fail({ kind: "server", message: "boom" });
    pass(100);
    expect(state().experiments).toMatchObject({ live: rows, failure: { message: "boom" } });
  });

  it("takes the mark of what was read from disk away with the first live rows", () => {
    const state = stateOf();
    const opened = started({ ...state, link: { ...state.link, fromDisk: true, savedAt: 1 } });
    expect(opened.state().link.fromDisk).toBe(true);
    opened.fake.experiments(rows);
    expect(opened.state().link.fromDisk).toBe(false);
  });

  it("stops listening to everything when detached", () => {
    const { fake, detach, stop, pending } = started(stateOf(...selectedAt("x1")));
    detach();
    stop();
    expect(Object.values(fake.sinks).flat()).toEqual([]);
    expect(pending()).toBe(0);
  });

  it("asks for the window of samples at once and anew now and then, and watches what is newer all the time", () => {
    const { fake, pass } = started(stateOf());
    expect(fake.named("telemetry.window")).toEqual([["telemetry.window", { windowMs: 900_000, points: 120 }]]);
    pass(300_001);
    expect(fake.named("telemetry.window")).toHaveLength(2);
    expect(fake.sinks["telemetry"]).toHaveLength(1);
    expect(fake.named("telemetry")).toHaveLength(1);
  });

  it("asks for another window of samples when one is chosen, and drops the answer for the one of before", async () => {
    const late: ((samples: unknown) => void)[] = [];
    const answers = { "telemetry.window": () => new Promise((resolve) => late.push(resolve)) };
    const { fake, store, state, pass } = started(stateOf(), { answers });
    store.dispatch({ type: "pods/windowed", windowMs: 3_600_000 });
    expect(fake.named("telemetry.window").at(-1)).toEqual(["telemetry.window", { windowMs: 3_600_000, points: 120 }]);
    late[0]?.([sample("p-a", nowMs - 2)]);
    late[1]?.([sample("p-a", nowMs - 1)]);
    await answered();
    pass(100);
    expect(state().pods.samples["p-a"]?.map(({ at }) => at)).toEqual([nowMs - 1]);
  });

  it("watches the costs and the lab's settings", () => {
    const { fake, state, pass } = started(stateOf());
    fake.sinks["costs"]?.[0]?.next({ ...unknownCosts, todayUsd: 3 } as never);
    pass(100);
    expect(state().costs.costs?.todayUsd).toBe(3);
    fake.sinks["costs"]?.[0]?.fail({ kind: "server", message: "boom" });
    pass(100);
    expect(state().costs).toMatchObject({ costs: { todayUsd: 3 }, failure: { message: "boom" } });
    fake.sinks["settings"]?.[0]?.next(LabSettings.parse({ idleAlertMinutes: 7 }) as never);
    pass(100);
    expect(state().settings.settings?.idleAlertMinutes).toBe(7);
  });

  it("asks for a pod's samples and log only while they are looked at", async () => {
    const { fake, store, state } = started(stateOf({ type: "pods/received", rows: [pod("a")] }));
    const asked = () => fake.named("telemetry.window").length;
    const before = asked();
    store.dispatch({ type: "view/overlayOpened", overlay: { kind: "pod", id: "p-a" } });
    expect([state().podDetail.podId, state().podDetail.tab, asked()]).toEqual(["p-a", "overview", before]);
    store.dispatch({ type: "podDetail/tabbed", podId: "p-a", tab: "gpus" });
    expect(fake.named("telemetry.window").slice(before)).toEqual([
      ["telemetry.window", { windowMs: 900_000, points: 300, podId: "p-a" }],
      ["telemetry.window", { windowMs: 14 * 86_400_000, points: 336, podId: "p-a" }],
    ]);
    await answered();
    expect(state().podDetail.samples).toEqual([]);
    store.dispatch({ type: "podDetail/tabbed", podId: "p-a", tab: "log" });
    const line = { id: "1", at: nowMs, source: "system", line: "start container" };
    fake.sinks["pod log p-a"]?.[0]?.next([line] as never);
    // After a reconnect the last lines come again.
    fake.sinks["pod log p-a"]?.[0]?.fail({ kind: "network", message: "cut" });
    expect(state().podDetail.logFailure?.message).toBe("cut");
    fake.sinks["pod log p-a"]?.[0]?.next([line, { ...line, id: "2" }] as never);
    expect(state().podDetail).toMatchObject({ lines: [{ id: "1" }, { id: "2" }], logFailure: null });
    store.dispatch({ type: "view/overlayClosed" });
    expect(fake.sinks["pod log p-a"]).toEqual([]);
    expect(state().podDetail.podId).toBeNull();
  });

  it("opens a pod's detail on the part that was asked for", () => {
    const { fake, store, state } = started(stateOf({ type: "pods/received", rows: [pod("a")] }));
    store.dispatch({ type: "view/overlayOpened", overlay: { kind: "pod", id: "p-a", tab: "log" } });
    expect(state().podDetail.tab).toBe("log");
    expect(fake.sinks["pod log p-a"]).toHaveLength(1);
  });
});

describe("following the selection", () => {
  it("opens log and chain of the selected experiment, and only after the cursor rests", () => {
    const { fake, store, state, pass } = started(stateOf(...selectedAt("x1")));
    expect([fake.named("log x1").length, fake.named("metrics x1").length, state().log.experimentId]).toEqual([
      1,
      1,
      "x1",
    ]);
    store.dispatch({ type: "experiments/selected", id: "x2" });
    pass(50);
    store.dispatch({ type: "experiments/selected", id: "x3" });
    pass(50);
    expect(fake.named("log x3")).toHaveLength(0);
    pass(50);
    expect([fake.named("log x2").length, fake.named("log x3").length]).toEqual([0, 1]);
    expect(fake.sinks["log x1"]).toEqual([]);
    expect(state().chain.experimentId).toBe("x3");
  });

  it("shows lines, gaps and restarts, and forgets those of the log before", () => {
    const { fake, store, state, pass } = started(stateOf(...selectedAt("x1")));
    fake.log("x1", { type: "lines", lines: [logLine(0, "a"), logLine(1, "b")] });
    fake.log("x1", { type: "gap", fromSeq: 2, toSeq: 4 });
    fake.log("x1", { type: "restarted", attempt: 2 });
    pass(100);
    const { buffer, loaded } = state().log;
    expect([buffer.endIndex - buffer.firstIndex, buffer.missingLines, loaded]).toEqual([4, 3, true]);
    store.dispatch({ type: "experiments/selected", id: "x2" });
    pass(100);
    expect([buffer.endIndex - buffer.firstIndex, state().log.loaded]).toEqual([0, false]);
  });

  it("knows that a log without lines is empty", () => {
    const empty = experiment(1, { logLines: 0 });
    const { state } = started(stateOf({ type: "experiments/received", rows: [empty] }));
    expect(state().log).toMatchObject({ experimentId: "x1", loaded: true });
  });

  it("fetches earlier lines when a person comes near the first one, page by page", async () => {
    const before = (_id: unknown, beforeSeq: unknown) =>
      Array.from({ length: 1000 }, (_, n) => logLine(Number(beforeSeq) - 1000 + n, `old ${n}`));
    const { fake, store, state, pass } = started(stateOf(...selectedAt("x1")), { answers: { before } });
    const { buffer } = state().log;
    fake.log("x1", { type: "lines", lines: Array.from({ length: 1000 }, (_, n) => logLine(4000 + n, `new ${n}`)) });
    pass(100);
    expect(fake.named("before")).toEqual([]);
    store.dispatch({ type: "log/scrolled", topIndex: buffer.firstIndex + 10 });
    const top = state().log.topIndex;
    await answered();
    expect(fake.named("before")).toEqual([["before", "x1", 4000, 1000]]);
    expect([buffer.endIndex - buffer.firstIndex, state().log.topIndex]).toEqual([2000, top]);
    expect(buffer.line(top)).toMatchObject({ text: "new 10" });
    store.dispatch({ type: "log/scrolled", topIndex: buffer.firstIndex });
    await answered();
    await answered();
    expect(fake.named("before")).toHaveLength(2);
    expect(buffer.line(buffer.firstIndex)).toMatchObject({ seq: 2000 });
  });
});

describe("history of the queue", () => {
  const ended = (number: number) =>
    experiment(number, {
      status: "pass",
      endedAt: nowMs - (1000 - number) * 1000,
      _creationTime: number,
      createdAt: number,
    });
  const live = Array.from({ length: 200 }, (_, n) => ended(999 - n));
  const page = Array.from({ length: 100 }, (_, n) => ended(799 - n));

  it("is fetched when the cursor comes near the end, from the oldest ended row on", async () => {
    const { fake, store, state } = started(stateOf({ type: "experiments/received", rows: live }), {
      answers: { older: () => ({ rows: page, more: false }) },
    });
    expect(fake.named("older")).toEqual([]);
    store.dispatch({ type: "experiments/selected", id: "x820" });
    await answered();
    expect(fake.named("older")).toEqual([["older", "x800", 100]]);
    expect(visibleExperiments(state().experiments).length).toBe(300);
    store.dispatch({ type: "experiments/selected", id: "x700" });
    expect(fake.named("older")).toHaveLength(1);
  });

  it("stops after some pages when a filter matches nothing of it", async () => {
    const { fake, store } = started(stateOf({ type: "experiments/received", rows: live }), {
      answers: { older: () => ({ rows: page, more: true }) },
    });
    store.dispatch({ type: "experiments/filtered", filter: "nowhere" });
    for (let round = 0; round < 20; round++) await answered();
    expect(fake.named("older")).toHaveLength(5);
  });

  it("says when it can't be had, and tries again with the next move", async () => {
    const { fake, store, state } = started(stateOf({ type: "experiments/received", rows: live }), {
      answers: {
        older() {
          throw new FailureError({ kind: "server", message: "busy" });
        },
      },
    });
    store.dispatch({ type: "experiments/selected", id: "x801" });
    await answered();
    expect(state().actions.notice?.text).toBe("Older experiments: busy");
    store.dispatch({ type: "experiments/selected", id: "x800" });
    await answered();
    expect(fake.named("older")).toHaveLength(2);
  });
});

describe("the cursor", () => {
  it("starts on the first row, and goes to the neighbour when its row is gone", () => {
    const { fake, store, state, pass } = started(stateOf());
    fake.experiments(rows);
    fake.pods([pod("a"), pod("b")]);
    pass(100);
    expect([state().experiments.selectedId, state().pods.selectedId]).toEqual(["x1", "p-a"]);
    store.dispatch({ type: "experiments/selected", id: "x2" });
    store.dispatch({ type: "experiments/removed", id: "x2" });
    expect(state().experiments.selectedId).toBe("x3");
    store.dispatch({ type: "experiments/removed", id: "x3" });
    expect(state().experiments.selectedId).toBe("x1");
    store.dispatch({ type: "pods/filtered", filter: "name:b" });
    expect(state().pods.selectedId).toBe("p-b");
    store.dispatch({ type: "experiments/removed", id: "x1" });
    expect(state().experiments.selectedId).toBeNull();
    pass(1000);
    expect(state().log.experimentId).toBeNull();
  });

  it("waits for the row it was on when the room was left", () => {
    const { fake, state } = started(stateOf({ type: "experiments/selected", id: "x3" }));
    expect(state().experiments.selectedId).toBe("x3");
    fake.experiments(rows);
    expect(state().experiments.selectedId).toBe("x3");
  });
});

describe("time on the screen", () => {
  it("moves at each minute while nothing counts in seconds, and at each second while something does", () => {
    const { store, state, pass, fake } = started(stateOf(...selectedAt("x1")));
    pass(59_000);
    expect(state().view.nowMs).toBe(nowMs);
    pass(1000);
    expect(state().view.nowMs).toBe(nowMs + 60_000);
    pass(10_500);
    fake.link(lostLink);
    pass(3000);
    expect(state().view.nowMs).toBe(nowMs + 73_000);
    store.dispatch({ type: "link/changed", link: liveLink });
    pass(1000);
    pass(20_000);
    expect(state().view.nowMs).toBe(nowMs + 74_000);
  });

  it("spins only while something is pending", () => {
    const { store, state, pass } = started(stateOf(...selectedAt("x1")));
    pass(10_000);
    expect(state().view.spin).toBe(0);
    store.dispatch({ type: "action/started", action: { id: 1, title: "a", target: null, startedAt: nowMs } });
    pass(600);
    expect(state().view.spin).toBe(5);
    store.dispatch({ type: "action/succeeded", id: 1, text: "done", at: nowMs });
    pass(10_000);
    expect(state().view.spin).toBe(5);
  });

  it("takes notices away after a while, failures later", () => {
    const { store, state, pass } = started(stateOf());
    store.dispatch({ type: "notice/shown", tone: "info", text: "a", at: nowMs });
    pass(7000);
    store.dispatch({ type: "notice/shown", tone: "bad", text: "b", at: nowMs });
    pass(9000);
    expect(state().actions.notice?.text).toBe("b");
    pass(8000);
    expect(state().actions.notice).toBeNull();
    expect(state().actions.history).toHaveLength(2);
  });
});

describe("long searches", () => {
  it("go on by themselves until everything held has been looked at", () => {
    const { store, state, pass } = started(stateOf(...selectedAt("x1")));
    const { buffer } = state().log;
    const text = "x".repeat(1000);
    buffer.append(Array.from({ length: 20_000 }, (_, seq) => logLine(seq, seq === 3 ? "needle" : text)));
    store.dispatchAll([
      { type: "log/appended" },
      { type: "log/searched", search: { pattern: "needle", only: false, problem: null, hits: 0, current: -1 } },
    ]);
    const revision = state().log.revision;
    pass(1000);
    const slices = state().log.revision - revision;
    expect(slices).toBeGreaterThan(2);
    expect(slices).toBeLessThan(20);
    expect([...buffer.find(/needle/gi, "debug")]).toEqual([buffer.firstIndex + 3]);
  });
});

describe("alerts", () => {
  it("are raised when their cause has lasted, kept acknowledged, and go with it", () => {
    const converged = experiment(1, {
      status: "running",
      startedAt: nowMs - 3_600_000,
      metrics: { "chain.converged": 1 },
    });
    const { fake, store, state, pass } = started(stateOf());
    fake.experiments([converged]);
    pass(2000);
    expect(state().alerts.open).toEqual([]);
    pass(180_000);
    expect(state().alerts.open).toMatchObject([{ key: "chain.converged:x1", acknowledged: false }]);
    const { raisedAt } = state().alerts.open[0]!;
    store.dispatch({ type: "alerts/acknowledged", key: "chain.converged:x1" });
    fake.experiments([
      { ...converged, updatedAt: nowMs },
      experiment(2, { status: "fail", endedAt: nowMs, result: "exit code 1" }),
    ]);
    pass(2000);
    expect(state().alerts.open).toMatchObject([
      { severity: "critical", text: "EXP-002 failed: exit code 1" },
      { key: "chain.converged:x1", acknowledged: true, raisedAt },
    ]);
    fake.experiments([]);
    pass(2000);
    expect(state().alerts.open).toEqual([]);
  });

  it("see what comes in pods' samples", () => {
    const { fake, state, pass } = started(stateOf());
    fake.pods([pod("a", { experiments: ["EXP-001"] })]);
    const samples = Array.from({ length: 11 }, (_, n) =>
      sample("p-a", nowMs - (10 - n) * 60_000, { gpuUtilPercent: n < 5 ? 90 : 1 }),
    );
    fake.sinks["telemetry"]?.[0]?.next(samples as never);
    pass(2000);
    expect(state().alerts.open).toMatchObject([{ key: "pod.gpuIdle:p-a" }]);
  });
});
