import { expect, test } from "vitest";
import { enterBill } from "../../../src/lab/money/bill.js";
import { failing, fakeProvider, gpuSample, seenPod } from "./fake-provider.js";
import { openPods } from "./pods-fixture.js";

const minute = 60_000;

test("pods of a provider are in the lab's list with what it tells, and again as they change", async () => {
  const provider = fakeProvider();
  provider.set("rp1", { sample: gpuSample(80), env: { HF_TOKEN: "hf_abc", STEPS: "10" } });
  const lab = await openPods([provider]);
  await lab.look();
  const pod = await lab.named("lab-h200-aaaa");
  expect(pod).toMatchObject({
    provider: "runpod",
    providerId: "rp1",
    providerStatus: "RUNNING",
    status: "running",
    acceptsWork: false,
    createdByLab: false,
    costPerHourUsd: 3.6,
    region: "EU-RO-1",
    idleMinutes: 0,
    env: { HF_TOKEN: "••••", STEPS: "10" },
    trouble: null,
  });
  expect(pod.last?.gpuUtilPercent).toBe(80);
  expect(pod.gpus.map(({ name, utilPercent }) => [name, utilPercent])).toEqual([["NVIDIA H200", 80]]);
  expect(pod.stoppedCostPerMonthUsd).toBeCloseTo(20, 2);

  provider.set("rp1", { status: "stopped", providerStatus: "EXITED", costPerHourUsd: 0, ssh: null });
  await lab.look();
  expect(await lab.named("lab-h200-aaaa")).toMatchObject({
    status: "stopped",
    last: null,
    costPerHourUsd: 0,
    runningCostPerHourUsd: 3.6,
  });
  expect(await lab.events()).toEqual(["pod.running", "pod.created", "pod.stopped"]);
});

test("a look at which nothing changed writes no pod and tells nothing", async () => {
  const provider = fakeProvider();
  provider.set("rp1", {});
  const lab = await openPods([provider]);
  await lab.look();
  const before = await lab.rows();
  lab.clock.at += 5000;
  await lab.look();
  expect(await lab.rows()).toEqual(before);
  expect(await lab.events()).toEqual(["pod.running", "pod.created"]);
});

test("a pod that is not in the list but can be asked for is still there; with a 404 it is gone, kept and its runs are over", async () => {
  const provider = fakeProvider();
  provider.set("rp1", {});
  const lab = await openPods([provider]);
  await lab.look();
  const list = provider.list;
  provider.list = async () => [];
  lab.clock.at += 5000;
  await lab.look();
  expect((await lab.named("lab-h200-aaaa")).status).toBe("running");
  provider.list = list;
  provider.pods.clear();
  lab.clock.at += 5000;
  await lab.look();
  const pod = await lab.named("lab-h200-aaaa");
  expect(pod).toMatchObject({ status: "terminated", statusReason: "gone: RunPod does not know it any more" });
  expect(lab.forsaken).toEqual([`${pod.id} its pod lab-h200-aaaa is gone`]);
  expect((await lab.events()).at(-1)).toBe("pod.terminated");
});

test("a pod that its provider moved to another machine has a new id, and is the same pod: its rules, runs and bills go with it", async () => {
  const provider = fakeProvider();
  const lab = await openPods([provider]);
  await lab.pods.create({ labId: lab.labId, gpuType: "H200", name: "sweep", maxHours: 2 });
  provider.set((await lab.named("sweep")).providerId ?? "", { status: "running" });
  await lab.look();
  const before = await lab.named("sweep");
  const seen = provider.pods.get(before.providerId ?? "");
  provider.pods.clear();
  provider.set("moved", {
    ...seen,
    providerId: "moved",
    ssh: { host: "203.0.113.9", port: 22, username: "root", via: "direct" },
  });
  lab.clock.at += 5000;
  await lab.look();

  const rows = await lab.rows();
  expect(rows).toHaveLength(1);
  expect(await lab.named("sweep")).toMatchObject({
    _id: before._id,
    providerId: "moved",
    status: "running",
    createdByLab: true,
    maxHoursAt: before.maxHoursAt,
    ssh: { host: "203.0.113.9" },
  });
  expect(before.maxHoursAt).not.toBeNull();
  expect(lab.forsaken).toEqual([]);
  expect(lab.forgotten).toEqual([before._id]);
  expect(await lab.events()).toContain("pod.moved");

  await enterBill(lab.store, "runpod", [
    { providerId: before.providerId ?? "", hourAt: 0, micros: 5, diskMicros: 0, gpuMicros: 5, open: false },
    { providerId: "moved", hourAt: 0, micros: 7, diskMicros: 0, gpuMicros: 7, open: false },
  ]);
  const billed = await lab.store.db
    .selectFrom("pod_costs")
    .select(["pod_id", "billed_micros"])
    .where("hour_at", "=", 0)
    .execute();
  expect(billed).toEqual([{ pod_id: before._id, billed_micros: 12 }]);
});

