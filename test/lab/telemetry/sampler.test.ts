import { expect, test } from "vitest";
import type { Gpu } from "../../../src/contract/pod.js";
import { createFirstLab, createLabs } from "../../../src/lab/services/labs.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, migrate } from "../../../src/lab/store/store.js";
import { thinHistory } from "../../../src/lab/telemetry/history.js";
import { noteGpus, registerLocalPod } from "../../../src/lab/telemetry/local-pod.js";
import { createSampler } from "../../../src/lab/telemetry/sampler.js";
import { createPodTelemetry } from "../../../src/lab/telemetry/samples.js";
import { thinSamples } from "../../../src/lab/telemetry/thin.js";
import { localPods } from "../pods/pods-fixture.js";

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
  const register = () => registerLocalPod(store, { slots: 4, costPerHourUsd: 2, name: "here" });
  const podId = await register();
  const host = {
    read: () => ({ cpuPercent: 25, memoryUsedBytes: 1, memoryTotalBytes: 4, loadAverage: 0.5 }),
    readGroups: () => new Map(),
  };
  const parts = { store, templates: [], podId, host, gpus: () => gpus, costPerHourUsd: 2, log: () => undefined };
  const restart = async () => {
    const telemetry = createPodTelemetry({ store, clock, log: () => undefined });
    await telemetry.start();
    return { telemetry, sampler: createSampler({ ...parts, telemetry }) };
  };
  const { telemetry, sampler } = await restart();
  const pods = localPods({ store, clock, labs: createLabs(store), local: sampler, telemetry });
  const samples = () => db.selectFrom("samples").selectAll().orderBy("at").execute();
  return { clock, store, labId, podId, register, sampler, restart, pods, samples };
}

test("a sample is stored, told of and shown in the pod", async () => {
  const { store, clock, labId, podId, sampler, pods } = await machine([gpu]);
  const told: string[][] = [];
  store.onChange((topics) => told.push([...topics]));
  await sampler.sample();
  expect(told[0]).toEqual(["telemetry", "idle", "pods"]);
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
      gpus: [{ utilPercent: 90, memoryPercent: 25, temperatureC: null, powerW: null }],
    },
  ]);
  expect(await pods.latest(labId)).toEqual(await pods.telemetry(labId, 0));
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

test("idle time grows with samples, survives a restart, and ends at a gap", async () => {
  const { clock, sampler, restart } = await machine();
  for (let n = 0; n < 61; n++, clock.at += 2000) await sampler.sample();
  expect(sampler.idleMinutes()).toBeCloseTo(122 / 60, 1);
  const again = (await restart()).sampler;
  expect(again.idleMinutes()).toBeCloseTo(122 / 60, 1);
  await again.sample();
  expect(again.idleMinutes()).toBeCloseTo(122 / 60, 1);
  clock.at += hourMs;
  expect(again.idleMinutes()).toBeNull();
  await again.sample();
  expect(again.idleMinutes()).toBe(0);
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
    idle_since: null,
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

test("each GPU has a mean of its own; one that was never known stays unknown", () => {
  const row = {
    pod_id: "p",
    resolution_ms: 0,
    cpu_percent: null,
    memory_used_bytes: null,
    memory_total_bytes: null,
    load_average: null,
    gpu_util_percent: null,
    gpu_memory_percent: null,
    cost_per_hour_usd: null,
    slots_used: null,
    idle_since: null,
  };
  const gpus = (...utils: (number | null)[]) =>
    JSON.stringify(utils.map((utilPercent) => ({ utilPercent, memoryPercent: 50, temperatureC: null, powerW: 300 })));
  const [thinned, ...rest] = thinSamples(
    [
      { ...row, at: 60_000, gpus: gpus(10, null, null) },
      { ...row, at: 70_000, gpus: null },
      { ...row, at: 80_000, gpus: gpus(30, 80), idle_since: 5 },
    ],
    60_000,
  );
  expect(rest).toEqual([]);
  const other = { memoryPercent: 50, temperatureC: null, powerW: 300 };
  expect(JSON.parse(thinned?.gpus ?? "")).toEqual([
    { utilPercent: 20, ...other },
    { utilPercent: 80, ...other },
    { utilPercent: null, ...other },
  ]);
  expect(thinned?.idle_since).toBe(5);
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
