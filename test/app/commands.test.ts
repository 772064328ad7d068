import { describe, expect, it, vi } from "vitest";
import { commands } from "../../src/app/commands/index.js";
import type { AppEvent, AppState } from "../../src/app/store.js";
import type { LogLevel } from "../../src/contract/log-entry.js";
import { FailureError } from "../../src/core/failure.js";
import { experiment, logLine, lostLink, nowMs, pod, room, stateOf } from "./fixtures.js";

const running = experiment(1, { status: "running", title: "chain", config: '{"graceSeconds":30}' });
const queued = experiment(2, { status: "queued" });
const blocked = experiment(3, { status: "blocked" });
const failed = experiment(4, {
  status: "fail",
  endedAt: nowMs - 1000,
  template: "mcmc",
  config: '{"args":["--seed","7"]}',
});
const passed = experiment(5, { status: "pass", endedAt: nowMs - 2000 });
const rows = [running, queued, blocked, failed, passed];

const at = (id: string, ...more: AppEvent[]) =>
  stateOf({ type: "experiments/received", rows }, { type: "experiments/selected", id }, ...more);
const marked = (...ids: string[]) => at("x5", ...ids.map((id): AppEvent => ({ type: "experiments/markToggled", id })));

type Options = Parameters<typeof room>[1];

/** Runs a command and answers its question with yes. */
async function run(id: string, state: AppState, options?: Options) {
  const opened = room(state, options);
  await opened.runner.run(id);
  const asked = opened.state().view.overlays.at(-1);
  if (asked?.kind === "confirm" || asked?.kind === "typed") await opened.runner.answerYes();
  return { ...opened, asked, sent: opened.fake.calls, notice: opened.state().actions.notice?.text };
}

const overlay = (state: AppState) => state.view.overlays.at(-1);

