import { expect, test } from "vitest";
import { TelemetrySample } from "../../../src/contract/pod.js";
import { owner } from "../../../src/lab/access/actor.js";
import { createBackend, identityOf } from "../../../src/lab/backend.js";
import { functions } from "../../../src/lab/functions/index.js";
import { createApp } from "../../../src/lab/http/app.js";
import type { PodsService } from "../../../src/lab/services/service.js";
import { maxGapMs } from "../../../src/lab/telemetry/idle.js";
import { createPodTelemetry } from "../../../src/lab/telemetry/samples.js";
import { openServices } from "../functions/fake-services.js";

const minuteMs = 60_000;
const gpu = { utilPercent: 70, memoryPercent: 20, temperatureC: 55, powerW: 300 };

/** Two pods over ten minutes, a look each half a minute, behind both wires. */
async function open() {
  const lab = await openServices();
  const { store, clock, labId } = lab;
  const row = {
    lab_id: labId,
    gpu_count: 1,
    status: "running",
    slots: 1,
    accepts_work: 1,
    created_at: 0,
    updated_at: 0,
  };
  for (const id of ["podaaa", "podbbb"]) {
    await store.db
      .insertInto("pods")
      .values({ ...row, id, name: id, provider: "runpod", gpu_type: "NVIDIA H100" })
      .execute();
  }
  const telemetry = createPodTelemetry({ store, clock, log: () => undefined });
  const look = async (...podIds: string[]) => {
    const sample = {
      cpuPercent: 5,
      memoryUsedBytes: null,
      memoryTotalBytes: null,
      loadAverage: null,
      gpuUtilPercent: null,
      gpuMemoryPercent: null,
      gpus: [gpu],
    };
    const reading = { labId, sample, costPerHourUsd: 2.5, slotsUsed: 0, gpuCount: 1 };
    await telemetry.record(
      podIds.map((podId) => ({ ...reading, podId })),
      { maxGapMs: maxGapMs(30_000) },
    );
  };
  for (let n = 0; n < 20; n++, clock.at += 30_000) await look("podaaa", "podbbb");
  const pods: PodsService = {
    ...lab.services.pods,
    telemetry: (id, sinceMs, options) => telemetry.window(id, sinceMs, options),
    latest: (id) => Promise.resolve(telemetry.latest(id)),
  };
  const services = { ...lab.services, pods };
  const app = createApp({
    ...lab,
    services,
    actorOf: async (given) => Promise.resolve(given === "secret" ? owner : null),
    version: "1",
    requestsPerMinute: 1000,
    heartbeatMs: 15_000,
    functionApi: () => Promise.resolve(null),
    onFault: (_, error) => {
      throw error;
    },
  });
  const get = async (query: string) => {
    const response = await app.request(`/v1/telemetry?labId=${labId}${query}`, {
      headers: { authorization: "Bearer secret" },
    });
    const body = (await response.json()) as { data: unknown };
    return response.status === 200 ? TelemetrySample.array().parse(body.data) : response.status;
  };
  const backend = createBackend({
    store,
    services,
    functions,
    actorOf: async (given) => Promise.resolve(given === "secret" ? owner : null),
  });
  const query = (path: string, args: Record<string, unknown>) =>
    backend.read(async (reader) => reader.query({ path, args, identity: identityOf(owner), journal: null }));
  return { ...lab, telemetry, look, get, query };
}

test("the route answers a window, of one pod, thinned, or what is newer than a moment", async () => {
  const { get, clock } = await open();
  expect(await get("")).toHaveLength(40);
  const some = await get("&windowMs=300000&podId=podbbb&points=5");
  expect(some).toMatchObject([{ podId: "podbbb", gpuUtilPercent: 70, costPerHourUsd: 2.5, gpus: [gpu] }, {}, {}, {}]);
  expect(await get(`&since=${clock.at - minuteMs}`)).toHaveLength(4);
  expect(await get("&podId=nobody")).toEqual([]);
  expect([await get("&points=1"), await get("&windowMs=-1")]).toEqual([422, 422]);
});

test("the newest of each pod is a query that each look wakes; a pod without telemetry is not in it", async () => {
  const { query, look, telemetry, labId, clock, store } = await open();
  const woken: boolean[] = [];
  store.onChange((topics) => woken.push(topics.has("telemetry")));
  await look("podaaa", "podbbb");
  expect(woken).toEqual([true]);
  const newest = await query("telemetry:latest", { labId });
  expect(newest.topics).toEqual(["telemetry"]);
  expect(newest).toMatchObject({
    value: [
      { podId: "podaaa", at: clock.at },
      { podId: "podbbb", at: clock.at },
    ],
  });
  telemetry.forget("podaaa");
  expect(await query("telemetry:latest", { labId })).toMatchObject({ value: [{ podId: "podbbb" }] });
  const recent = await query("telemetry:recent", { labId, sinceMs: clock.at - minuteMs });
  expect(recent).toMatchObject({ topics: ["telemetry"] });
  expect((recent as { value: unknown[] }).value).toHaveLength(6);
});
