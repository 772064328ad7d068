import { describe, expect, it } from "vitest";
import { createAppStore, reduce } from "../../src/app/store.js";
import { experiment, lostLink, nowMs, pod, stateOf } from "./fixtures.js";

const rows = [experiment(1), experiment(2)];
const failure = { kind: "server", message: "boom" } as const;

describe("store", () => {
  it("keeps the identity of slices that an event does not concern", () => {
    const state = stateOf({ type: "experiments/received", rows });
    const next = reduce(state, { type: "view/zoomed", zoomed: true });
    expect(next.experiments).toBe(state.experiments);
    expect(next.view).not.toBe(state.view);
  });

  it("tells listeners of several events once", () => {
    const store = createAppStore(stateOf());
    let told = 0;
    store.api.subscribe(() => told++);
    store.dispatchAll([
      { type: "view/zoomed", zoomed: true },
      { type: "view/focused", pane: "pods" },
    ]);
    expect([told, store.api.getState().view.focus]).toEqual([1, "pods"]);
  });
});

describe("experiments", () => {
  it("keeps rows that newer ones push out of the watched window, and lets deleted ones go", () => {
    const ended = (number: number) => experiment(number, { status: "pass", endedAt: nowMs });
    const [a, b, c, d] = [ended(4), ended(3), ended(2), ended(1)];
    const loaded = stateOf(
      { type: "experiments/received", rows: [a, b, c] },
      { type: "experiments/olderReceived", rows: [d], more: false },
      { type: "experiments/received", rows: [ended(5), a] },
    );
    // c and b are older than the oldest ended row of the new window.
    expect(loaded.experiments.older.map(({ _id }) => _id)).toEqual(["x3", "x2", "x1"]);
    const deleted = reduce(loaded, { type: "experiments/received", rows: [ended(5), ended(3)] });
    expect(deleted.experiments.older.map(({ _id }) => _id)).toEqual(["x3", "x2", "x1"]);
  });

  it("shows an answer at once, and forgets a deleted row with its mark", () => {
    const state = stateOf(
      { type: "experiments/received", rows },
      { type: "experiments/markToggled", id: "x2" },
      { type: "experiments/changed", row: { ...rows[0]!, title: "new" } },
      { type: "experiments/changed", row: experiment(9) },
      { type: "experiments/removed", id: "x2" },
    );
    expect(state.experiments.live.map(({ title }) => title)).toEqual(["run 9", "new"]);
    expect(state.experiments.marked).toEqual([]);
  });

  it("keeps the last good rows with a failure, and drops the failure with the next ones", () => {
    const failed = stateOf({ type: "experiments/received", rows }, { type: "experiments/failed", failure });
    expect(failed.experiments).toMatchObject({ live: rows, failure });
    expect(reduce(failed, { type: "experiments/received", rows }).experiments.failure).toBeNull();
  });
});

describe("actions", () => {
  const started = {
    type: "action/started",
    action: { id: 1, title: "Cancel EXP-001", target: "x1", startedAt: nowMs },
  } as const;

  it("ends in a notice that says what was done, or what the server said", () => {
    const done = stateOf(started, { type: "action/succeeded", id: 1, text: "done", at: nowMs }).actions;
    expect([done.pending, done.notice?.text]).toEqual([[], "done"]);
    const failed = stateOf(started, {
      type: "action/failed",
      id: 1,
      failure: { ...failure, hint: "wait" },
      at: nowMs,
    }).actions;
    expect([failed.pending, failed.notice?.text]).toEqual([[], "Cancel EXP-001 failed: boom · wait"]);
  });

  it("keeps what was said", () => {
    const { history } = stateOf(
      started,
      { type: "action/failed", id: 1, failure, at: nowMs },
      { type: "notice/cleared" },
    ).actions;
    expect(history).toHaveLength(1);
  });
});

describe("the other slices", () => {
  it("link: a failure to attach goes when the link is live", () => {
    const failed = stateOf({ type: "link/changed", link: lostLink }, { type: "link/failed", failure });
    expect(failed.link.failure).toEqual(failure);
    expect(reduce(failed, { type: "link/changed", link: { state: "live", since: nowMs } }).link.failure).toBeNull();
  });

  it("view: overlays lie on each other and close from the top", () => {
    const state = stateOf(
      { type: "view/overlayOpened", overlay: { kind: "help" } },
      { type: "view/overlayOpened", overlay: { kind: "alerts" } },
      { type: "view/overlayClosed" },
    );
    expect(state.view.overlays).toEqual([{ kind: "help" }]);
  });

  it("log: another log starts at its end, looked at as before", () => {
    const state = stateOf(
      { type: "log/opened", experimentId: "x1" },
      { type: "log/wrapToggled" },
      { type: "log/scrolled", topIndex: 7, sinceMs: 5 },
      { type: "log/opened", experimentId: "x2" },
    );
    expect(state.log).toMatchObject({ experimentId: "x2", wrap: true, following: true, topIndex: 0, sinceMs: null });
  });

  it("pods, chain, templates: failures keep what was known", () => {
    const state = stateOf(
      { type: "pods/received", rows: [pod("a")] },
      { type: "pods/failed", failure },
      { type: "pods/changed", row: pod("a", { status: "stopped" }) },
      { type: "templates/received", rows: [] },
      { type: "templates/failed", failure },
      { type: "chain/opened", experimentId: "x1" },
      { type: "chain/failed", failure },
    );
    expect(state.pods).toMatchObject({ rows: [{ status: "stopped" }], failure });
    expect(state.templates).toMatchObject({ loaded: true, failure });
    expect(state.chain).toMatchObject({ experimentId: "x1", failure });
  });
});
