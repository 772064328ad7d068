import { expect, test } from "vitest";
import type { Gpu } from "../../../src/contract/pod.js";
import { createFirstLab } from "../../../src/lab/services/labs.js";
import { createPods } from "../../../src/lab/services/pods.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, migrate } from "../../../src/lab/store/store.js";
import { thinHistory } from "../../../src/lab/telemetry/history.js";
import { idleMinutes, nextIdle } from "../../../src/lab/telemetry/idle.js";
import { noteGpus, registerLocalPod } from "../../../src/lab/telemetry/local-pod.js";
import { createSampler } from "../../../src/lab/telemetry/sampler.js";
import { thinSamples } from "../../../src/lab/telemetry/thin.js";

const hourMs = 3_600_000;
const noon = new Date(2026, 10, 21, 12).getTime();

const gpu: Gpu = {
  uuid: "GPU-a",
  index: 0,
  name: "NVIDIA H200",
  utilPercent: 90,
  memoryUsedMiB: 50,
  memoryTotalMiB: 200,
  temperatureC: null,
  powerW: null,
};

async function machine(gpus: readonly Gpu[] = []) {
  const clock = { at: noon, now: () => clock.at };
  const { db } = openSqlite(":memory:");
  await migrate(db);
  const store = await createStore(db, clock);
  const labId = await createFirstLab(store, { name: "l", slug: "l" });
  const register = () => registerLocalPod(store, { labId, slots: 4, costPerHourUsd: 2, name: "here" });
  const podId = await register();
  const host = {
    read: () => ({ cpuPercent: 25, memoryUsedBytes: 1, memoryTotalBytes: 4, loadAverage: 0.5 }),
    readGroups: () => new Map(),
  };
  const parts = { store, clock, templates: [], podId, host, gpus: () => gpus, costPerHourUsd: 2, log: () => undefined };
  const restart = () => createSampler(parts);
  const sampler = restart();
  const pods = createPods({ store, clock, templates: [], telemetry: sampler });
  const samples = () => db.selectFrom("samples").selectAll().orderBy("at").execute();
  return { clock, store, labId, podId, register, sampler, restart, pods, samples };
}

test("a sample is stored, told of and shown in the pod", async () => {
  const { store, clock, labId, podId, sampler, pods } = await machine([gpu]);
  const told: string[][] = [];
  store.onChange((topics) => told.push([...topics]));
  await sampler.sample();
  expect(told[0]).toEqual(["telemetry", "pods"]);
  expect(await pods.telemetry(labId, 0)).toEqual([
    {
      podId,
      at: clock.at,
      cpuPercent: 25,
      memoryUsedBytes: 1,
      memoryTotalBytes: 4,
      loadAverage: 0.5,
      gpuUtilPercent: 90,
      gpuMemoryPercent: 25,
      costPerHourUsd: 2,
    },
  ]);
  expect(await pods.get(podId)).toMatchObject({ idleMinutes: 0, slots: 4, slotsUsed: 0, last: { at: clock.at } });
});

test("the pod of this machine keeps its row, learns of GPUs, drains and accepts again", async () => {
  const { store, labId, podId, register, pods } = await machine();
  expect(await register()).toBe(podId);
  await noteGpus(store, podId, [gpu, gpu]);
  expect(await pods.list(labId)).toMatchObject([
    { name: "here", gpuType: "NVIDIA H200", gpuCount: 2, acceptsWork: true },
  ]);
  expect(await pods.stop(podId)).toMatchObject({ status: "running", acceptsWork: false });
  expect((await pods.stop(podId)).statusReason).toContain("drained");
  expect(await pods.start(podId)).toMatchObject({ acceptsWork: true, statusReason: null });
  await expect(pods.get("nobody")).rejects.toMatchObject({ code: "not_found" });
});

test("cost of today counts from midnight, or from when the pod was first known", async () => {
  const { clock, podId, pods } = await machine();
  clock.at = noon + 3 * hourMs;
  expect((await pods.get(podId)).costTodayUsd).toBe(6);
  clock.at = noon + 18 * hourMs;
  expect((await pods.get(podId)).costTodayUsd).toBe(12);
});

