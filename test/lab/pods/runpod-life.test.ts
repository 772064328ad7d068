import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { runpodClient } from "../../../src/clients/runpod/index.js";
import { createLedger } from "../../../src/lab/money/ledger.js";
import { runpodProvider } from "../../../src/lab/pods/runpod-provider.js";
import { startFakeRunPod } from "../../fakes/runpod/start-fake-runpod.js";
import { openPods } from "./pods-fixture.js";

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const minute = 60_000;
const hour = 60 * minute;

/** The lab on the fake RunPod: both have the test's clock, and a pause of the lab passes there too. */
async function account() {
  const start = Date.UTC(2026, 10, 20, 12);
  const clock = { at: start, now: () => clock.at };
  const fake = await startFakeRunPod({ clock });
  const sleep = async (ms: number) => {
    clock.at += ms;
    await nextTurn();
  };
  const time = { now: clock.now, random: () => 0, sleep };
  const client = runpodClient({ apiKey: fake.key, baseUrl: fake.url, time });
  const provider = runpodProvider({ client, clock });
  const lab = await openPods([provider], { sleep: time.sleep, ledger: createLedger({ templates: [] }) });
  Object.assign(lab.clock, { at: start });
  // One clock for both sides.
  Object.defineProperty(lab.clock, "at", { get: () => clock.at, set: (at: number) => void (clock.at = at) });
  open.push(lab.stop, client.close, fake.close);
  const pass = async (ms: number, everyMs = 15_000) => {
    for (const until = clock.at + ms; clock.at < until; ) {
      clock.at += everyMs;
      await lab.look();
    }
  };
  return { ...lab, control: fake.control, key: fake.key, clock, pass };
}

test("a pod from its draft to its end: provisioning with the system log, running, stopped when read back, billed for its disk, gone", async () => {
  const { pods, control, labId, look, pass, clock, store, forsaken } = await account();
  control.boot({ provisioningMs: 30_000, startingMs: 60_000, ends: "running" });
  const stock = await pods.stock();
  expect(
    stock.find(({ gpuType, cloud }) => gpuType === "NVIDIA H200" && cloud === "SECURE")?.costPerHourUsd,
  ).toBeGreaterThan(1);

  const made = await pods.create({
    labId,
    gpuType: "H200",
    maxHours: 8,
    volumeSize: 100,
    env: { EXPERIMENT_ID: "EXP-054" },
  });
  expect(made).toMatchObject({ status: "creating", providerStatus: "PROVISIONING", gpuType: "NVIDIA H200" });
  expect(made.name).toMatch(/^dark-energy-h200-/);
  const startedAt = clock.at;
  await look();
  await expect.poll(async () => (await pods.get(made.id)).lastSystemLine).not.toBeNull();

  await pass(2 * minute);
  const running = await pods.get(made.id);
  expect(running).toMatchObject({ status: "running", ssh: { via: "direct" }, trouble: null, createdByLab: true });
  expect(running.gpus).toHaveLength(1);
  expect(running.last?.gpus).toHaveLength(1);
  expect(running.maxHoursAt).toBeGreaterThan(clock.at + 7.9 * hour);

  await pass(hour);
  const stopped = await pods.stop(made.id);
  expect(stopped).toMatchObject({ status: "stopped", providerStatus: "EXITED" });
  expect(forsaken).toHaveLength(1);
  const stoppedAt = clock.at;
  await pass(2 * hour, minute);

  // By hand: the price from its creation to its stop, then its disk.
  const sums = await store.db
    .selectFrom("pod_costs")
    .select(({ fn }) => [fn.sum<number>("gpu_micros").as("gpu"), fn.sum<number>("disk_micros").as("disk")])
    .where("pod_id", "=", made.id)
    .executeTakeFirstOrThrow();
  const perHour = running.costPerHourUsd ?? 0;
  expect(sums.gpu / 1e6).toBeCloseTo((perHour * (stoppedAt - startedAt)) / hour, 2);
  expect(sums.disk / 1e6).toBeCloseTo((((clock.at - stoppedAt) / hour) * (100 * 0.2)) / 730, 2);

  expect((await pods.start(made.id)).status).not.toBe("stopped");
  await pass(3 * minute);
  expect((await pods.get(made.id)).status).toBe("running");
  expect((await pods.restart(made.id)).status).not.toBe("stopped");
  await pass(3 * minute);
  expect((await pods.terminate(made.id)).status).toBe("terminated");
  expect(control.pods().filter(({ status }) => status !== "TERMINATED")).toEqual([]);
});

test("a lost answer to the create never makes a second pod", async () => {
  const { pods, control, labId, look } = await account();
  control.fault({ method: "POST", path: "/v2/pods", times: 1, lost: "after" });
  const pod = await pods.create({ labId, gpuType: "H200" });
  await look();
  expect((await pods.get(pod.id)).providerId).not.toBeNull();
  expect(control.pods()).toHaveLength(1);
});

test("no capacity anywhere is refused with what there is to do, and nothing is made", async () => {
  const { pods, control, labId, rows } = await account();
  for (const gpu of ["NVIDIA H200", "NVIDIA H200 NVL"]) control.capacity(gpu, "*", 0);
  await expect(pods.create({ labId, gpuType: "H200" })).rejects.toThrow(/out of stock|no longer any instances/);
  expect([control.pods(), await rows()]).toEqual([[], []]);
});

test("no balance, a key that is revoked or has no right: each in its words", async () => {
  const { pods, control, labId, look, key } = await account();
  control.balance(0);
  await expect(pods.create({ labId, gpuType: "H200" })).rejects.toThrow("add credit to the RunPod account");
  control.balance(100);
  control.key(key, { revoked: true });
  await look();
  const [state] = await pods.providers();
  expect(state?.state).toBe("down");
});

test("a stop that RunPod ignores is trouble; a pod that vanishes is gone; a start without a GPU is trouble", async () => {
  const { pods, control, labId, look, pass } = await account();
  const { id, name } = await pods.create({ labId, gpuType: "H200" });
  control.finishBoot(name);
  await pass(minute);
  control.quirks(name, { stop: "ignored" });
  await expect(pods.stop(id)).rejects.toThrow("still runs and bills");
  expect((await pods.get(id)).trouble?.code).toBe("stopFailed");
  control.quirks(name, { stop: "works", start: "zero" });
  await pods.stop(id);
  await pods.start(id);
  await pass(3 * minute);
  expect((await pods.get(id)).trouble?.code).toBe("zeroGpu");
  control.vanish(name);
  await look();
  expect((await pods.get(id)).status).toBe("terminated");
});

test("RunPod down for a day: the rows stay and say so; when it is back so are they", async () => {
  const { pods, control, labId, look, pass, clock } = await account();
  const { id, name } = await pods.create({ labId, gpuType: "H200" });
  control.finishBoot(name);
  await pass(minute);
  control.down();
  for (let looks = 0; looks < 3; looks++) await look();
  expect(await pods.get(id)).toMatchObject({ status: "running", trouble: { code: "providerDown" } });
  clock.at += 24 * hour;
  await look();
  control.up();
  await look();
  expect(await pods.get(id)).toMatchObject({ status: "running", trouble: null });
});
