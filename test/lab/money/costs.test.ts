import { describe, expect, it } from "vitest";
import { billed, openBiller } from "./fake-biller.js";
import { hourMs, midnight, minuteMs, openLedger } from "./ledger-fixture.js";

const podId = "p1";

describe("the month, by hand", () => {
  it.each([
    // October in Berlin has 31 × 24 + 1 hours, the day the clocks go back 25; November 30 × 24.
    { zone: "Europe/Berlin", from: "2026-09-30T22:00:00Z", hours: 745, longDay: "2026-10-24T22:00:00Z", dayHours: 25 },
    // March in New York has 31 × 24 - 1 hours, the day they go forward 23.
    {
      zone: "America/New_York",
      from: "2026-03-01T05:00:00Z",
      hours: 743,
      longDay: "2026-03-08T05:00:00Z",
      dayHours: 23,
    },
    { zone: "UTC", from: "2028-02-01T00:00:00Z", hours: 696, longDay: "2028-02-29T00:00:00Z", dayHours: 24 },
  ])(
    "is right to the cent in $zone where it is $hours hours long",
    async ({ zone, from, hours, longDay, dayHours }) => {
      const { addPod, look, summary, clock, costs, labId } = await openLedger({ zone });
      await addPod(podId);
      const start = Date.parse(from);
      // It runs from ten hours before the month until ten hours after it, looked at now and then.
      const end = start + (hours + 10) * hourMs;
      for (let at = start - 10 * hourMs; at < end; at += 317 * minuteMs) await look(at, { podId });
      await look(end, { podId });
      clock.at = start + hours * hourMs - 1;
      const month = await costs.pods(labId, new Date(start + 240 * hourMs).toISOString().slice(0, 7));
      expect(month.totalUsd).toBe(Math.round(hours * 3_590_000) / 1e6);
      clock.at = end;
      const after = await summary();
      expect(after.summary.totalUsd).toBe(35.9);
      expect(after.todayUsd).toBe(35.9);
      expect(after.days.find(({ at }) => at === Date.parse(longDay))?.usd).toBe((dayHours * 3_590_000) / 1e6);
      expect(after.days.at(-1)).toMatchObject({ at: start + hours * hourMs, usd: 35.9 });
    },
  );

  it("holds running, idling and a stopped disk", async () => {
    const { addPod, look, summary } = await openLedger();
    await addPod(podId);
    // 2 h of work, 1 h 30 min idle, then stopped for 20 h 25 min at $20 a month (730 h).
    const stepMs = 5 * minuteMs;
    for (let at = midnight; at < midnight + 2 * hourMs; at += stepMs) await look(at, { podId });
    for (let at = midnight + 2 * hourMs; at < midnight + 3.5 * hourMs; at += stepMs)
      await look(at, { podId, idle: true });
    for (let at = midnight + 3.5 * hourMs; at < midnight + 24 * hourMs; at += stepMs) {
      await look(at, { podId, status: "stopped" });
    }
    const costs = await summary();
    // By hand: 3.5 h × 3.59 = 12.565; 20 h 25 min × 27,397 micro-dollars = 0.559355; 1 h 25 min seen idle at both ends = 5.085833.
    expect(costs.summary).toMatchObject({ month: "2026-11", gpuUsd: 12.565, storageUsd: 0.559355, gpuHours: 3.5 });
    expect(costs.summary.totalUsd).toBe(13.124355);
    expect(costs).toMatchObject({ todayUsd: 13.124355, idleTodayUsd: 5.085833, idleMonthUsd: 5.085833 });
    expect(costs.pods).toEqual([
      {
        id: podId,
        name: podId,
        todayUsd: 13.124355,
        monthUsd: 13.124355,
        gpuHours: 3.5,
        idleUsd: 5.085833,
        diskUsd: 0.559355,
        estimated: true,
      },
    ]);
  });

  it("puts the hours of a half-hour zone into the day in which they start", async () => {
    const { addPod, look, summary } = await openLedger({ zone: "Asia/Kolkata" });
    await addPod(podId);
    const start = Date.parse("2026-11-21T18:30:00Z");
    for (let at = start - hourMs / 2; at <= start + 2 * hourMs; at += minuteMs) await look(at, { podId });
    const { days, todayUsd } = await summary();
    expect(days.map(({ usd }) => usd)).toEqual([3.59, 5.385]);
    expect(todayUsd).toBe(5.385);
  });
});