describe("commands on experiments", () => {
  it("cancel says what will happen, and asks before it does", async () => {
    const { asked, sent, notice } = await run("experiment.cancel", at("x1"));
    expect(asked).toMatchObject({
      kind: "confirm",
      question: "Stop EXP-001 chain?",
      effect: "Stops its processes (TERM, KILL after 30 s); what was written stays.",
    });
    expect(sent).toEqual([["cancel", "x1"]]);
    expect(notice).toBe("EXP-001 is being stopped");
  });

  it("cancel of a waiting one takes it out of the queue", async () => {
    const { asked, notice } = await run("experiment.cancel", at("x2"));
    expect(asked).toMatchObject({
      question: "Cancel EXP-002 run 2?",
      effect: "Takes it out of the queue before it has run.",
    });
    expect(notice).toBe("EXP-002 is cancelled");
  });

  it("does nothing before the answer, and nothing when it is not given", async () => {
    const { runner, fake, store, state } = room(at("x1"));
    await runner.run("experiment.cancel");
    store.dispatch({ type: "view/overlayClosed" });
    await runner.answerYes();
    expect([fake.calls, state().actions.pending]).toEqual([[], []]);
  });

  it("acts on what was asked about, even if the selection has moved since", async () => {
    const { runner, store, fake } = room(at("x1"));
    await runner.run("experiment.cancel");
    store.dispatch({ type: "experiments/selected", id: "x2" });
    await runner.answerYes();
    expect(fake.calls).toEqual([["cancel", "x1"]]);
  });

  it("acts on all marked ones it can act on, says which, and clears the marks", async () => {
    const { asked, sent, state, notice } = await run("experiment.cancel", marked("x1", "x2", "x5"));
    expect(asked).toMatchObject({
      question: "Stop or cancel 2 experiments?",
      effect:
        "EXP-001, EXP-002. Stops its processes (TERM, KILL after 30 s); what was written stays. Takes 1 waiting out of the queue before it has run.",
    });
    expect(sent).toEqual([
      ["cancel", "x1"],
      ["cancel", "x2"],
    ]);
    expect(notice).toBe("2 of 2 done");
    expect(state().experiments.marked).toEqual([]);
  });

  it("lists what failed of several, and keeps the marks to try again", async () => {
    const { notice, state } = await run("experiment.cancel", marked("x1", "x2"), {
      answers: {
        cancel(id) {
          if (id === "x2") throw new FailureError({ kind: "conflict", message: "is just starting" });
          return running;
        },
      },
    });
    expect(notice).toBe("1 of 2 done · Cancel EXP-002: is just starting");
    expect(state().experiments.marked).toHaveLength(2);
  });

  it("is pending while the server has not answered, on the row it is about", async () => {
    let answer: (value: unknown) => void = () => undefined;
    const { runner, state } = room(at("x4"), {
      answers: { restart: () => new Promise((resolve) => (answer = resolve)) },
    });
    const done = runner.run("experiment.restart");
    expect(state().actions.pending).toMatchObject([{ title: "Restart EXP-004", target: "x4" }]);
    answer({ ...failed, status: "queued" });
    await done;
    expect(state().actions.pending).toEqual([]);
    expect(state().experiments.live.find(({ _id }) => _id === "x4")?.status).toBe("queued");
  });

  it("says what the server said when it refuses", async () => {
    const { notice, state } = await run("experiment.restart", at("x4"), {
      answers: {
        restart() {
          throw new FailureError({ kind: "conflict", message: "no such attempt", hint: "copy it" });
        },
      },
    });
    expect(notice).toBe("Restart EXP-004 failed: no such attempt · copy it");
    expect(state().actions.notice?.tone).toBe("bad");
  });

  it.each([
    ["experiment.priorityUp", "x2", ["patch", "x2", { priority: "high" }], "EXP-002 is high now"],
    ["experiment.priorityDown", "x3", ["patch", "x3", { priority: "low" }], "EXP-003 is low now"],
    ["experiment.unblock", "x3", ["patch", "x3", { status: "queued" }], "EXP-003 is in the queue again"],
    ["experiment.restart", "x4", ["restart", "x4"], "EXP-004 is queued again"],
    ["experiment.delete", "x5", ["remove", "x5"], "EXP-005 is deleted"],
  ])("%s sends one request", async (command, id, call, said) => {
    const { sent, notice } = await run(command, at(id));
    expect(sent).toEqual([call]);
    expect(notice).toBe(said);
  });

  it.each([
    ["experiment.cancel", "x4", "Stop or cancel: EXP-004 has ended"],
    ["experiment.priorityUp", "x1", "Priority up: EXP-001 is not waiting"],
    ["experiment.unblock", "x2", "Queue or unblock: EXP-002 does not wait to be queued"],
    ["experiment.restart", "x5", "Restart: EXP-005 has passed: copy it"],
    ["experiment.restart", "x2", "Restart: EXP-002 has not ended"],
    ["experiment.delete", "x1", "Delete: EXP-001 runs: stop it first"],
    ["experiment.copy", "none", "Copy to a new experiment: select an experiment"],
    ["link.retry", "x1", "Retry now: the link is up"],
  ])("%s on %s says why not", async (command, id, reason) => {
    const { sent, notice } = await run(command, at(id));
    expect([sent, notice]).toEqual([[], reason]);
  });

  it("changes nothing while the link is lost, and retries when asked to", async () => {
    const lost = at("x1", { type: "link/changed", link: lostLink });
    expect((await run("experiment.cancel", lost)).notice).toBe("Stop or cancel: link lost");
    expect((await run("link.retry", lost)).hostCalls).toEqual([["retry"]]);
  });

  it("delete asks for the id, of several for their number", async () => {
    expect((await run("experiment.delete", at("x5"))).asked).toMatchObject({ kind: "typed", expected: "EXP-005" });
    const { asked, sent, state } = await run("experiment.delete", marked("x4", "x5"));
    expect(asked).toMatchObject({ kind: "typed", expected: "delete 2" });
    expect(sent).toEqual([
      ["remove", "x4"],
      ["remove", "x5"],
    ]);
    expect(state().experiments.live.map(({ _id }) => _id)).toEqual(["x1", "x2", "x3"]);
  });

  it("launches the samples with Enter, in a lab that has had no experiment, and only there", async () => {
    const templates = () => ["mcmc", "fisher-forecast"].map((name) => ({ name, title: name, estimatedSeconds: null }));
    const empty = stateOf({ type: "experiments/received", rows: [] });
    const { sent, notice } = await run("experiment.samples", empty, { answers: { templates } });
    expect(sent.map(([name, draft]) => [name, draft])).toEqual([
      ["templates", undefined],
      ["create", { title: "mcmc", template: "mcmc" }],
      ["create", { title: "fisher-forecast", template: "fisher-forecast" }],
    ]);
    expect(notice).toBe("the samples are queued");
    expect((await run("experiment.samples", at("x1"))).notice).toBe("Launch the samples: only in an empty lab");
    expect((await run("experiment.samples", stateOf())).notice).toBe("Launch the samples: the queue is not known yet");
  });

  it("new opens an empty form, copy one that is filled in", async () => {
    expect(overlay((await run("experiment.new", at("x4"))).state())).toMatchObject({
      kind: "newExperiment",
      draft: { title: "" },
    });
    expect(overlay((await run("experiment.copy", at("x4"))).state())).toEqual({
      kind: "newExperiment",
      draft: {
        title: "run 4",
        computeMode: "CPU",
        priority: "normal",
        template: "mcmc",
        config: { args: ["--seed", "7"] },
      },
    });
  });

  it("edit goes back to the editor until the config is an object, keeping what was typed", async () => {
    const texts = ['{"args": ["--seed", 8}', '// not saved: line 1: x\n{"args": ["--seed", "8"], /* why */ }'];
    const edit = vi.fn<(text: string, extension: string) => Promise<string | null>>(async () => texts.shift() ?? null);
    const { state } = await run("experiment.edit", at("x4"), { host: { edit } });
    expect(edit.mock.calls[1]?.[0]).toMatch(/^\/\/ not saved: line 1: .+\n\{"args": \["--seed", 8\}$/);
    expect(overlay(state())).toMatchObject({ kind: "newExperiment", draft: { config: { args: ["--seed", "8"] } } });
  });

  it("edit left unchanged opens nothing", async () => {
    expect(overlay((await run("experiment.edit", at("x4"))).state())).toBeUndefined();
  });
});

describe("the form", () => {
  const draft = { title: "new one", config: {} };

  it("queues, closes and selects the new row", async () => {
    const { runner, state, fake } = room(
      at("x1", { type: "view/overlayOpened", overlay: { kind: "newExperiment", draft } }),
    );
    expect(await runner.create(draft)).toBeNull();
    expect(fake.calls).toEqual([["create", draft]]);
    expect([overlay(state()), state().experiments.selectedId, state().actions.notice?.text]).toEqual([
      undefined,
      "x99",
      "new one is queued",
    ]);
  });

  it("stays open with the failure", async () => {
    const failure = { kind: "invalid", message: "no template bao" } as const;
    const { runner, state } = room(
      at("x1", { type: "view/overlayOpened", overlay: { kind: "newExperiment", draft } }),
      {
        answers: {
          create() {
            throw new FailureError(failure);
          },
        },
      },
    );
    expect(await runner.create(draft)).toEqual(failure);
    expect(overlay(state())?.kind).toBe("newExperiment");
  });
});

describe("commands of the queue and of lists", () => {
  it("moves the cursor by rows, pages and to the ends, and stops there", async () => {
    const many = Array.from({ length: 200 }, (_, n) => experiment(n));
    const state = stateOf(
      { type: "experiments/received", rows: many },
      { type: "experiments/selected", id: "x0" },
      { type: "view/arranged", bodies: { queue: { width: 56, height: 22 } } },
    );
    const { runner, state: now } = room(state);
    const after = async (id: string) => {
      await runner.run(id);
      return now().experiments.selectedId;
    };
    expect(await after("list.down")).toBe("x1");
    expect(await after("list.pageDown")).toBe("x22");
    expect(await after("list.up")).toBe("x21");
    expect(await after("list.last")).toBe("x199");
    expect(await after("list.down")).toBe("x199");
    expect(await after("list.pageUp")).toBe("x178");
    expect(await after("list.first")).toBe("x0");
  });

  it("opens the log, the details, bookmarks, marks and goes down, copies ids", async () => {
    expect((await run("queue.open", at("x1"))).state().view.focus).toBe("log");
    expect(overlay((await run("queue.detail", at("x1"))).state())).toEqual({ kind: "experiment", id: "x1" });
    expect((await run("queue.bookmark", at("x1"))).state().experiments.bookmarks).toEqual(["x1"]);
    const { experiments } = (await run("queue.mark", at("x1"))).state();
    expect([experiments.marked, experiments.selectedId]).toEqual([["x1"], "x2"]);
    expect((await run("queue.copyId", marked("x1", "x2"))).hostCalls).toEqual([["copy", "EXP-001 EXP-002"]]);
    const tooLong = await run("queue.copyId", at("x1"), { host: { copy: () => false } });
    expect(tooLong.notice).toBe("too long for the terminal's clipboard");
  });

  it("sorts by the next column, and reverses", async () => {
    const { runner, state } = room(at("x1"));
    await runner.run("list.sort");
    await runner.run("list.reverse");
    expect([state().experiments.sort, state().experiments.reversed]).toEqual(["id", true]);
  });
});

describe("commands on pods", () => {
  const local = pod("here", { provider: "local", experiments: ["EXP-001"] });
  const rented = pod("far", { experiments: ["EXP-002"] });
  const off = pod("off", { status: "stopped" });
  const on = (id: string) =>
    stateOf(
      { type: "pods/received", rows: [local, rented, off] },
      { type: "pods/selected", id },
      { type: "view/focused", pane: "pods" },
    );

  it("says that stopping this machine lets runs end", async () => {
    const here = await run("pods.stop", on("p-here"));
    expect(here.asked).toMatchObject({ effect: "No new experiments start on it; EXP-001 go on to their end." });
    expect([here.sent, here.notice]).toEqual([[["stop", "p-here"]], "here takes no new experiments"]);
  });

  it("starts, opens details, copies the name", async () => {
    expect((await run("pods.start", on("p-off"))).sent).toEqual([["start", "p-off"]]);
    expect((await run("pods.start", on("p-far"))).notice).toBe("Start: far is running");
    expect(overlay((await run("pods.detail", on("p-far"))).state())).toEqual({ kind: "pod", id: "p-far" });
    expect((await run("pods.copyName", on("p-far"))).hostCalls).toEqual([["copy", "far"]]);
  });

  it("moves between pods", async () => {
    expect((await run("list.down", on("p-here"))).state().pods.selectedId).toBe("p-far");
  });
});

describe("commands of the log", () => {
  const level = (seq: number): LogLevel => (seq % 100 === 50 ? "error" : "info");
  function logState(...events: AppEvent[]): AppState {
    const state = stateOf(
      { type: "view/focused", pane: "log" },
      { type: "view/arranged", bodies: { log: { width: 80, height: 10 } } },
      { type: "log/opened", experimentId: "x1" },
    );
    const lines = Array.from({ length: 1000 }, (_, seq) =>
      logLine(seq, `line ${seq}`, { level: level(seq), timestamp: nowMs - (1000 - seq) * 1000 }),
    );
    state.log.buffer.append(lines);
    return room(state).store.api.getState() === state ? withEvents(state, { type: "log/appended" }, ...events) : state;
  }
  function withEvents(state: AppState, ...events: AppEvent[]): AppState {
    const { store } = room(state);
    store.dispatchAll(events);
    return store.api.getState();
  }
  const top = ({ log }: AppState) => (log.following ? "end" : log.topIndex - log.buffer.firstIndex);
  const search = (pattern: string): AppEvent => ({
    type: "log/searched",
    search: { pattern, only: false, problem: null, hits: 0, current: -1 },
  });

  it("pauses where it is, scrolls, and follows again at the end", async () => {
    const { runner, state } = room(logState());
    const after = async (id: string) => {
      await runner.run(id);
      return top(state());
    };
    expect(await after("log.follow")).toBe(990);
    expect(await after("list.up")).toBe(989);
    expect(await after("list.pageUp")).toBe(980);
    expect(await after("list.down")).toBe(981);
    expect(await after("list.first")).toBe(0);
    expect(await after("list.last")).toBe("end");
    expect(await after("list.up")).toBe(989);
    expect(await after("list.down")).toBe("end");
    expect(await after("log.follow")).toBe(990);
  });

  it("goes from hit to hit and round, counting them", async () => {
    const { runner, state } = room(logState(search("line \\d*99$")));
    const current = async (id: string) => {
      await runner.run(id);
      const { log } = state();
      return (log.search?.current ?? -1) - log.buffer.firstIndex;
    };
    expect(await current("log.previousHit")).toBe(999);
    expect(await current("log.previousHit")).toBe(899);
    expect(await current("log.nextHit")).toBe(999);
    expect(await current("log.nextHit")).toBe(99);
    expect(top(state())).toBe(96);
    expect(state().log.search?.hits).toBe(10);
  });

  it("says when nothing matches", async () => {
    expect((await run("log.nextHit", logState(search("nowhere")))).notice).toBe("no line matches nowhere");
  });

  it("jumps between errors", async () => {
    const { runner, state } = room(logState());
    const after = async (id: string) => {
      await runner.run(id);
      return top(state());
    };
    expect(await after("log.previousError")).toBe(950);
    expect(await after("log.previousError")).toBe(850);
    expect(await after("log.nextError")).toBe(950);
    await runner.run("log.nextError");
    expect(state().actions.notice?.text).toBe("no next error in what is held");
  });

  it("steps back in time, without hiding anything", async () => {
    const { runner, state } = room(logState());
    const after = async (id: string) => {
      await runner.run(id);
      return top(state());
    };
    expect(await after("log.sinceLonger")).toBe(940);
    expect(await after("log.sinceLonger")).toBe(700);
    expect(await after("log.sinceShorter")).toBe(940);
    expect(await after("log.sinceShorter")).toBe("end");
  });

  it("toggles only, level, wrap, time and shifts", async () => {
    const { runner, state } = room(logState(search("x")));
    for (const id of ["log.only", "log.level", "log.right", "log.right", "log.left", "log.time"]) await runner.run(id);
    expect(state().log).toMatchObject({ search: { only: true }, level: "info", columnOffset: 16, showTime: false });
    await runner.run("log.wrap");
    expect(state().log).toMatchObject({ wrap: true, columnOffset: 0 });
    await runner.run("log.right");
    expect(state().actions.notice?.text).toBe("Scroll right: lines are wrapped");
  });

  it("opens the prompts", async () => {
    expect(overlay((await run("log.only", logState())).state())).toEqual({
      kind: "prompt",
      purpose: "only",
      initial: "",
    });
    expect(overlay((await run("log.since", logState())).state())).toEqual({
      kind: "prompt",
      purpose: "since",
      initial: "",
    });
    expect(overlay((await run("app.find", logState(search("R-1")))).state())).toEqual({
      kind: "prompt",
      purpose: "search",
      initial: "R-1",
    });
  });

  it("copies the line a person means, and the window", async () => {
    expect((await run("log.copyLine", logState())).hostCalls).toEqual([["copy", "line 999"]]);
    const { runner, hostCalls } = room(logState(search("line 500")));
    await runner.run("log.nextHit");
    await runner.run("log.copyLine");
    expect(hostCalls).toEqual([["copy", "line 500"]]);
    const window = (await run("log.copyWindow", logState())).hostCalls[0]?.[1];
    expect(window).toBe(Array.from({ length: 10 }, (_, n) => `line ${990 + n}`).join("\n"));
  });

  it("saves everything that is held, with what is missing in it", async () => {
    const state = logState();
    state.log.buffer.gap(1000, 1009);
    const { hostCalls, notice } = await run("log.save", state);
    const [, name, text] = hostCalls[0] ?? [];
    expect(name).toBe("experiment.log");
    expect(String(text).split("\n")).toHaveLength(1002);
    expect(text).toContain("# 10 lines are missing here");
    expect(notice).toBe("1000 lines of experiment saved to /tmp/experiment.log");
  });

  it("says what went wrong with the file", async () => {
    const saveFile = async () => {
      throw new Error("ENOSPC: no space left");
    };
    expect((await run("log.save", logState(), { host: { saveFile } })).notice).toBe(
      "Save failed: ENOSPC: no space left",
    );
  });
});

describe("commands of the app", () => {
  it("opens help, palette, alerts and the connect page", async () => {
    for (const kind of ["help", "palette", "alerts", "connect"] as const) {
      expect(overlay((await run(`app.${kind}`, at("x1"))).state())).toEqual({ kind });
    }
  });

  it("leaves, suspends and redraws by the host", async () => {
    for (const name of ["leave", "suspend", "redraw"])
      expect((await run(`app.${name}`, at("x1"))).hostCalls).toEqual([[name]]);
  });

  it("moves the focus and zooms", async () => {
    const { runner, state } = room(at("x1"));
    const focusAfter = async (id: string) => {
      await runner.run(id);
      return state().view.focus;
    };
    expect([
      await focusAfter("app.nextPane"),
      await focusAfter("app.previousPane"),
      await focusAfter("app.previousPane"),
    ]).toEqual(["log", "queue", "costs"]);
    expect([await focusAfter("app.focus3"), await focusAfter("app.focus1")]).toEqual(["pods", "queue"]);
    await runner.run("app.zoom");
    expect(state().view.zoomed).toBe(true);
  });

  it("goes back one thing at a time", async () => {
    const { runner, state } = room(
      at(
        "x1",
        { type: "experiments/filtered", filter: "run" },
        { type: "experiments/markToggled", id: "x1" },
        { type: "view/zoomed", zoomed: true },
      ),
    );
    const seen: unknown[] = [];
    for (let step = 0; step < 4; step++) {
      await runner.run("app.back");
      const { experiments, view } = state();
      seen.push([experiments.marked.length, experiments.filter, view.zoomed]);
    }
    expect(seen.slice(0, 3)).toEqual([
      [0, "run", true],
      [0, "", true],
      [0, "", false],
    ]);
    expect(state().actions.notice?.text).toBe("Back: nothing to go back from");
  });

  it("filters the list that has the focus", async () => {
    const find = async (...events: AppEvent[]) => overlay((await run("app.find", at("x1", ...events))).state());
    expect(await find({ type: "experiments/filtered", filter: "a" })).toEqual({
      kind: "prompt",
      purpose: "filter",
      initial: "a",
    });
    expect(await find({ type: "view/focused", pane: "pods" })).toEqual({
      kind: "prompt",
      purpose: "filter",
      initial: "",
    });
  });

  it("never throws, whatever the state: every command on an empty room", async () => {
    for (const { id } of commands) await expect(run(id, stateOf())).resolves.toBeDefined();
    expect((await run("no.such", stateOf())).notice).toBe("no.such is not offered here");
  });
});
