import { describe, expect, it } from "vitest";
import { reduce } from "../../src/app/store.js";
import { areaRows } from "../../src/ui/paint/area.js";
import { moneyBarRows } from "../../src/ui/paint/money-bars.js";
import { panes } from "../../src/ui/panes/index.js";
import { fleet, fleetRoom, fleetSamples } from "./fleet.js";
import { lookOf, nowMs, pod, stripSgr } from "./room.js";

const size = { width: 200, height: 48 };
const dark = lookOf("dark");
type Room = ReturnType<typeof fleetRoom>;
const rowsOf = (room: Room, look = dark, inner = size) => panes.pods.rows(room, inner, look);
const plainRow = (room: Room, name: string) =>
  rowsOf(room)
    .map(stripSgr)
    .find((row) => row.includes(name)) ?? "";

describe("the fleet", () => {
  it("warns of idleness only where it costs money", () => {
    const idle = (costPerHourUsd: number | null, provider: string) => {
      const one = pod(1, { name: "this-one", idleMinutes: 47, costPerHourUsd, provider });
      const room = fleetRoom(200, 50, { rows: [one], selectedId: null });
      const inTone = (tone: "alert.warning" | "text.muted") =>
        rowsOf(room).some((row) => row.includes(dark.paint(tone, "47m")));
      return [inTone("alert.warning"), inTone("text.muted")];
    };
    expect(idle(2.49, "runpod")).toEqual([true, false]);
    expect(idle(null, "local")).toEqual([false, true]);
    expect(idle(0, "ssh")).toEqual([false, true]);
  });

  it("says busy of what works, and of nothing else", () => {
    const idleWord = (idleMinutes: number | null) => {
      const one = pod(1, { name: "this-one", idleMinutes, startedAt: null });
      const row = plainRow(fleetRoom(200, 50, { rows: [one], selectedId: null }), "this-one");
      return /busy|<1m|\b\d+m\b/.exec(row)?.[0] ?? "–";
    };
    expect([0, 0.2, 7, null].map(idleWord)).toEqual(["busy", "<1m", "7m", "–"]);
  });

  it("says an estimate with ~ and what is unknown with –", () => {
    const room = fleetRoom(200, 50);
    expect(plainRow(room, "chain-a")).toContain("~$22.10");
    expect(plainRow(room, "archive")).toMatch(/ – .*disk \$14\.00\/mo/);
  });

  it("shows each GPU of many, none left out, and the least and the most used", () => {
    const room = fleetRoom(120, 36, { perGpu: true });
    const row = rowsOf(room, dark, { width: 120, height: 20 })
      .map(stripSgr)
      .find((one) => one.includes("eightfold"));
    // The fourth of eight hangs.
    expect(row).toMatch(/[▂-█]{3}▁[▂-█]{4} +0–9\d%/);
  });

  it("draws what is gone in one quiet tone", () => {
    const gone = rowsOf(fleetRoom(200, 50)).find((row) => row.includes("old-sweep")) ?? "";
    expect(gone).toContain(dark.paint("stale", "old-sweep"));
    expect(gone).not.toContain(dark.paint("money", "$3.20"));
  });

  it("does not show old numbers as if they were new", () => {
    const room = fleetRoom(200, 50);
    const later = { ...room, view: { ...room.view, nowMs: nowMs + 12 * 60_000 } };
    expect(plainRow(later, "chain-a")).toContain("no telemetry for 12");
  });

  it("stays within the budget with 500 pods whose samples come every five seconds", () => {
    const rows = Array.from({ length: 500 }, (_, number) => {
      const kind = fleet[number % fleet.length]!;
      return { ...kind, _id: `many${number}`, name: `${kind.name}-${number}` };
    });
    const kept = fleetSamples["pod6"]!;
    const samples = Object.fromEntries(rows.map(({ _id }) => [_id, kept.map((one) => ({ ...one, podId: _id }))]));
    let room = fleetRoom(200, 50, { rows, samples, selectedId: "many250" });
    const times: number[] = [];
    for (let push = 1; push <= 20; push++) {
      const newest = rows.map(({ _id }) => ({ ...kept.at(-1)!, podId: _id, at: nowMs + push * 5000 }));
      const from = process.cpuUsage();
      room = reduce(room, { type: "telemetry/added", samples: newest });
      const painted = rowsOf(room);
      const { user, system } = process.cpuUsage(from);
      times.push((user + system) / 1000);
      expect(painted).toHaveLength(size.height);
    }
    const median = times.sort((a, b) => a - b)[10] ?? Infinity;
    process.stdout.write(`500 pods, a push of samples to rows: median ${median.toFixed(1)} ms of CPU\n`);
    // 1 % of a core at a push every five seconds.
    expect(median).toBeLessThan(50);
  });
});

describe("charts", () => {
  it("fill as far as the value, and leave what is unknown blank", () => {
    const values = [100, 100, 50, 50, null, null, 0, 0];
    const drawn = areaRows({ values, ceiling: 100, label: "100", height: 2 }, dark).map((pieces) =>
      pieces.map(([, text]) => text).join(""),
    );
    expect(drawn).toEqual([" 100 ┤⣿   ", "   0 ┤⣿⣿ ⣀"]);
  });

  it("mark the idle part of a bar without colour, and never draw something as nothing", () => {
    const bars = [
      { usd: 10, idleUsd: 0 },
      { usd: 10, idleUsd: 5 },
      { usd: 0.01, idleUsd: 0 },
      { usd: 0, idleUsd: 0 },
      null,
    ];
    const drawn = moneyBarRows({ bars, labels: ["a", "", "", "", "b"], width: 12, height: 3 }, lookOf("none"));
    expect(drawn.map(stripSgr)).toEqual(["  $10 ┤██   ", "   $0 ┤█▒▁ ·", "       a   b"]);
  });
});
