import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { shortGpu } from "../../../src/lab/pods/creation.js";
import { createSshKey } from "../../../src/lab/pods/ssh-key.js";
import { failing, fakeProvider } from "./fake-provider.js";
import { openPods } from "./pods-fixture.js";

async function open() {
  const provider = fakeProvider();
  const lab = await openPods([provider]);
  const draft = { labId: lab.labId, gpuType: "H200" };
  return { ...lab, provider, draft };
}

test("a new pod is in the list as soon as its provider has taken it, under a name of its own", async () => {
  const { pods, provider, draft, look, events } = await open();
  const drafted = { ...draft, maxHours: 8, env: { EXPERIMENT_ID: "EXP-054", TOKEN: "x" }, volumeSize: 100 };
  const pod = await pods.create(drafted);
  expect(pod).toMatchObject({
    status: "creating",
    createdByLab: true,
    acceptsWork: true,
    providerId: "new1",
    volumeGb: 100,
    maxHoursAt: null,
    maxHoursAction: "terminate",
    env: { EXPERIMENT_ID: "EXP-054", TOKEN: "••••" },
  });
  expect(pod.name).toMatch(/^dark-energy-h200-[a-z2-9]{4}$/);
  expect(provider.pods.get("new1")?.env["PUBLIC_KEY"]).toMatch(/^ssh-ed25519 /);
  await look();
  expect(provider.calls.filter((call) => call.startsWith("create"))).toHaveLength(1);
  expect((await events()).slice(0, 2)).toEqual(["pod.running", "pod.created"]);
});

test("its hours count from when it runs, and anew after a stop", async () => {
  const { pods, provider, draft, look, clock } = await open();
  const { id } = await pods.create({ ...draft, maxHours: 8 });
  clock.at += 600_000;
  provider.set("new1", { status: "running", startedAt: clock.at - 3000 });
  await look();
  expect((await pods.get(id)).maxHoursAt).toBe(clock.at - 3000 + 8 * 3_600_000);
  await pods.stop(id);
  expect((await pods.get(id)).maxHoursAt).toBeNull();
  clock.at += 600_000;
  await pods.start(id);
  expect((await pods.get(id)).maxHoursAt).toBeGreaterThan(clock.at + 8 * 3_600_000 - 10_000);
});

test.each([
  [
    { kind: "noCapacity", message: "There are no longer any instances available" },
    "There are no longer any instances available",
  ],
  [{ kind: "payment", message: "not enough balance", hint: "add credit" }, "not enough balance; add credit"],
  [{ kind: "auth", message: "no such key" }, "no such key"],
  [{ kind: "network", message: "cannot reach api.runpod.io: ECONNREFUSED" }, "ECONNREFUSED"],
] as const)("what is refused leaves nothing behind: %o", async (failure, words) => {
  const { pods, provider, draft, rows } = await open();
  provider.fail("create", failing(failure));
  await expect(pods.create(draft)).rejects.toThrow(words);
  expect(await rows()).toEqual([]);
});

test("a create whose answer was lost is sent once, is shown as in doubt, and taken up by its name", async () => {
  const { pods, provider, draft, look } = await open();
  provider.loseCreate();
  const pod = await pods.create(draft);
  expect(pod).toMatchObject({ status: "creating", providerId: null, trouble: { code: "createUncertain" } });
  expect(pod.trouble?.message).toContain("RunPod did not say whether it made");
  await expect(pods.stop(pod.id)).rejects.toThrow("the lab looks for it by its name");
  await look();
  expect(await pods.get(pod.id)).toMatchObject({ providerId: "new1", trouble: null, createdByLab: true });
  expect(provider.calls.filter((call) => call.startsWith("create"))).toHaveLength(1);
});

test("one that never turned up is given up after a quarter of an hour", async () => {
  const { pods, provider, draft, look, clock } = await open();
  provider.fail("create", failing({ kind: "timeout", message: "no answer in 30 s" }));
  const { id } = await pods.create(draft);
  clock.at += 14 * 60_000;
  await look();
  expect((await pods.get(id)).status).toBe("creating");
  clock.at += 2 * 60_000;
  await look();
  expect(await pods.get(id)).toMatchObject({
    status: "terminated",
    statusReason: "was never made: its provider does not know it",
  });
});

test("the same request twice, at once or later, makes one pod", async () => {
  const { pods, provider, draft } = await open();
  const options = { requestKey: "k-1" };
  const [first, second] = await Promise.all([pods.create(draft, options), pods.create(draft, options)]);
  const third = await pods.create(draft, options);
  expect(new Set([first.id, second.id, third.id]).size).toBe(1);
  expect(provider.pods.size).toBe(1);
  expect((await pods.create(draft, { requestKey: "k-2" })).id).not.toBe(first.id);
});

test("a name that is taken is refused: it is how a pod is found", async () => {
  const { pods, provider, draft } = await open();
  await pods.create({ ...draft, name: "mine" });
  await expect(pods.create({ ...draft, name: "mine" })).rejects.toThrow("there is a pod mine already");
  expect(provider.pods.size).toBe(1);
});

test("a draft that is none is refused before anybody is asked", async () => {
  const { pods, provider, draft } = await open();
  await expect(pods.create({ ...draft, gpuCount: 0 })).rejects.toThrow("gpuCount");
  await expect(pods.create({ ...draft, maxHours: -1 })).rejects.toThrow("maxHours");
  await expect(pods.create({ ...draft, provider: "nowhere" })).rejects.toThrow(
    "provider: nowhere rents no pods; pods are rented at: runpod",
  );
  expect(provider.calls).toEqual([]);
});

test.each([
  ["H200", "h200"],
  ["NVIDIA H100 80GB HBM3", "h100"],
  ["NVIDIA A100-SXM4-80GB", "a100-sxm4-80gb"],
  ["CPU", "cpu"],
  ["🦊", "pod"],
])("%s is %s in a name", (gpuType, short) => {
  expect(shortGpu(gpuType)).toBe(short);
});

test("the lab's key pair is made once, for its owner only", async () => {
  const { mkdtempSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const dir = mkdtempSync(join(tmpdir(), "hubify-key-"));
  const key = createSshKey(dir);
  const [first, again] = await Promise.all([key(), key()]);
  expect(again).toEqual(first);
  expect(statSync(first.file).mode & 0o777).toBe(0o600);
  expect(await createSshKey(dir)()).toEqual(first);
  await expect(createSshKey(mkdtempSync(join(tmpdir(), "hubify-key-")), "no-such-keygen")()).rejects.toThrow(
    "no-such-keygen is not installed",
  );
});
