import { expect, test } from "vitest";
import type { TelemetrySample } from "../../../src/contract/pod.js";
import { createFirstLab } from "../../../src/lab/services/labs.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, migrate } from "../../../src/lab/store/store.js";
import { insertSamples, thinHistory } from "../../../src/lab/telemetry/history.js";
import { maxGapMs } from "../../../src/lab/telemetry/idle.js";
import type { Reading } from "../../../src/lab/telemetry/reading.js";
import { createPodTelemetry } from "../../../src/lab/telemetry/samples.js";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const look = { maxGapMs: maxGapMs(5_000) };

const gpu = (utilPercent: number | null, memoryPercent: number | null = 1) => ({
  utilPercent,
  memoryPercent,
  temperatureC: null,
  powerW: null,
});

const told = (more: Partial<NonNullable<Reading["sample"]>> = {}): NonNullable<Reading["sample"]> => ({
  cpuPercent: 2,
  memoryUsedBytes: 4e9,
  memoryTotalBytes: 8e9,
  loadAverage: 0.5,
  gpuUtilPercent: null,
  gpuMemoryPercent: null,
  gpus: [gpu(0)],
  ...more,
});

async function fleet(pods: number) {
  const clock = { at: 1_763_000_000_000, now: () => clock.at };
  const { db } = openSqlite(":memory:");
  await migrate(db);
  const store = await createStore(db, clock);
  const labId = await createFirstLab(store, { name: "l", slug: "l" });
  const podIds = Array.from({ length: pods }, (_, index) => `pod${index}`);
  const pod = { lab_id: labId, provider: "runpod", gpu_type: "NVIDIA H100", gpu_count: 1, status: "running", slots: 1 };
  for (const id of podIds) {
    await db
      .insertInto("pods")
      .values({ ...pod, id, name: id, cost_per_hour_usd: 2.5, accepts_work: 1, created_at: 0, updated_at: 0 })
      .execute();
  }
  const said: string[] = [];
  const open = async () => {
    const telemetry = createPodTelemetry({ store, clock, log: (line) => said.push(line) });
    await telemetry.start();
    return telemetry;
  };
  const reading = (podId: string, more: Partial<Reading> = {}): Reading => ({
    podId,
    labId,
    sample: told(),
    costPerHourUsd: 2.5,
    slotsUsed: 0,
    gpuCount: 1,
    ...more,
  });
  return { clock, store, db, labId, podIds, open, reading, said };
}

const row = (podId: string, at: number, utils: readonly (number | null)[]) => ({
  pod_id: podId,
  at,
  resolution_ms: 0,
  cpu_percent: 20,
  memory_used_bytes: 1e9,
  memory_total_bytes: 8e9,
  load_average: null,
  gpu_util_percent: 40,
  gpu_memory_percent: null,
  cost_per_hour_usd: 2.5,
  slots_used: 0,
  gpus: JSON.stringify(utils.map((util) => gpu(util))),
  idle_since: null,
});

test("many pods are written in one transaction; each wakes telemetry, a change of work also pods and idle", async () => {
  const { store, db, labId, podIds, open, reading, clock } = await fleet(230);
  const telemetry = await open();
  const woken: string[][] = [];
  store.onChange((topics) => woken.push([...topics].sort()));
  await telemetry.record(
    podIds.map((id) => reading(id)),
    look,
  );
  expect(woken).toEqual([["idle", "pods", "telemetry"]]);
  expect(await db.selectFrom("samples").select("pod_id").execute()).toHaveLength(230);
  expect(telemetry.latest(labId)).toHaveLength(230);
  expect(telemetry.latest("elsewhere")).toEqual([]);

  clock.at += 5_000;
  await telemetry.record(
    podIds.map((id) => reading(id)),
    look,
  );
  expect(woken.at(-1)).toEqual(["telemetry"]);
  clock.at += 5_000;
  await telemetry.record(
    podIds.map((id, n) => reading(id, n === 7 ? { slotsUsed: 1 } : {})),
    look,
  );
  expect(woken.at(-1)).toEqual(["idle", "pods", "telemetry"]);
  await telemetry.stop();
});

test("absurd numbers are unknown at the door, and unknown is not idle", async () => {
  const { open, reading, podIds, db } = await fleet(1);
  const telemetry = await open();
  const [id = ""] = podIds;
  const absurd = told({
    cpuPercent: -3,
    memoryUsedBytes: 9e9,
    memoryTotalBytes: 8e9,
    loadAverage: Number.NaN,
    gpuUtilPercent: 250,
    gpus: [gpu(-1, 101), { ...gpu(3), temperatureC: 9000, powerW: -5 }],
  });
  await telemetry.record(
    [reading(id, { sample: absurd, costPerHourUsd: Number.POSITIVE_INFINITY, gpuCount: 2 })],
    look,
  );
  expect(telemetry.newest(id)).toMatchObject({
    cpuPercent: null,
    memoryUsedBytes: null,
    memoryTotalBytes: 8e9,
    loadAverage: null,
    gpuUtilPercent: null,
    costPerHourUsd: null,
    gpus: [gpu(null, null), gpu(3)],
  });
  expect(telemetry.idle(id)).toEqual({ idleSince: null, idleMinutes: null, idleReason: null });
  const [stored] = await db.selectFrom("samples").selectAll().execute();
  expect(stored).toMatchObject({ cpu_percent: null, gpu_util_percent: null, idle_since: null });
  await telemetry.stop();
});

