import { expect, test } from "vitest";
import { LabSettings } from "../../../src/contract/settings.js";
import { autoStopAt, decide } from "../../../src/lab/pods/watchdog.js";
import { failing, fakeProvider, gpuSample } from "./fake-provider.js";
import { openPods } from "./pods-fixture.js";

const minute = 60_000;
const hour = 60 * minute;

/** A pod of the lab's own that does nothing, looked at every minute. */
async function idlePod({ foreign = false, maxHours = undefined as number | undefined } = {}) {
  const provider = fakeProvider();
  const lab = await openPods([provider]);
  const { clock, pods, look, labId } = lab;
  if (foreign) provider.set("new1", { name: "theirs", sample: gpuSample(0) });
  else await pods.create({ labId, gpuType: "H200", name: "ours", ...(maxHours === undefined ? {} : { maxHours }) });
  provider.set("new1", { status: "running", providerStatus: "RUNNING", sample: gpuSample(0), startedAt: clock.at });
  await look();
  const { id } = await lab.named(foreign ? "theirs" : "ours");
  const get = () => pods.get(id);
  /** A look every five seconds would take long: the pace is what the fleet has when nobody watches. */
  const pass = async (ms: number, everyMs = 10_000) => {
    for (const until = clock.at + ms; clock.at < until; ) {
      clock.at += everyMs;
      await look();
    }
  };
  return { ...lab, provider, id, get, pass };
}

test("an idle pod of the lab is stopped after its hours, with a countdown before; never terminated", async () => {
  const { pass, get, settings, labId, provider, events } = await idlePod();
  await settings.patch(labId, { autoStopIdleHours: 0.5 });
  await pass(20 * minute);
  const pod = await get();
  expect(pod.idleMinutes).toBeCloseTo(20, 0);
  expect(pod.wastedUsd).toBeCloseTo(1.2, 1);
  expect(pod.autoStopAt).toBe((pod.idleSince ?? 0) + 0.5 * hour);
  await pass(11 * minute);
  expect(await get()).toMatchObject({ status: "stopped", statusReason: "stopped after 30 min without work" });
  expect(provider.pods.size).toBe(1);
  expect(await events()).toContain("pod.autoStopped");
});

test("somebody else's pod is left alone, unless the lab or the pod is set otherwise", async () => {
  const { pass, get, settings, pods, labId, id } = await idlePod({ foreign: true });
  await settings.patch(labId, { autoStopIdleHours: 0.25 });
  await pass(20 * minute);
  expect(await get()).toMatchObject({ status: "running", autoStopAt: null });
  await settings.patch(labId, { autoStopForeignPods: true });
  expect((await get()).autoStopAt).not.toBeNull();
  await pods.patch(id, { autoStop: false });
  expect((await get()).autoStopAt).toBeNull();
  await pods.patch(id, { autoStop: true });
  await settings.patch(labId, { autoStopForeignPods: false });
  await pass(minute);
  expect((await get()).status).toBe("stopped");
});

test("one key postpones it; null is the lab's rule again", async () => {
  const { pass, get, settings, pods, labId, id, clock } = await idlePod();
  await settings.patch(labId, { autoStopIdleHours: 0.5 });
  await pass(20 * minute);
  const until = clock.at + 2 * hour;
  expect((await pods.patch(id, { postponeAutoStopUntil: until })).autoStopAt).toBe(until);
  await pass(hour, 30_000);
  expect((await get()).status).toBe("running");
  await pods.patch(id, { postponeAutoStopUntil: null });
  await pass(minute);
  expect((await get()).status).toBe("stopped");
});

test("never while an experiment runs there, nor while nobody knows what it does", async () => {
  const { pass, get, settings, labId, id, create, experiments, provider } = await idlePod();
  await settings.patch(labId, { autoStopIdleHours: 0.25 });
  const experiment = await create();
  await experiments.claim(experiment._id, id);
  await pass(30 * minute, 30_000);
  expect(await get()).toMatchObject({ status: "running", idleMinutes: 0, autoStopAt: null });
  await experiments.settle(experiment._id, 1, { status: "pass", exitCode: 0, result: "", qc: null, metrics: {} });
  provider.set("new1", { sample: null });
  await pass(30 * minute, 30_000);
  expect(await get()).toMatchObject({ status: "running", idleMinutes: null, autoStopAt: null });
});