test("idle time grows with samples, survives a restart, and ends at a gap", async () => {
  const { clock, sampler, restart } = await machine();
  for (let n = 0; n < 61; n++, clock.at += 2000) await sampler.sample();
  expect(sampler.idleMinutes()).toBeCloseTo(122 / 60, 1);
  const again = restart();
  await again.start();
  expect(again.idleMinutes()).toBeCloseTo(122 / 60, 1);
  await again.stop();
  clock.at += hourMs;
  expect(again.idleMinutes()).toBeNull();
  await again.sample();
  expect(again.idleMinutes()).toBe(0);
});

test("unknown is not idle, and working is 0 minutes", () => {
  const unknown = nextIdle(null, { at: 0, slotsUsed: null, gpuUtilPercent: null }, 1000);
  expect(idleMinutes(unknown, 10, 1000)).toBeNull();
  const working = nextIdle(unknown, { at: 500, slotsUsed: 0, gpuUtilPercent: 5 }, 1000);
  expect(idleMinutes(working, 600, 1000)).toBe(0);
  const idle = nextIdle(working, { at: 1000, slotsUsed: 0, gpuUtilPercent: 4 }, 1000);
  expect(idleMinutes(nextIdle(idle, { at: 1900, slotsUsed: 0, gpuUtilPercent: 0 }, 1000), 61_000, 1e9)).toBe(1);
  expect(idleMinutes(nextIdle(idle, { at: 900, slotsUsed: 0, gpuUtilPercent: 0 }, 1000), 900, 1000)).toBe(0);
});

test("a stretch is the mean of what is known and the most slots, at its newest time", () => {
  const row = {
    pod_id: "p",
    resolution_ms: 0,
    memory_total_bytes: 8,
    load_average: null,
    gpu_memory_percent: null,
    cost_per_hour_usd: null,
    gpus: null,
  };
  const thinned = thinSamples(
    [
      { ...row, at: 60_000, cpu_percent: 10, memory_used_bytes: 1, gpu_util_percent: null, slots_used: 0 },
      { ...row, at: 90_000, cpu_percent: null, memory_used_bytes: 2, gpu_util_percent: null, slots_used: 2 },
      { ...row, at: 100_000, cpu_percent: 20, memory_used_bytes: 4, gpu_util_percent: 7, slots_used: null },
      { ...row, at: 120_000, cpu_percent: 99, memory_used_bytes: 4, gpu_util_percent: null, slots_used: null },
    ],
    60_000,
  );
  expect(thinned).toMatchObject([
    {
      at: 100_000,
      cpu_percent: 15,
      memory_used_bytes: 2,
      gpu_util_percent: 7,
      slots_used: 2,
      load_average: null,
      resolution_ms: 60_000,
    },
    { at: 120_000, cpu_percent: 99, slots_used: null },
  ]);
});

test("history: full rate for an hour, a minute for a day, a quarter of an hour for 90 days; twice changes nothing", async () => {
  const { store, podId, labId, samples, pods, clock } = await machine();
  const ages = [
    ...Array.from({ length: 100 }, (_, n) => n * 2000),
    ...Array.from({ length: 100 }, (_, n) => 2 * hourMs + n * 2000),
    ...Array.from({ length: 100 }, (_, n) => 30 * hourMs + n * 60_000),
    91 * 24 * hourMs,
  ];
  const row = {
    pod_id: podId,
    resolution_ms: 0,
    memory_used_bytes: 1,
    memory_total_bytes: 8,
    load_average: 1,
    gpu_util_percent: null,
    gpu_memory_percent: null,
    cost_per_hour_usd: null,
    slots_used: 1,
    cpu_percent: 50,
  };
  await store.db
    .insertInto("samples")
    .values(ages.map((age) => ({ ...row, at: noon - age })))
    .execute();
  await thinHistory(store, podId, noon);
  const after = await samples();
  const count = (resolution: number) => after.filter(({ resolution_ms }) => resolution_ms === resolution).length;
  expect(count(0)).toBe(100);
  expect(count(60_000)).toBeGreaterThanOrEqual(4);
  expect(count(60_000)).toBeLessThanOrEqual(5);
  expect(count(900_000)).toBeLessThanOrEqual(8);
  expect(after.every(({ at, cpu_percent }) => at > noon - 90 * 24 * hourMs && cpu_percent === 50)).toBe(true);
  await thinHistory(store, podId, noon);
  expect(await samples()).toEqual(after);
  clock.at = noon;
  expect((await pods.telemetry(labId, noon - 100 * 1000)).length).toBe(51);
});
