import { expect, test } from "vitest";
import type { Actor } from "../../../src/lab/access/actor.js";
import { ask } from "../../../src/lab/access/asking.js";
import { hourMs, midnight, minuteMs, openLedger } from "./ledger-fixture.js";

/** A machine of one's own with 4 slots and 2 GPUs for 4 $/h, and a second lab. */
async function open() {
  const lab = await openLedger();
  await lab.addPod("here", { provider: "local", provider_id: null, slots: 4, gpu_count: 2, cost_per_hour_usd: 4 });
  const { id: guestId } = await lab.labs.create({ name: "Guest" });
  const machine = { podId: "here", costMicrosPerHour: 4_000_000, stoppedMicrosPerHour: null, slots: 4, gpuCount: 2 };
  const give = (id: string, labId: string, more: object = {}) =>
    lab.store.change(({ tx }) =>
      tx
        .updateTable("experiments")
        .set({ lab_id: labId, ...more })
        .where("id", "=", id)
        .execute(),
    );
  const guestRun = async (fromMs: number, toMs: number | null) => {
    const id = await lab.addRun("here", fromMs, toMs, { command: "true", slots: 2 });
    await give(id, guestId, toMs === null ? { status: "running", pod_id: "here" } : {});
    return id;
  };
  return { ...lab, guestId, guestRun, lookHere: (at: number) => lab.look(at, machine) };
}

test("a guest pays its experiments' shares of a machine that serves every lab, its own lab all the rest", async () => {
  const { addRun, guestRun, lookHere, costs, spending, labId, guestId } = await open();
  await lookHere(midnight);
  await addRun("here", midnight, midnight + hourMs);
  const experiment = await guestRun(midnight, midnight + 30 * minuteMs);
  await lookHere(midnight + hourMs);
  const [own, guest] = [await costs.summary(labId), await costs.summary(guestId)];
  expect([own.summary.totalUsd, guest.summary.totalUsd]).toEqual([3, 1]);
  expect([own.todayUsd, guest.todayUsd]).toEqual([3, 1]);
  expect([own.summary.gpuHours, guest.summary.gpuHours]).toEqual([1.5, 0.5]);
  expect([own.queues[0]?.monthUsd, guest.queues[0]?.monthUsd]).toEqual([1, 1]);
  expect(guest.pods).toMatchObject([{ id: "here", name: "here", monthUsd: 1, estimated: false }]);
  expect(guest.experiments).toMatchObject([{ id: experiment, monthUsd: 1 }]);
  expect(own.experiments).toHaveLength(1);
  expect((await costs.pods(guestId)).totalUsd).toBe(1);
  expect((await spending.month(guestId, "2026-11"))?.total.gpuMicros).toBe(1_000_000);
  expect(await costs.experiments(guestId)).toMatchObject([{ experimentId: experiment, costUsd: 1 }]);
  await expect(costs.experiments(labId, experiment)).rejects.toMatchObject({ code: "not_found" });
});

test("what a guest had stays its own when the experiment is deleted", async () => {
  const { guestRun, lookHere, costs, experiments, labId, guestId } = await open();
  await lookHere(midnight);
  const id = await guestRun(midnight, midnight + 30 * minuteMs);
  await lookHere(midnight + hourMs);
  await experiments.remove(id);
  expect([(await costs.summary(labId)).summary.totalUsd, (await costs.summary(guestId)).summary.totalUsd]).toEqual([
    3, 1,
  ]);
});

test("what goes out now is shared the same way, and so is what the month will cost", async () => {
  const { guestRun, lookHere, costs, labId, guestId } = await open();
  await lookHere(midnight);
  const before = await costs.summary(labId);
  expect(before.summary.liveRunning).toMatchObject({ podCount: 1, hourlyUsd: 4 });
  expect((await costs.summary(guestId)).summary.liveRunning).toMatchObject({ podCount: 0, hourlyUsd: null });
  await guestRun(midnight, null);
  const [own, guest] = [await costs.summary(labId), await costs.summary(guestId)];
  expect([own.summary.liveRunning.hourlyUsd, guest.summary.liveRunning.hourlyUsd]).toEqual([2, 2]);
  expect((own.projectedMonthUsd ?? 0) + (guest.projectedMonthUsd ?? 0)).toBe(before.projectedMonthUsd);
});

test("a lab's hard limit counts what it pays, and pauses it alone", async () => {
  const { guestRun, lookHere, settings, budget, store, labId, guestId } = await open();
  await settings.patch(guestId, { budgetHardLimitUsd: 0.5 });
  await settings.patch(labId, { budgetHardLimitUsd: 50 });
  await lookHere(midnight);
  await guestRun(midnight, midnight + 30 * minuteMs);
  await budget.look();
  await lookHere(midnight + hourMs);
  await budget.look();
  expect(await budget.paused(guestId)).toBe("paused: budget of $0.50 used up ($1.00 this month)");
  expect(await budget.paused(labId)).toBeNull();
  const told = () =>
    store.db
      .selectFrom("events")
      .select(["topic", "lab_id"])
      .where("topic", "like", "lab.queue%")
      .orderBy("seq")
      .execute();
  expect(await told()).toEqual([{ topic: "lab.queuePaused", lab_id: guestId }]);
  await settings.patch(guestId, { budgetHardLimitUsd: null });
  await budget.look();
  expect((await told()).at(-1)).toEqual({ topic: "lab.queueResumed", lab_id: guestId });
});

test("when the home lab goes, the next one has its machines and pays for them", async () => {
  const { lookHere, costs, labs, labId, guestId, store } = await open();
  await lookHere(midnight);
  await lookHere(midnight + hourMs);
  expect((await costs.summary(guestId)).summary.totalUsd).toBeNull();
  await labs.remove(labId, "dark-energy");
  expect((await costs.summary(guestId)).summary.totalUsd).toBe(4);
  const pod = await store.db.selectFrom("pods").select("lab_id").where("id", "=", "here").executeTakeFirst();
  expect(pod?.lab_id).toBe(guestId);
});

test("what is left on the server's account is told to who sees the home lab", async () => {
  const { store, costs, labId, guestId } = await open();
  await store.change(({ tx, at }) =>
    tx
      .insertInto("balances")
      .values({ provider: "runpod", micros: 5_000_000, spend_micros_per_hour: 0, reason: null, at })
      .execute(),
  );
  const key = (id: string): Actor => ({
    kind: "key",
    id,
    name: "key",
    grants: [{ labId: id, noun: "*", verb: "admin" }],
    plan: null,
    expiresAt: null,
  });
  const balance = (id: string) =>
    ask({ actor: key(id), need: "labs:read" }, new Set(), async () => (await costs.summary(id)).balance);
  expect(await balance(labId)).toMatchObject({ usd: 5, reason: null });
  expect(await balance(guestId)).toEqual({ usd: null, runwayHours: null, reason: "the account is the server's" });
});
