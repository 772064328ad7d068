import { expect, test } from "vitest";
import type { Pod } from "../../../src/contract/pod.js";
import { failing, fakeProvider, gpuSample } from "./fake-provider.js";
import { openPods } from "./pods-fixture.js";

/** A pod that the lab made and that runs. */
async function running(more: Parameters<ReturnType<typeof fakeProvider>["set"]>[1] = {}) {
  const provider = fakeProvider();
  const lab = await openPods([provider]);
  const { id, providerId } = await lab.pods.create({ labId: lab.labId, gpuType: "H200", name: "exp-pod" });
  const at = lab.clock.at;
  provider.set(providerId!, {
    status: "running",
    providerStatus: "RUNNING",
    ssh: { host: "203.0.113.7", port: 22, username: "root", via: "direct" },
    startedAt: at,
    uptimeSeconds: 100,
    sample: gpuSample(0),
    volumeGb: 100,
    ...more,
  });
  await lab.look();
  const get = () => lab.pods.get(id);
  return { ...lab, provider, id, providerId: providerId!, get };
}

const refused = (work: Promise<Pod>) =>
  work.then(
    () => "done",
    (error: unknown) => (error as Error).message,
  );

test("a stop brings outputs home first, and is done when it was read back", async () => {
  const { pods, provider, id, providerId, get, fetched, forsaken, events } = await running();
  provider.calls.length = 0;
  const pod = await pods.stop(id);
  expect(pod).toMatchObject({ status: "stopped", providerStatus: "EXITED" });
  expect(fetched).toEqual([id]);
  expect(provider.calls).toEqual([`stop ${providerId}`, `get ${providerId}`]);
  expect(forsaken).toEqual([`${id} its pod exp-pod was stopped`]);
  expect((await events()).at(-1)).toBe("pod.stopped");
  expect(await get()).toMatchObject({ status: "stopped", trouble: null });
});

test("a stop that is answered OK and does nothing is trouble and a refusal in words, with the price", async () => {
  const { pods, provider, id, clock, get } = await running();
  provider.behave("stop", (pod) => pod);
  const before = clock.at;
  const words = await refused(pods.stop(id));
  expect(words).toBe(
    "RunPod answered OK, but exp-pod still runs and bills ($3.60/h): stop it again, or in RunPod's console",
  );
  expect(clock.at - before).toBeGreaterThanOrEqual(90_000);
  expect((await get()).trouble).toEqual({ code: "stopFailed", message: words });
  provider.behave("stop", () => ({ status: "stopped", providerStatus: "EXITED" }));
  expect((await pods.stop(id)).trouble).toBeNull();
});

test("a stop takes its time and is waited for", async () => {
  const { pods, provider, id, providerId, clock } = await running();
  provider.behave("stop", (pod) => pod);
  const stopsAt = clock.at + 30_000;
  const { get } = provider;
  provider.get = async (asked) => {
    if (clock.at >= stopsAt) provider.set(providerId, { status: "stopped", providerStatus: "EXITED" });
    return get(asked);
  };
  expect((await pods.stop(id)).status).toBe("stopped");
});

test("a stop whose answer was lost, but that was carried out, is done; it is asked for once", async () => {
  const { pods, provider, id, providerId } = await running();
  const { stop } = provider;
  provider.stop = async (asked) => {
    await stop(asked);
    throw failing({ kind: "timeout", message: "RunPod did not answer in 30 s" });
  };
  expect((await pods.stop(id)).status).toBe("stopped");
  expect(provider.calls.filter((call) => call === `stop ${providerId}`)).toHaveLength(1);
});

test.each([
  ["payment", "no credit"],
  ["forbidden", "the key has no right"],
] as const)("a stop that is refused (%s) says why, and the pod runs on", async (kind, message) => {
  const { pods, provider, id, get } = await running();
  provider.fail("stop", failing({ kind, message, hint: "do something", requestId: "req-1" }));
  expect(await refused(pods.stop(id))).toBe(`exp-pod was not stopped: ${message}; do something (request req-1)`);
  expect(await get()).toMatchObject({ status: "running", trouble: null });
});

test("two rooms that stop a pod at once stop it once; a third wish waits its turn in words", async () => {
  const { pods, provider, id, providerId } = await running();
  const { stop } = provider;
  const waiting: (() => void)[] = [];
  provider.stop = async (asked) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    await stop(asked);
  };
  const first = pods.stop(id);
  await expect.poll(async () => (await pods.get(id)).acceptsWork).toBe(false);
  const second = pods.stop(id);
  expect(await refused(pods.restart(id))).toBe("exp-pod is being stopped at this moment; try again when that is done");
  await expect.poll(() => waiting.length).toBe(1);
  waiting[0]?.();
  expect([(await first).status, (await second).status]).toEqual(["stopped", "stopped"]);
  expect(provider.calls.filter((call) => call === `stop ${providerId}`)).toHaveLength(1);
  expect((await pods.stop(id)).status).toBe("stopped");
  expect(provider.calls.filter((call) => call === `stop ${providerId}`)).toHaveLength(1);
});