test("an experiment that begins while an idle pod is about to be stopped is not cut off", async () => {
  const { pass, get, settings, labId, id, create, experiments, provider, runs } = await idlePod();
  const experiment = await create();
  runs.fetchOutputs = async () => {
    await experiments.claim(experiment._id, id);
    return { left: [], reason: null };
  };
  await settings.patch(labId, { autoStopIdleHours: 0.25 });
  await pass(16 * minute);
  expect(await get()).toMatchObject({ status: "running", experiments: ["EXP-001"], trouble: null });
  expect(provider.calls).not.toContain("stop new1");
});

test("a pod with an experiment has no countdown, whatever its idle clock says", async () => {
  const { rows } = await idlePod();
  const [row] = await rows();
  const settings = LabSettings.parse({});
  const pod = { row: row!, experiments: [] as string[], idleSince: 0 };
  expect(autoStopAt(pod, settings)).toBe(6 * hour);
  expect(autoStopAt({ ...pod, experiments: ["EXP-001"] }, settings)).toBeNull();
  expect(decide({ ...pod, experiments: ["EXP-001"] }, settings, 7 * hour)).toEqual({ type: "none" });
  expect(decide(pod, settings, 7 * hour)).toEqual({ type: "autoStop", why: "stopped after 7 h without work" });
});

test("switched off: nothing is stopped", async () => {
  const { pass, get, settings, labId } = await idlePod();
  await settings.patch(labId, { autoStopIdleHours: null });
  await pass(20 * minute);
  expect(await get()).toMatchObject({ status: "running", autoStopAt: null });
  expect((await get()).idleMinutes).toBeCloseTo(20, 0);
});

test("at the end of its hours a pod is terminated, when every output is home", async () => {
  const { pass, get, fetched, provider, events, id } = await idlePod({ maxHours: 1 });
  expect((await get()).maxHoursAction).toBe("terminate");
  await pass(59 * minute, 60_000);
  expect((await get()).status).toBe("running");
  await pass(2 * minute);
  expect(await get()).toMatchObject({ status: "terminated", statusReason: "terminated: its 1 h are over" });
  expect(fetched).toContain(id);
  expect(provider.pods.size).toBe(0);
  expect(await events()).toContain("pod.expired");
});

test("with outputs that could not be fetched it is stopped instead, and says why", async () => {
  const { pass, get, left, provider, id } = await idlePod({ maxHours: 1 });
  left.set(id, { ids: ["EXP-054"], reason: "link down" });
  await pass(61 * minute, 60_000);
  expect(await get()).toMatchObject({
    status: "stopped",
    statusReason:
      "stopped, not terminated: its 1 h are over, but outputs of EXP-054 are only on it: link down; fetch them, then terminate it",
  });
  expect(provider.pods.size).toBe(1);
});

test("what can't be switched off is trouble, tried again with growing pauses, and done in the end", async () => {
  const { pass, get, provider } = await idlePod({ maxHours: 1 });
  provider.fail("terminate", failing({ kind: "forbidden", message: "the key may not terminate" }), 2);
  await pass(60 * minute, 60_000);
  expect((await get()).trouble).toEqual({
    code: "watchdogFailed",
    message: "its 1 h are over, but it could not be switched off: ours was not terminated: the key may not terminate",
  });
  await pass(30_000);
  expect(provider.calls.filter((call) => call.startsWith("terminate"))).toHaveLength(1);
  await pass(5 * minute);
  expect(await get()).toMatchObject({ status: "terminated", trouble: null });
  expect(provider.calls.filter((call) => call.startsWith("terminate"))).toHaveLength(3);
});

test("while the provider is down nothing is done; when it is back, what is due is", async () => {
  const { pass, get, provider } = await idlePod({ maxHours: 1 });
  provider.fail("list", failing(), 48);
  await pass(24 * hour, hour / 2);
  expect(await get()).toMatchObject({ status: "running", trouble: { code: "providerDown" } });
  await pass(minute);
  expect((await get()).status).toBe("terminated");
});
