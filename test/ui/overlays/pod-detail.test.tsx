import { describe, expect, it } from "vitest";
import type { AppEvent } from "../../../src/app/store.js";
import type { PodLogLine } from "../../../src/contract/pod.js";
import { costByDay } from "../../../src/ui/overlays/pod-detail/money.js";
import { experiment, lostLink, nowMs, pod, sample, stateOf } from "../../app/fixtures.js";
import { played } from "./stage.js";

const hourMs = 3_600_000;
const line = (number: number, source = "container"): PodLogLine => ({
  id: String(number),
  at: nowMs,
  source,
  line: `${source} says ${number}`,
});

function opened(...events: readonly AppEvent[]) {
  const running = experiment(1, { status: "running", startedAt: nowMs - 60_000 });
  return played(
    stateOf(
      { type: "view/resized", columns: 96, rows: 24 },
      { type: "experiments/received", rows: [running] },
      { type: "pods/received", rows: [pod("a", { experiments: ["EXP-001"] })] },
      { type: "view/overlayOpened", overlay: { kind: "pod", id: "p-a" } },
      ...events,
    ),
  );
}

describe("a pod's detail", () => {
  it("goes from part to part by Tab and by number", async () => {
    const room = opened();
    await room.sees("[1 Overview]");
    room.press("tab");
    await room.sees("[2 GPUs]");
    room.press("4");
    await room.sees("[4 Log]");
    room.press("tab");
    await room.sees("[1 Overview]");
    room.press("shift-tab");
    await room.sees("[4 Log]");
    room.press("esc");
    await room.until(() => room.top() === null);
  });

  it("changes the window of its charts, and stays within those that there are", async () => {
    const room = opened();
    room.press("2");
    await room.sees("the last 15 min");
    room.press("[");
    await room.sees("the last 1 h");
    room.press("]", "]", "]");
    await room.sees("the last 15 min");
    expect(room.state().pods.windowMs).toBe(900_000);
  });

  it("follows its log until a person scrolls up, and shows one source alone", async () => {
    const lines = Array.from({ length: 60 }, (_, number) => line(number, number % 2 === 0 ? "container" : "system"));
    const room = opened(
      { type: "podDetail/tabbed", podId: "p-a", tab: "log" },
      { type: "podDetail/logReceived", lines },
    );
    await room.sees("system says 59");
    await room.sees("following");
    room.press("k");
    await room.sees("paused");
    room.store.dispatch({ type: "podDetail/logReceived", lines: [line(60)] });
    await room.sees("2 more lines below");
    expect(room.text()).not.toContain("says 60");
    room.press("f");
    await room.sees("says 60");
    room.press("s");
    await room.until(() => !room.text().includes("system says"));
    room.press("s");
    await room.until(() => !room.text().includes("container says"));
  });

  it("says why its log is not live", async () => {
    const cut: AppEvent = { type: "podDetail/logFailed", failure: { kind: "network", message: "the stream was cut" } };
    const received: AppEvent = { type: "podDetail/logReceived", lines: [line(1)] };
    const room = opened({ type: "podDetail/tabbed", podId: "p-a", tab: "log" }, cut);
    await room.sees("the stream was cut");
    expect(room.text()).not.toMatch(/reconnecting|following/);
    room.store.dispatchAll([received, cut]);
    await room.sees("reconnecting: the stream was cut");
    room.store.dispatch({ type: "link/changed", link: lostLink });
    await room.sees(/link lost, \d+ s old/);
  });

  it("leads to what runs there, and says so when the pod has gone", async () => {
    const room = opened();
    room.press("enter");
    await room.until(() => room.top() === null);
    expect(room.state().experiments.selectedId).toBe("x1");
    room.open({ kind: "pod", id: "p-gone" });
    await room.sees("not in this lab any more");
  });
});

describe("cost by day", () => {
  const day = new Date(2026, 10, 20, 12).getTime();
  const at = (hours: number, costPerHourUsd: number | null) => sample("p-a", day + hours * hourMs, { costPerHourUsd });

  it("counts price by time on the day it was spent; a gap or an unknown price counts for nothing", () => {
    const samples = [at(0, 4), at(1, 4), at(1.5, null), at(2.5, 4), at(9, 2), at(10, 2), at(24, 3), at(25, 3)];
    const days = costByDay(samples).map((one) => [new Date(one.at).getDate(), one.usd]);
    // 4 + 2 (half an hour at 4), nothing for the hour of unknown price and the gap, 2; then 3 on the next day.
    expect(days).toEqual([
      [20, 8],
      [21, 3],
    ]);
  });

  it("knows nothing of samples without a price", () => {
    expect(costByDay([at(0, null), at(1, null)])).toEqual([]);
  });
});