describe("what it is now and will be", () => {
  it("projects the burn and the stopped disks to the end of the month", async () => {
    const { addPod, look, summary } = await openLedger();
    await addPod(podId);
    await addPod("p2", { status: "stopped", stopped_micros_per_hour: 27_397, cost_per_hour_usd: null });
    await look(midnight, { podId });
    await look(midnight + minuteMs, { podId });
    const costs = await summary();
    expect(costs.summary.liveRunning).toEqual({ podCount: 1, hourlyUsd: 3.59, costUsd: null });
    expect(costs.stoppedDiskHourlyUsd).toBe(0.027397);
    // 22 November 00:01 to 1 December: 9 days but a minute.
    expect(costs.projectedMonthUsd).toBeCloseTo(0.059833 + (3.59 + 0.027397) * (9 * 24 - 1 / 60), 5);
  });

  it("tells what running pods have cost since they were started", async () => {
    const { addPod, summary, clock } = await openLedger();
    await addPod(podId, { started_at: midnight - 2 * hourMs });
    clock.at = midnight + hourMs / 2;
    expect((await summary()).summary.liveRunning).toEqual({ podCount: 1, hourlyUsd: 3.59, costUsd: 8.975 });
  });

  it("knows nothing where nothing was ever counted, and that is not $0", async () => {
    const { addPod, summary } = await openLedger();
    await addPod("here", { provider: "local", cost_per_hour_usd: null, provider_id: null });
    const costs = await summary();
    expect(costs.summary).toMatchObject({ totalUsd: null, gpuUsd: null, storageUsd: null, llmUsd: null });
    expect(costs.summary.liveRunning).toEqual({ podCount: 0, hourlyUsd: null, costUsd: null });
    expect(costs).toMatchObject({ todayUsd: null, projectedMonthUsd: null, billedUntil: null, estimated: false });
    expect(costs).toMatchObject({ hours: [], days: [], experiments: [], budget: { state: "none" } });
    expect(costs.pods).toMatchObject([{ id: "here", todayUsd: null, monthUsd: null }]);
  });

  it("knows that it is nothing when everything was stopped and gone", async () => {
    const { addPod, look, summary, clock, store } = await openLedger();
    await addPod(podId);
    await look(midnight, { podId });
    await look(midnight + minuteMs, { podId, status: "terminated" });
    await store.db.updateTable("pods").set({ status: "terminated" }).execute();
    clock.at = midnight + 30 * hourMs;
    const costs = await summary();
    expect(costs).toMatchObject({ todayUsd: 0, summary: { liveRunning: { podCount: 0, hourlyUsd: 0 } } });
    expect(costs.projectedMonthUsd).toBe(costs.summary.totalUsd);
    clock.at = Date.UTC(2026, 11, 2);
    expect(await summary()).toMatchObject({ summary: { month: "2026-12", totalUsd: 0 } });
  });

  it("calls what this machine costs no estimate: nobody bills it", async () => {
    const { addPod, look, summary } = await openLedger();
    await addPod("here", { provider: "local", cost_per_hour_usd: 0.5, provider_id: null });
    await look(midnight, { podId: "here", costMicrosPerHour: 500_000 });
    await look(midnight + hourMs, { podId: "here", costMicrosPerHour: 500_000 });
    expect(await summary()).toMatchObject({ todayUsd: 0.5, estimated: false, pods: [{ estimated: false }] });
  });

  it("takes the account that is empty first", async () => {
    const first = openBiller("runpod");
    const second = openBiller("other");
    const { addPod, reconciler, summary } = await openLedger({ providers: [first.provider, second.provider] });
    await addPod("a", { cost_per_hour_usd: 2 });
    await addPod("b", { provider: "other", cost_per_hour_usd: 1 });
    first.biller.balance = { micros: 20_000_000, spendMicrosPerHour: null, reason: null };
    second.biller.balance = { micros: 3_000_000, spendMicrosPerHour: null, reason: null };
    await reconciler.ask();
    expect((await summary()).balance).toEqual({ usd: 23, runwayHours: 3, reason: null });
  });

  it("answers what changed since it was last asked, also in the hour that goes on", async () => {
    const { addPod, look, summary } = await openLedger();
    await addPod(podId);
    await look(midnight, { podId });
    for (let minute = 5; minute <= 130; minute += 5) {
      await look(midnight + minute * minuteMs, { podId });
      expect((await summary()).todayUsd).toBeCloseTo((3.59 * minute) / 60, 5);
    }
  });
});

describe("lists", () => {
  it("of pods by month, refused where that is none", async () => {
    const { addPod, look, costs, labId } = await openLedger();
    await addPod(podId);
    await look(midnight, { podId });
    await look(midnight + 2 * minuteMs, { podId });
    expect(await costs.pods(labId)).toMatchObject({ month: "2026-11", totalUsd: 0.119666, pods: [{ id: podId }] });
    expect(await costs.pods(labId, "2026-10")).toMatchObject({ month: "2026-10", totalUsd: 0 });
    await expect(costs.pods(labId, "2026-13")).rejects.toThrow("month: 2026-13 is none; write 2026-11 or current");
  });

  it("of experiments by pod, of one by either id", async () => {
    const { addPod, addRun, look, costs, labId } = await openLedger();
    for (const id of ["a", "b"]) await addPod(id);
    const first = await addRun("a", midnight, midnight + minuteMs);
    const second = await addRun("b", midnight, midnight + 2 * minuteMs);
    for (const at of [midnight, midnight + 2 * minuteMs]) await look(at, { podId: "a" }, { podId: "b" });
    expect(await costs.experiments(labId)).toMatchObject([
      { experimentId: second, displayId: "EXP-002", podId: "b", costUsd: 0.119666, gpuHours: 2 / 60 },
      { experimentId: first, displayId: "EXP-001", podId: "a", costUsd: 0.059833, gpuHours: 1 / 60, gpuType: "H200" },
    ]);
    expect(await costs.experiments(labId, "exp-001")).toEqual([
      {
        _id: `${first}:a`,
        labId,
        experimentId: first,
        displayId: "EXP-001",
        podId: "a",
        gpuType: "H200",
        gpuHours: 1 / 60,
        costUsd: 0.059833,
        estimated: true,
        createdAt: midnight,
      },
    ]);
    await expect(costs.experiments(labId, "EXP-999")).rejects.toThrow("does not exist");
  });
});

it("what is billed and what is estimated add up in one day", async () => {
  const { provider, biller } = openBiller();
  const { addPod, look, reconciler, summary } = await openLedger({ providers: [provider] });
  await addPod(podId);
  for (let at = midnight; at <= midnight + 2 * hourMs; at += 4 * minuteMs) await look(at, { podId });
  biller.bill = [billed("rp-p1", midnight, 3_590_001)];
  await reconciler.ask();
  expect((await summary()).todayUsd).toBe(7.180001);
});