test("a provider that is down leaves the rows, and says so after three failures in a row; it comes back with a word", async () => {
  const provider = fakeProvider();
  provider.set("rp1", {});
  const lab = await openPods([provider]);
  await lab.look();
  provider.fail("list", failing({ hint: "is this machine online?" }), 3);
  await lab.look();
  await lab.look();
  expect((await lab.named("lab-h200-aaaa")).trouble).toBeNull();
  await lab.look();
  expect((await lab.named("lab-h200-aaaa")).trouble).toEqual({
    code: "providerDown",
    message: "RunPod does not answer: no route to api.runpod.io; is this machine online?; what is shown is of before",
  });
  expect((await lab.pods.providers())[0]).toMatchObject({ name: "runpod", state: "down" });
  await lab.look();
  expect((await lab.named("lab-h200-aaaa")).trouble).toBeNull();
  expect((await lab.events()).slice(-2)).toEqual(["pod.providerDown", "pod.providerUp"]);
});

test.each([
  ["auth", "RunPod refuses the key: wrong key"],
  ["forbidden", "RunPod: the key may not do this: wrong key"],
  ["gone", "RunPod has retired this API: wrong key"],
] as const)("a refusal that no second try changes (%s) is named at once", async (kind, words) => {
  const provider = fakeProvider();
  provider.fail("list", failing({ kind, message: "wrong key" }));
  const lab = await openPods([provider]);
  await lab.look();
  expect((await lab.pods.providers())[0]).toEqual({
    name: "runpod",
    label: "RunPod",
    state: "down",
    since: lab.clock.at,
    reason: words,
  });
});

test("no provider: nothing is asked, and who wants to rent is told what is missing", async () => {
  const lab = await openPods([], { missingProviders: { runpod: "no RunPod key: set RUNPOD_API_KEY" } });
  expect(await lab.pods.providers()).toMatchObject([
    { name: "runpod", state: "off", reason: "no RunPod key: set RUNPOD_API_KEY" },
  ]);
  await expect(lab.pods.create({ labId: lab.labId, gpuType: "H200" })).rejects.toThrow("no RunPod key");
  expect(await lab.pods.stock()).toEqual([]);
});

test("trouble that the provider names is shown and told of once; it passes", async () => {
  const provider = fakeProvider();
  const trouble = { code: "zeroGpu", message: "came up without a GPU" };
  provider.set("rp1", { gpuCount: 0, trouble });
  const lab = await openPods([provider]);
  await lab.look();
  await lab.look();
  expect((await lab.named("lab-h200-aaaa")).trouble).toEqual(trouble);
  provider.set("rp1", { gpuCount: 1, trouble: null });
  await lab.look();
  expect((await lab.named("lab-h200-aaaa")).trouble).toBeNull();
  expect((await lab.events()).slice(-2)).toEqual(["pod.recovered", "pod.updated"]);
});

test("a pod that has not come up in twenty minutes is trouble, with the last line of its system log", async () => {
  const provider = fakeProvider();
  provider.set("rp1", { status: "creating", providerStatus: "STARTING", statusReason: "starting container" });
  const lab = await openPods([provider]);
  await lab.look();
  provider.line("rp1", "pulling image: 12 of 20 GB");
  await expect.poll(async () => (await lab.named("lab-h200-aaaa")).lastSystemLine).toBe("pulling image: 12 of 20 GB");
  lab.clock.at += 19 * minute;
  await lab.look();
  expect((await lab.named("lab-h200-aaaa")).trouble).toBeNull();
  lab.clock.at += minute;
  await lab.look();
  const { trouble } = await lab.named("lab-h200-aaaa");
  expect(trouble?.code).toBe("neverBooted");
  expect(trouble?.message).toContain("the last it said: pulling image: 12 of 20 GB");
  provider.set("rp1", { status: "running", providerStatus: "RUNNING" });
  await lab.look();
  expect(await lab.named("lab-h200-aaaa")).toMatchObject({ trouble: null, lastSystemLine: null });
});

