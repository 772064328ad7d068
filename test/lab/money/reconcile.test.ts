import { describe, expect, it, vi } from "vitest";
import { createReconciler } from "../../../src/lab/money/reconcile.js";
import { billed, openBiller } from "./fake-biller.js";
import { hourMs, midnight, minuteMs, openLedger } from "./ledger-fixture.js";
import { randomOf } from "./random.js";

const podId = "p1";

async function open() {
  const { provider, biller } = openBiller();
  const lab = await openLedger({ providers: [provider] });
  await lab.addPod(podId);
  /** Looks every four minutes, from midnight on. */
  const run = async (untilMs: number, ids: readonly string[] = [podId]) => {
    for (let at = Math.max(midnight, lab.clock.at); at <= untilMs; at += 4 * minuteMs) {
      await lab.look(at, ...ids.map((id) => ({ podId: id, slots: 2, idle: true })));
    }
  };
  return { ...lab, biller, run };
}

describe("a provider's bill", () => {
  it("replaces what the lab counted, hour by hour; the rest stays an estimate", async () => {
    const { run, biller, reconciler, summary, hours } = await open();
    await run(midnight + 3 * hourMs);
    expect(await summary()).toMatchObject({ todayUsd: 10.77, estimated: true, billedUntil: null });
    biller.bill = [billed("rp-p1", midnight, 3_600_000, 6849), billed("rp-p1", midnight + hourMs, 3_580_000, 6849)];
    await reconciler.ask();
    const costs = await summary();
    expect(costs.todayUsd).toBe((3_600_000 + 3_580_000 + 2 * 6849 + 3_590_000) / 1e6);
    expect(costs.summary).toMatchObject({ gpuUsd: 10.77, storageUsd: 0.013698 });
    expect(costs).toMatchObject({ estimated: true, billedUntil: midnight + 2 * hourMs });
    expect(costs.hours.map(({ usd, estimated }) => [usd, estimated])).toEqual([
      [3.606849, false],
      [3.586849, false],
      [3.59, true],
      [0, false],
    ]);
    // Both numbers are kept.
    expect((await hours(podId))[0]).toMatchObject({ gpu_micros: 3_590_000, billed_micros: 3_606_849 });
    // Waste is the same part of the bill as it was of the estimate.
    expect(costs.idleTodayUsd).toBe(10.77);
  });

  it("leaves out what still fills, and takes what was revised", async () => {
    const { run, biller, reconciler, summary } = await open();
    await run(midnight + hourMs);
    biller.bill = [{ ...billed("rp-p1", midnight, 100_000), open: true }];
    await reconciler.ask();
    expect(await summary()).toMatchObject({ todayUsd: 3.59, estimated: true });
    biller.bill = [billed("rp-p1", midnight, 3_000_000)];
    await reconciler.ask();
    expect(await summary()).toMatchObject({ todayUsd: 3, estimated: false, billedUntil: midnight + hourMs });
    biller.bill = [billed("rp-p1", midnight, 3_100_000)];
    await reconciler.ask();
    expect(await summary()).toMatchObject({ todayUsd: 3.1 });
  });

  it("comes late: the hours before were estimates until then, and yesterday's day is corrected", async () => {
    const { run, biller, reconciler, summary, clock } = await open();
    await run(midnight + hourMs);
    clock.at = midnight + 30 * hourMs;
    expect(await summary()).toMatchObject({ summary: { totalUsd: 3.59 }, todayUsd: 0, estimated: true });
    biller.bill = [billed("rp-p1", midnight, 3_333_333)];
    await reconciler.ask();
    const costs = await summary();
    expect(costs.summary.totalUsd).toBe(3.333333);
    expect(costs.days.map(({ at, usd }) => [at, usd])).toEqual([
      [midnight, 3.333333],
      [midnight + 24 * hourMs, 0],
    ]);
  });

  it("that says nothing new wakes nobody", async () => {
    const { run, biller, reconciler, store } = await open();
    await run(midnight + hourMs);
    biller.bill = [billed("rp-p1", midnight, 3_000_000)];
    await reconciler.ask();
    const heard: string[] = [];
    store.onChange((topics) => heard.push(...topics));
    await reconciler.ask();
    expect(heard).toEqual([]);
  });

  it("names pods that the lab never saw by the provider's id, until it sees them", async () => {
    const { biller, reconciler, summary, addPod, clock } = await open();
    clock.at = midnight + 2 * hourMs;
    biller.bill = [billed("abc123", midnight, 1_000_000), billed("abc123", midnight + hourMs, 1_000_000)];
    await reconciler.ask();
    expect((await summary()).pods.find(({ id }) => id === "abc123")).toMatchObject({
      name: "abc123",
      monthUsd: 2,
      gpuHours: null,
      estimated: false,
    });
    await addPod("late", { provider_id: "abc123", name: "found again" });
    await reconciler.ask();
    const { pods, summary: total } = await summary();
    expect(pods.map(({ id, monthUsd }) => [id, monthUsd])).toEqual([
      ["late", 2],
      [podId, null],
    ]);
    expect(total.totalUsd).toBe(2);
  });

  it("is shared by the experiments of the hour as the estimate was", async () => {
    const { run, addRun, biller, reconciler, experiments, summary } = await open();
    const all = await addRun(podId, midnight, midnight + hourMs / 2, { command: "true", slots: 2 });
    const half = await addRun(podId, midnight + hourMs / 2, midnight + hourMs);
    await run(midnight + hourMs + 4 * minuteMs);
    expect(await experiments.get(all)).toMatchObject({ costUsd: 1.795, costEstimated: true });
    biller.bill = [billed("rp-p1", midnight, 4_000_000, 1_000)];
    await reconciler.ask();
    expect(await experiments.get(all)).toMatchObject({ costUsd: 2, costEstimated: false });
    expect(await experiments.get(half)).toMatchObject({ costUsd: 1, costEstimated: false });
    const costs = await summary();
    expect(costs.queues).toMatchObject([{ id: "default", monthUsd: 3 }]);
    expect(costs.experiments.map(({ id, monthUsd, estimated }) => [id, monthUsd, estimated])).toEqual([
      [half, 1, false],
      [all, 2, false],
    ]);
  });

  it("adds up to its own total, whatever part of it has come", async () => {
    const { integer, next } = randomOf(11);
    const { run, biller, reconciler, summary, addPod, hours } = await open();
    const ids = ["a", "b", "c"];
    for (const id of ids) await addPod(id);
    await run(midnight + 6 * hourMs, ids);
    for (let round = 0; round < 8; round++) {
      biller.bill = ids
        .flatMap((id) =>
          Array.from({ length: 6 }, (_, hour) =>
            billed(`rp-${id}`, midnight + hour * hourMs, integer(0, 5e6), integer(0, 9999)),
          ),
        )
        .filter(() => next() < 0.7);
      await reconciler.ask();
      const rows = (await Promise.all(ids.map(hours))).flat();
      const expected = rows.reduce((sum, row) => sum + (row.billed_micros ?? row.gpu_micros + row.disk_micros), 0);
      const costs = await summary();
      expect(costs.summary.totalUsd).toBe(expected / 1e6);
      expect(Math.round(costs.pods.reduce((sum, { monthUsd }) => sum + (monthUsd ?? 0), 0) * 1e6)).toBe(expected);
      for (const { hourAt, micros } of biller.bill) {
        expect(rows.some((row) => row.hour_at === hourAt && row.billed_micros === micros)).toBe(true);
      }
    }
  });
});

