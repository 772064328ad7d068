import { describe, expect, it } from "vitest";
import { createLogRing } from "../../src/app/log-ring.js";
import { logWindow } from "../../src/app/selectors/log-window.js";
import { staleSince } from "../../src/app/slices/link.js";
import { restoredState, toSnapshot } from "../../src/app/snapshot.js";
import { fromSnapshot } from "../../src/app/snapshot-schema.js";
import { experiment, logLine, nowMs, pod, sample, stateOf } from "./fixtures.js";

const rows = [experiment(1, { status: "running" }), experiment(2)];
const series = {
  experimentId: "x1",
  points: Array.from({ length: 3000 }, (_, n) => ({
    name: "chain.rminus1",
    rank: 0,
    step: n,
    value: 1 / (n + 1),
    at: nowMs + n,
  })),
  targets: { rminus1: 0.01, rminus1_cl: null },
};

function used() {
  const state = stateOf(
    { type: "experiments/received", rows },
    { type: "experiments/selected", id: "x2" },
    { type: "experiments/filtered", filter: "run" },
    { type: "experiments/sorted", sort: "title", reversed: true },
    { type: "experiments/bookmarkToggled", id: "x1" },
    { type: "experiments/markToggled", id: "x2" },
    { type: "pods/received", rows: [pod("a")] },
    { type: "telemetry/received", samples: [sample("p-a", nowMs)] },
    { type: "view/focused", pane: "log" },
    { type: "view/zoomed", zoomed: true },
    { type: "log/opened", experimentId: "x1" },
    { type: "log/wrapToggled" },
    { type: "log/levelSet", level: "info" },
    { type: "chain/opened", experimentId: "x1" },
    { type: "chain/received", series },
    { type: "alerts/derived", open: [{ key: "k", severity: "info", text: "t", target: null }], at: nowMs },
    { type: "alerts/acknowledged", key: "k" },
  );
  state.log.buffer.append(Array.from({ length: 300 }, (_, seq) => logLine(seq, `line ${seq}`)));
  return state;
}

const roundTrip = (json: unknown) => restoredState(createLogRing(), fromSnapshot(JSON.parse(JSON.stringify(json))));

describe("snapshot", () => {
  it("brings back the view and the last known rows, marked as old", () => {
    const before = used();
    const after = roundTrip(toSnapshot(before, nowMs));
    expect(after.experiments).toEqual({ ...before.experiments, older: [], moreOlder: true });
    expect(after.pods).toEqual(before.pods);
    expect(after.view).toMatchObject({ focus: "log", zoomed: true });
    expect(after.log).toMatchObject({ experimentId: "x1", wrap: true, level: "info", loaded: true });
    expect(logWindow(after.log, { width: 80, height: 2 }).rows.map(({ text }) => text)).toEqual([
      "line 298",
      "line 299",
    ]);
    expect(after.chain.series?.points).toHaveLength(2000);
    expect(after.chain.series?.points.at(-1)).toEqual(series.points.at(-1));
    expect([after.link.fromDisk, after.link.label, staleSince(after.link)]).toEqual([true, "local lab", nowMs]);
    expect(after.alerts.acknowledgedBefore).toEqual(["k"]);
  });

  it("keeps its age when nothing live has come in between", () => {
    const later = toSnapshot(roundTrip(toSnapshot(used(), nowMs)), nowMs + 60_000);
    expect(later.savedAt).toBe(nowMs);
    expect(later.acknowledged).toEqual(["k"]);
  });

  it("keeps at most 200 rows, the selected one among them", () => {
    const many = Array.from({ length: 500 }, (_, n) => experiment(n));
    const state = stateOf({ type: "experiments/received", rows: many }, { type: "experiments/selected", id: "x400" });
    const { last } = toSnapshot(state, nowMs);
    expect(last.experiments).toHaveLength(201);
    expect(last.experiments.at(-1)?._id).toBe("x400");
  });

  it("loses a broken part and no more", () => {
    const good = toSnapshot(used(), nowMs);
    const broken = {
      ...good,
      focus: "sideways",
      queue: { ...good.queue, sort: "colour" },
      last: { ...good.last, pods: "none", experiments: [{ _id: 7 }, ...good.last.experiments] },
      later: "field",
    };
    const after = roundTrip(broken);
    expect(after.view.focus).toBe("queue");
    expect(after.experiments).toMatchObject({ sort: "queue", filter: "run", live: [{ _id: "x1" }, { _id: "x2" }] });
    expect(after.pods.rows).toEqual([]);
  });

  it("starts afresh with what it can't read", () => {
    for (const json of [null, "text", {}, { ...toSnapshot(used(), nowMs), version: 99 }]) {
      expect(fromSnapshot(json)).toBeNull();
    }
    expect(restoredState(createLogRing(), null).link.fromDisk).toBe(false);
  });
});