test("what no machine can be is unknown: telemetry and prices that are absent, negative or absurd", async () => {
  const provider = fakeProvider();
  provider.set("rp1", { costPerHourUsd: -3, sample: { ...gpuSample(-5)!, cpuPercent: 900 } });
  const lab = await openPods([provider]);
  await lab.look();
  const pod = await lab.named("lab-h200-aaaa");
  expect(pod).toMatchObject({ costPerHourUsd: null, idleMinutes: null });
  expect(pod.last).toMatchObject({ cpuPercent: null, gpuUtilPercent: null });
  provider.set("rp1", { costPerHourUsd: null, sample: null });
  lab.clock.at += 5000;
  await lab.look();
  expect(await lab.named("lab-h200-aaaa")).toMatchObject({ last: null, idleMinutes: null, costPerHourUsd: null });
});

test("a session goes only to pods that work for the lab, follows their address, and ends when they are off", async () => {
  const provider = fakeProvider();
  provider.set("rp1", {});
  const lab = await openPods([provider]);
  await lab.look();
  expect(lab.connected.size).toBe(0);
  const { id } = await lab.pods.start("rp1");
  await lab.look();
  expect(lab.connected.get(id)).toMatchObject({ host: "203.0.113.7", port: 34446, name: "lab-h200-aaaa" });
  provider.set("rp1", { ssh: { host: "203.0.113.9", port: 1, username: "root", via: "direct" } });
  await lab.look();
  expect(lab.connected.get(id)).toMatchObject({ host: "203.0.113.9", port: 1 });
  lab.troubles.set(id, { code: "hostKeyChanged", message: "its host key changed" });
  expect((await lab.pods.get(id)).trouble?.code).toBe("hostKeyChanged");
  provider.set("rp1", { status: "stopped", ssh: null });
  await lab.look();
  expect(lab.connected.size).toBe(0);
  expect(lab.forsaken).toEqual([`${id} its pod lab-h200-aaaa was stopped`]);
});

test("a clock that is wrong at the provider moves no deadline", async () => {
  const provider = fakeProvider();
  const lab = await openPods([provider]);
  const { id, providerId } = await lab.pods.create({ labId: lab.labId, gpuType: "H200", maxHours: 2 });
  lab.clock.at += minute;
  provider.set(providerId!, { status: "running", startedAt: 12 });
  await lab.look();
  const { maxHoursAt } = await lab.pods.get(id);
  expect(maxHoursAt).toBeGreaterThanOrEqual(lab.clock.at - minute + 120 * minute);
  expect(maxHoursAt).toBeLessThanOrEqual(lab.clock.at + 120 * minute);
});

test("500 pods: a look that finds little changed writes little, in one transaction, and quickly", async () => {
  const provider = fakeProvider();
  for (let n = 0; n < 500; n++) {
    provider.set(`rp${n}`, seenPod({ providerId: `rp${n}`, name: `pod-${n}`, sample: gpuSample(50) }));
  }
  const lab = await openPods([provider]);
  await lab.look();
  const commits: ReadonlySet<string>[] = [];
  lab.store.onChange((topics) => commits.push(topics));
  lab.clock.at += 5000;
  provider.set("rp7", { status: "stopped" });
  const startedAt = performance.now();
  await lab.look();
  const lookMs = performance.now() - startedAt;
  expect(commits.filter((topics) => topics.has("telemetry"))).toHaveLength(1);
  const rows = await lab.rows();
  expect(rows.filter(({ updated_at: at }) => at === lab.clock.at).map(({ name }) => name)).toEqual(["pod-7"]);
  const listedAt = performance.now();
  expect(await lab.pods.list(lab.labId)).toHaveLength(501);
  const listMs = performance.now() - listedAt;
  console.info(`500 pods: look ${lookMs.toFixed(0)} ms, list ${listMs.toFixed(0)} ms`);
  expect(lookMs).toBeLessThan(1000);
});