test("no telemetry: nothing is stored, the newest is none, and the idle clock stops", async () => {
  const { open, reading, podIds, clock, db, labId } = await fleet(1);
  const telemetry = await open();
  const [id = ""] = podIds;
  await telemetry.record([reading(id)], look);
  clock.at += 5_000;
  await telemetry.record([reading(id)], look);
  expect(telemetry.idle(id).idleMinutes).toBeCloseTo(5 / 60);
  clock.at += 5_000;
  await telemetry.record([reading(id, { sample: null })], look);
  expect(telemetry.newest(id)).toBeNull();
  expect(telemetry.latest(labId)).toEqual([]);
  expect(telemetry.idle(id).idleMinutes).toBeNull();
  clock.at += 1_000;
  await telemetry.record([reading(id)], look);
  expect(telemetry.idle(id).idleSince).toBe(clock.at);
  expect(await db.selectFrom("samples").select("at").execute()).toHaveLength(3);
  await telemetry.stop();
});

test("the idle clock survives a restart of the lab, also after its samples were thinned, but neither a gap nor a restart of the pod", async () => {
  const { open, reading, podIds, clock, db, store } = await fleet(1);
  const [id = ""] = podIds;
  const first = await open();
  const since = clock.at;
  for (; clock.at < since + 3 * hourMs; clock.at += 30_000) {
    await first.record([reading(id, { uptimeSeconds: 600 + (clock.at - since) / 1000 })], {
      maxGapMs: maxGapMs(30_000),
    });
  }
  await first.stop();
  await thinHistory(store, id, clock.at);
  expect(await db.selectFrom("samples").select("at").where("resolution_ms", ">", 0).execute()).not.toEqual([]);

  const second = await open();
  await second.record([reading(id, { uptimeSeconds: 20_000 })], { maxGapMs: maxGapMs(30_000) });
  expect(second.idle(id).idleSince).toBe(since);
  clock.at += 5_000;
  await second.record([reading(id, { uptimeSeconds: 2 })], look);
  expect(second.idle(id).idleSince).toBe(clock.at);
  await second.stop();

  clock.at += 20_000;
  const third = await open();
  expect(third.idle(id).idleSince).toBeNull();
  await third.record([reading(id)], look);
  expect(third.idle(id).idleSince).toBe(clock.at);
  await third.stop();
});

test("a window of a fleet is that of its single pods: means of what is known, GPU by GPU, bounded", async () => {
  const { open, reading, podIds, clock, store, labId } = await fleet(6);
  const start = clock.at - 2 * hourMs;
  for (const id of podIds) {
    const rows = Array.from({ length: 1440 }, (_, n) => row(id, start + n * 5_000, [n % 2 === 0 ? 30 : 50, null]));
    await insertSamples(store, rows);
  }
  const telemetry = await open();
  const all = await telemetry.window(labId, clock.at - hourMs, { points: 12 });
  const mine = all.filter(({ podId }) => podId === "pod3");
  const one = await telemetry.window(labId, clock.at - hourMs, { points: 12, podId: "pod3" });
  for (const samples of [mine, one]) {
    expect(samples.length).toBeGreaterThanOrEqual(11);
    expect(samples.length).toBeLessThanOrEqual(12);
    for (const { gpus, cpuPercent, memoryUsedBytes, loadAverage } of samples.slice(1, -1)) {
      expect(gpus[0]?.utilPercent).toBeCloseTo(40, 0);
      expect(gpus[1]?.utilPercent).toBeNull();
      expect([cpuPercent, loadAverage]).toEqual([20, null]);
      expect((memoryUsedBytes ?? 0) / 1e9).toBeCloseTo(1, 5);
    }
  }
  expect(isAscending(all)).toBe(true);
  expect(all.every(({ at }) => at >= clock.at - hourMs)).toBe(true);

  await telemetry.record(
    podIds.map((id) => reading(id, { gpuCount: 2, sample: told({ gpus: [gpu(99), gpu(1)] }) })),
    look,
  );
  const newer = await telemetry.window(labId, clock.at - 15 * minuteMs, { points: 300 });
  expect(newer.filter(({ at }) => at === clock.at)).toHaveLength(6);
  expect(newer.filter(({ podId }) => podId === "pod0").length).toBeLessThanOrEqual(300);
  await telemetry.stop();
});

test("a window of a large fleet is bounded as a whole, and terminated pods are left out", async () => {
  const { open, podIds, clock, store, labId, db } = await fleet(150);
  for (const id of podIds) {
    await insertSamples(
      store,
      Array.from({ length: 290 }, (_, n) => row(id, clock.at - n * 5 * minuteMs, [10])),
    );
  }
  await db.updateTable("pods").set({ status: "terminated" }).where("id", "=", "pod5").execute();
  const telemetry = await open();
  const samples = await telemetry.window(labId, clock.at - 24 * hourMs, { points: 300 });
  expect(samples.length).toBeGreaterThan(150 * 90);
  expect(samples.length).toBeLessThanOrEqual(150 * 134);
  expect(samples.some(({ podId }) => podId === "pod5")).toBe(false);
  expect(await telemetry.window(labId, clock.at - hourMs, { podId: "pod5" })).toHaveLength(13);
  await telemetry.stop();
});

const isAscending = (samples: readonly TelemetrySample[]) =>
  samples.every(({ at }, index) => index === 0 || (samples[index - 1]?.at ?? 0) <= at);