describe("asking for it", () => {
  it("asks for three days, and once a day for the whole month", async () => {
    const { biller, reconciler, clock } = await open();
    const monthStart = Date.UTC(2026, 10, 1);
    await reconciler.ask();
    clock.at += hourMs;
    await reconciler.ask();
    clock.at += 24 * hourMs;
    await reconciler.ask();
    expect(biller.asked).toEqual([monthStart, midnight + hourMs - 72 * hourMs, monthStart]);
  });

  it("keeps what it has when the provider does not answer, and says so once", async () => {
    const { run, biller, reconciler, summary, logged } = await open();
    await run(midnight + hourMs);
    biller.failure = new Error("503");
    await reconciler.ask();
    await reconciler.ask();
    expect(logged).toEqual(["bill of runpod: 503"]);
    expect(await summary()).toMatchObject({ todayUsd: 3.59, estimated: true });
  });

  it("starts asking by itself, and asks nobody who does not rent", async () => {
    const rents = openBiller();
    const own = openBiller("ssh", false);
    const lab = await openLedger();
    const reconciler = createReconciler({ ...lab, providers: [rents.provider, own.provider], log: () => undefined });
    reconciler.start();
    await vi.waitFor(() => expect(rents.asked).toHaveLength(1));
    await reconciler.stop();
    expect(own.asked).toEqual([]);
  });

  it("knows what is left and for how long, or why it does not", async () => {
    const { run, biller, reconciler, summary } = await open();
    await reconciler.ask();
    expect((await summary()).balance).toEqual({ usd: null, runwayHours: null, reason: "no GraphQL" });
    biller.balance = { micros: 35_900_000, spendMicrosPerHour: null, reason: null };
    await reconciler.ask();
    await run(midnight + minuteMs);
    expect((await summary()).balance).toEqual({ usd: 35.9, runwayHours: 10, reason: null });
    biller.balance = { micros: 35_900_000, spendMicrosPerHour: 7_180_000, reason: null };
    await reconciler.ask();
    expect((await summary()).balance).toMatchObject({ runwayHours: 5 });
  });

  it("lasts longer as soon as a pod is stopped, though the balance is of before", async () => {
    const { run, biller, reconciler, summary, addPod, store } = await open();
    await addPod("p2");
    await run(midnight + minuteMs);
    biller.balance = { micros: 35_900_000, spendMicrosPerHour: 7_180_000, reason: null };
    await reconciler.ask();
    expect((await summary()).balance).toMatchObject({ runwayHours: 5 });
    await store.change((change) =>
      change.tx.updateTable("pods").set({ status: "stopped", cost_per_hour_usd: 0 }).where("id", "=", "p2").execute(),
    );
    expect((await summary()).balance).toMatchObject({ runwayHours: 10 });
  });

  it("counts a pod that comes up as soon as it has a price", async () => {
    const { addPod, summary } = await open();
    await addPod("coming", { status: "creating" });
    await addPod("asked", { status: "creating", cost_per_hour_usd: null });
    expect((await summary()).summary.liveRunning).toMatchObject({ podCount: 2, hourlyUsd: 7.18 });
  });
});