test("a locked pod is neither stopped nor terminated before somebody unlocks it", async () => {
  const { pods, provider, id, providerId } = await running();
  expect((await pods.patch(id, { locked: true })).locked).toBe(true);
  expect(await refused(pods.stop(id))).toBe("exp-pod is locked, and RunPod stops no locked pod: unlock it first");
  expect(await refused(pods.terminate(id))).toBe("exp-pod is locked against this: unlock it first");
  expect(provider.calls).not.toContain(`terminate ${providerId}`);
  await pods.patch(id, { locked: false });
  expect((await pods.stop(id)).status).toBe("stopped");
});

test("a pod without a volume is not stopped while outputs are only on it, unless somebody gives them up", async () => {
  const { pods, provider, id, left, get } = await running({ volumeGb: 0 });
  left.set(id, { ids: ["EXP-054"], reason: "connection refused" });
  expect(await refused(pods.stop(id))).toBe(
    "exp-pod: outputs of EXP-054 are only on it, could not be fetched (connection refused), and are what a stop wipes; fetch them first, or say that they may be lost",
  );
  expect((await get()).status).toBe("running");
  expect((await pods.stop(id, { discardOutputs: true })).status).toBe("stopped");
  expect(provider.calls.filter((call) => call.startsWith("stop"))).toHaveLength(1);
});

test("with a volume a stop goes ahead: what is on it stays", async () => {
  const { pods, id, left } = await running();
  left.set(id, { ids: ["EXP-054"], reason: "connection refused" });
  expect((await pods.stop(id)).status).toBe("stopped");
});

test("nothing is terminated while outputs are only on it; then the row stays, greyed, with what it has cost", async () => {
  const { pods, provider, id, left, labId, events } = await running();
  left.set(id, { ids: ["EXP-054", "EXP-055"], reason: null });
  expect(await refused(pods.terminate(id))).toContain(
    "outputs of EXP-054, EXP-055 are only on it, could not be fetched, and are what terminating destroys",
  );
  left.clear();
  expect(await pods.terminate(id)).toMatchObject({ status: "terminated", statusReason: "terminated" });
  expect(provider.pods.size).toBe(0);
  expect((await pods.list(labId)).map(({ id: each }) => each)).toContain(id);
  expect((await pods.terminate(id)).status).toBe("terminated");
  expect((await events()).filter((topic) => topic === "pod.terminated")).toHaveLength(1);
});

test("a terminate that does nothing is said, not believed", async () => {
  const { pods, provider, id, get } = await running();
  provider.behave("terminate", (pod) => pod);
  expect(await refused(pods.terminate(id))).toBe(
    "RunPod answered OK, but exp-pod is still there ($3.60/h): terminate it again, or in RunPod's console",
  );
  expect((await get()).trouble?.code).toBe("terminateFailed");
});

test("a restart is done when its uptime fell", async () => {
  const { pods, id, forsaken, forgotten } = await running();
  expect((await pods.restart(id)).status).toBe("running");
  expect(forsaken).toEqual([`${id} its pod exp-pod was restarted`]);
  expect(forgotten).toEqual([id]);
});

test("a restart that did nothing is trouble, and no run is given up for it", async () => {
  const { pods, provider, id, forsaken, get } = await running();
  provider.behave("restart", (pod) => ({ uptimeSeconds: (pod.uptimeSeconds ?? 0) + 1 }));
  expect(await refused(pods.restart(id))).toContain("was not restarted: its uptime did not fall");
  expect((await get()).trouble?.code).toBe("restartFailed");
  expect(forsaken).toEqual([]);
});

test("restarting what is stopped starts it; coming up without a GPU is trouble", async () => {
  const { pods, provider, id, providerId, events } = await running();
  await pods.stop(id);
  const trouble = { code: "zeroGpu", message: "came up without a GPU, its host gave it away" };
  provider.behave("start", () => ({ status: "running", providerStatus: "RUNNING", gpuCount: 0, trouble }));
  expect(await pods.restart(id)).toMatchObject({ status: "running", gpuCount: 0, trouble, gpus: [] });
  expect(provider.calls).toContain(`start ${providerId}`);
  expect(await events()).toContain("pod.trouble");
});

