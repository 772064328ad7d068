import { describe, expect, test } from "vitest";
import { accountCosts, type Bill, type BillablePod } from "../../src/connections/runpod/costs.js";
import { createHistory } from "../../src/connections/runpod/history.js";
import type { TelemetrySample } from "../../src/contract/pod.js";
import type { BilledHour } from "../../src/contract/provider.js";

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 22, 12, 30);
const at = (h: number) => Date.UTC(2026, 10, 22, h);

const billed = (providerId: string, hourAt: number, micros: number, more: Partial<BilledHour> = {}): BilledHour => ({
  providerId,
  hourAt,
  micros,
  gpuMicros: micros - 10_000,
  diskMicros: 10_000,
  open: false,
  ...more,
});

const pod = (fields: Partial<BillablePod> = {}): BillablePod => ({
  id: "a",
  name: "chain-a",
  status: "running",
  costPerHourUsd: 4,
  stoppedCostPerMonthUsd: 20,
  startedAt: at(10),
  ...fields,
});

const bill = (fields: Partial<Bill> = {}): Bill => ({
  hours: [billed("a", at(10), 4_000_000), billed("a", at(11), 1_000_000, { open: true })],
  days: [billed("a", at(0), 5_000_000, { open: true }), billed("old", Date.UTC(2026, 10, 3), 7_000_000)],
  balance: { micros: 50_000_000, spendMicrosPerHour: null, reason: null },
  ...fields,
});

const costs = (b: Bill, pods: readonly BillablePod[]) => accountCosts(b, pods, { now, todayAt: at(0) });

describe("what is not billed yet", () => {
  test("is counted by price for the last two hours, beyond what the bill says of them", () => {
    // 11h: 4 billed 1, so 3 more; 12h: half an hour of 4 is 2.
    const all = costs(bill(), [pod()]);
    expect(all.todayUsd).toBe(10);
    expect(all.summary.totalUsd).toBe(17);
    expect(all.estimated).toBe(true);
    expect(all.billedUntil).toBe(at(11));
    expect(all.hours.at(-1)).toEqual({ at: at(12), usd: 2, idleUsd: 0, estimated: true });
    expect(all.hours.at(-2)).toMatchObject({ at: at(11), usd: 4 });
    expect(all.hours).toHaveLength(24);
    expect(all.hours.at(-4)).toMatchObject({ usd: 0, estimated: false });
  });

  test("nothing for a pod that stands, began later, or whose price is unknown", () => {
    expect(costs(bill(), [pod({ status: "stopped" })]).todayUsd).toBe(5);
    expect(costs(bill({ hours: [] }), [pod({ startedAt: now - hour / 4 })]).todayUsd).toBe(1);
    expect(costs(bill(), [pod({ costPerHourUsd: null })]).todayUsd).toBe(5);
  });
});

test("burn, disks of stopped pods, projection and runway", () => {
  const all = costs(bill(), [
    pod(),
    pod({ id: "b", name: "b", status: "stopped", costPerHourUsd: 0, stoppedCostPerMonthUsd: 73 }),
  ]);
  expect(all.summary.liveRunning).toEqual({ podCount: 1, hourlyUsd: 4, costUsd: 10 });
  expect(all.stoppedDiskHourlyUsd).toBeCloseTo(0.1, 9);
  const restHours = (Date.UTC(2026, 11, 1) - now) / hour;
  expect(all.projectedMonthUsd).toBeCloseTo(17 + 4.1 * restHours, 5);
  expect(all.balance).toEqual({ usd: 50, runwayHours: 50 / 4.1, reason: null });
});

test("by pod: those of the month's bill too that are gone, by their id", () => {
  const rows = costs(bill(), [pod()]).pods;
  expect(rows.map(({ id, name, monthUsd, estimated }) => [id, name, monthUsd, estimated])).toEqual([
    ["a", "chain-a", 10, true],
    ["old", "old", 7, false],
  ]);
});

test("an unknown balance has neither dollars nor runway", () => {
  const unknown = { micros: null, spendMicrosPerHour: null, reason: "not authorized" };
  expect(costs(bill({ balance: unknown }), [pod()]).balance).toEqual({
    usd: null,
    runwayHours: null,
    reason: "not authorized",
  });
});

test("a day of samples is held thinned: 5 s, then a minute, then five", () => {
  const history = createHistory();
  const sample = (atMs: number): TelemetrySample => ({
    podId: "a",
    at: atMs,
    cpuPercent: 1,
    memoryUsedBytes: null,
    memoryTotalBytes: null,
    loadAverage: null,
    gpuUtilPercent: 1,
    gpuMemoryPercent: 1,
    costPerHourUsd: 4,
    gpus: [],
  });
  for (let t = now - 26 * hour; t <= now; t += 5_000) history.add(sample(t));
  const all = history.window(now, { windowMs: 48 * hour, points: 1e9 });
  const inside = (from: number, to: number) => all.filter(({ at: t }) => t > now - from && t <= now - to).length;
  expect(inside(10 * 60_000, 0)).toBe(120);
  expect(inside(50 * 60_000, 20 * 60_000)).toBe(30);
  expect(inside(10 * hour, 2 * hour)).toBe(96);
  expect(all[0]?.at).toBeGreaterThan(now - 24 * hour - 10 * 60_000);
  expect(all.length).toBeLessThan(700);
  expect(history.window(now, { windowMs: hour, points: 60 }).length).toBeLessThanOrEqual(61);
  expect(history.last("a")?.at).toBe(now);
});