test("a start that the host has no room for says so, and the pod stays stopped", async () => {
  const { pods, provider, id } = await running();
  await pods.stop(id);
  const message = "There are not enough free GPUs on the host machine to start this pod";
  provider.fail("start", failing({ kind: "noCapacity", message, hint: "try another GPU, region or cloud" }));
  expect(await refused(pods.start(id))).toBe(`exp-pod can't be started: ${message}; try another GPU, region or cloud`);
  expect((await pods.get(id)).status).toBe("stopped");
});

test("an old look does not undo what was read back meanwhile", async () => {
  const { pods, provider, id, look, get } = await running();
  const stale = await provider.list();
  const { list } = provider;
  provider.list = async () => {
    await pods.stop(id);
    return stale;
  };
  const looked = look();
  await looked;
  expect((await get()).status).toBe("stopped");
  provider.list = list;
});

test("this machine and hosts of one's own drain; they are not destroyed", async () => {
  const { pods, podId } = await running();
  expect(await pods.stop(podId)).toMatchObject({
    acceptsWork: false,
    status: "running",
    statusReason: "drained: running experiments go on, no new one starts",
  });
  expect(await pods.start(podId)).toMatchObject({ acceptsWork: true, statusReason: null });
  expect(await refused(pods.terminate(podId))).toBe("This machine can't be terminated from here.");
  expect(await refused(pods.restart(podId))).toBe("This machine can't be restarted from here.");
  expect(await refused(pods.patch(podId, { locked: true }))).toContain("only a rented pod can be renamed or locked");
});

test("a queued experiment is pinned to a pod, and a foreign pod takes work from then on", async () => {
  const { pods, provider, look, named, create, store, experiments } = await running();
  provider.set("foreign", { name: "somebody's" });
  await look();
  const foreign = await named("somebody's");
  expect(foreign.acceptsWork).toBe(false);
  const experiment = await create();
  expect((await pods.deploy(foreign.id, experiment.experimentId)).acceptsWork).toBe(true);
  const row = await store.db.selectFrom("experiments").select("pinned_pod_id").executeTakeFirstOrThrow();
  expect(row.pinned_pod_id).toBe(foreign.id);
  expect((await experiments.get(experiment._id)).statusReason).toBe("put on somebody's");
  await experiments.cancel(experiment._id);
  expect(await refused(pods.deploy(foreign.id, experiment._id))).toBe(
    "EXP-001 is fail: only what is queued can be put on a pod",
  );
});

test("outputs that could not be fetched are named with the reason", async () => {
  const { pods, id, left } = await running();
  left.set(id, { ids: ["EXP-054"], reason: "its disk is full" });
  expect(await refused(pods.fetchOutputs(id))).toBe(
    "exp-pod: outputs of EXP-054 could not be fetched: its disk is full",
  );
  left.clear();
  expect((await pods.fetchOutputs(id)).id).toBe(id);
});

test("stock is asked for once a minute; a failure is not kept", async () => {
  const { pods, provider, clock } = await running();
  provider.fail("stock", failing({ kind: "auth", message: "wrong key" }));
  await expect(pods.stock()).rejects.toThrow("wrong key");
  expect((await pods.stock())[0]?.gpuType).toBe("NVIDIA H200");
  clock.at += 59_000;
  await pods.stock();
  expect(provider.calls.filter((call) => call === "stock")).toHaveLength(2);
  clock.at += 2000;
  await pods.stock();
  expect(provider.calls.filter((call) => call === "stock")).toHaveLength(3);
});

test("a pod's log comes from its provider and ends with its reader", async () => {
  const { pods, provider, id, providerId, podId } = await running();
  provider.line(providerId, "one");
  const reader = new AbortController();
  const seen: string[] = [];
  for await (const lines of pods.followLog(id, { tail: 10, signal: reader.signal })) {
    seen.push(...lines.map(({ line }) => line));
    if (seen.length === 1) provider.line(providerId, "two");
    else reader.abort();
  }
  expect(seen).toEqual(["one", "two"]);
  const none = pods.followLog(podId, { tail: 1, signal: new AbortController().signal });
  await expect(none[Symbol.asyncIterator]().next()).rejects.toThrow("has no log of its own here");
});

test("a stopped pod with outputs on it has to be started to fetch them; of a terminated one nothing is left", async () => {
  const { pods, id, left } = await running();
  await pods.stop(id);
  left.set(id, { ids: ["EXP-054"], reason: "its pod is not connected" });
  expect(await refused(pods.terminate(id))).toContain("start it to fetch them, or say that they may be lost");
  expect((await pods.terminate(id, { discardOutputs: true })).status).toBe("terminated");
  expect(await refused(pods.fetchOutputs(id))).toBe("exp-pod is terminated: nothing is left there");
});
