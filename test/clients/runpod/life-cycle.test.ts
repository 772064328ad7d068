import { afterEach, expect, test } from "vitest";
import { planCandidates } from "../../../src/clients/runpod/candidates.js";
import { createFromCandidates } from "../../../src/clients/runpod/create-from-candidates.js";
import { createFromDraft, defaultImage } from "../../../src/clients/runpod/draft.js";
import { runpodClient } from "../../../src/clients/runpod/index.js";
import { seenPod } from "../../../src/clients/runpod/pod-state.js";
import { stockRows } from "../../../src/clients/runpod/stock.js";
import { toFailure } from "../../../src/core/failure.js";
import { startFakeRunPod } from "../../fakes/runpod/start-fake-runpod.js";

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function account() {
  const fake = await startFakeRunPod();
  const time = { now: fake.control.now, random: () => 0, sleep: async () => undefined };
  const runpod = runpodClient({ apiKey: fake.key, baseUrl: fake.url, time });
  open.push(runpod.close, fake.close);
  return { control: fake.control, runpod };
}

const base = {
  name: "exp-054-x7",
  image: "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404",
  cloud: "SECURE" as const,
  disk: 50,
  ports: ["22/tcp"],
  mounts: { persistent: { size: 100, path: "/workspace" } },
  env: { EXPERIMENT_ID: "EXP-054" },
  startSsh: true,
};
const wish = { gpuType: "H200", gpuCount: 1, cloud: "SECURE" as const, regions: [] };

test("a pod from its first wish to its end", async () => {
  const { runpod, control } = await account();
  const plan = planCandidates(wish, { gpus: await runpod.catalog.gpus({ count: 1, cloud: "SECURE" }) });
  const made = await createFromCandidates(runpod.pods.createOnce, base, plan);
  const { id } = made.pod;
  const look = async () => seenPod((await runpod.pods.get(id))!);
  expect(seenPod(made.pod)).toMatchObject({ status: "creating", name: "exp-054-x7", volumeGb: 100 });

  control.finishBoot(id);
  control.advance(60_000);
  expect(await look()).toMatchObject({ status: "running", trouble: null, ssh: { via: "direct" } });
  expect((await look()).sample?.gpus).toHaveLength(1);

  expect(seenPod(await runpod.pods.patch(id, { name: "renamed", locked: true }))).toMatchObject({
    name: "renamed",
    locked: true,
  });
  await runpod.pods.patch(id, { locked: false });
  await runpod.pods.stop(id);
  control.advance(60_000);
  expect(await look()).toMatchObject({ status: "stopped", costPerHourUsd: 0, stoppedMicrosPerHour: 27_397 });
  await runpod.pods.start(id);
  control.advance(120_000);
  expect((await look()).status).toBe("running");

  expect(await runpod.pods.delete(id)).toBe(true);
  expect(await runpod.pods.get(id)).toBeNull();
  expect(await runpod.pods.delete(id)).toBe(false);
});

test("a log is resumed over cuts without a gap", async () => {
  const { runpod, control } = await account();
  const id = control.addPod({ name: "talks", gpu: { id: "NVIDIA H200", count: 1 } });
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  control.streams({ cutAfterBytes: 700, chunkBytes: 13, crlf: true });
  control.log(id, "container", ...lines);
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const batch of runpod.pods.followLog(id, { source: "container", tail: 5000, signal: stop.signal })) {
    seen.push(...batch.map(({ line }) => line).filter((line) => line.startsWith("line ")));
    if (seen.length >= lines.length) stop.abort();
  }
  expect(seen).toEqual(lines);
});

test("the create whose answer was lost is one pod", async () => {
  const { runpod, control } = await account();
  control.fault({ method: "POST", path: "/v2/pods", lost: "after" });
  const plan = planCandidates(wish, { gpus: await runpod.catalog.gpus() });
  const made = await createFromCandidates(runpod.pods.createOnce, base, plan);
  expect(made.wasFound).toBe(true);
  expect(await runpod.pods.list()).toHaveLength(1);
});

test("no capacity anywhere, no credit, no right: each in its words", async () => {
  const { runpod, control } = await account();
  const plan = planCandidates(wish, { gpus: await runpod.catalog.gpus() });
  const attempt = () => createFromCandidates(runpod.pods.createOnce, base, plan).catch((e: unknown) => toFailure(e));
  for (const gpu of ["NVIDIA H200", "NVIDIA H200 NVL"]) control.capacity(gpu, "*", 0);
  const full = await attempt();
  expect(full).toMatchObject({ kind: "noCapacity", status: 400 });
  expect("message" in full && full.message).toContain(`tried 1×${plan[0]?.compute.gpu?.id}`);
  control.capacity("NVIDIA H200", "*", 8);
  control.balance(0.01);
  expect(await attempt()).toMatchObject({ kind: "payment" });
});

test("templates, volumes, secrets, keys, bills and the balance", async () => {
  const { runpod, control } = await account();
  await runpod.secrets.put({ name: "hf", value: "v" });
  expect((await runpod.secrets.list()).map(({ name }) => name)).toEqual(["hf"]);
  const volume = await runpod.networkVolumes.create({ name: "data", size: 50, dataCenter: "EU-RO-1" });
  expect(await runpod.networkVolumes.list()).toMatchObject([{ id: volume.id, size: 50 }]);
  expect(await runpod.networkVolumes.delete(volume.id)).toBe(true);
  expect((await runpod.templates.public("official")).length).toBeGreaterThan(0);
  expect(await runpod.account.addSshKey("ssh-ed25519 AAAA1 me")).toContain("ssh-ed25519 AAAA1 me");
  expect((await runpod.catalog.dataCenters()).some(({ id }) => id === "EU-RO-1")).toBe(true);
  expect((await runpod.catalog.cpus()).length).toBeGreaterThan(0);

  control.balance(50);
  control.billing({ lagMs: 0 });
  const id = control.addPod({ name: "old", gpu: { id: "NVIDIA H200", count: 1 }, ageMs: 3 * 3_600_000 });
  const hours = await runpod.billing.pods({ span: { lastN: 24 } });
  expect(hours.filter(({ providerId }) => providerId === id).length).toBeGreaterThanOrEqual(3);
  expect((await runpod.billing.all({ span: { lastN: 24 } })).length).toBeGreaterThan(0);
  expect((await runpod.balance()).micros).toBeGreaterThan(0);
});

test("a draft of the contract becomes a pod, with everything RunPod has to be told", async () => {
  const { runpod, control } = await account();
  await runpod.account.addSshKey("ssh-ed25519 AAAA1 me");
  const made = await createFromDraft(runpod, {
    name: "exp-1-x7",
    gpuType: "A100",
    gpuCount: 2,
    volumeSize: 5,
    env: { A: "1" },
    regions: [],
  });
  expect(seenPod(made.pod)).toMatchObject({ gpuCount: 2, volumeGb: 10, diskGb: 50, image: defaultImage });
  expect(made.pod).toMatchObject({ ports: ["22/tcp"], env: { A: "1" }, cloud: "SECURE" });
  // What startSsh does.
  expect(made.pod.env["PUBLIC_KEY"]).toContain("ssh-ed25519 AAAA1 me");
  control.finishBoot(made.pod.id);
  expect((await runpod.pods.get(made.pod.id))?.dataCenterId).toBe(made.candidate.dataCenterId);
});

test("a network volume decides on the place; a CPU pod has neither GPU nor volume", async () => {
  const { runpod } = await account();
  const volume = await runpod.networkVolumes.create({ name: "data", size: 50, dataCenter: "US-TX-3" });
  const made = await createFromDraft(runpod, {
    name: "a",
    gpuType: "H100",
    networkVolumeId: volume.id,
    regions: ["EU-RO-1"],
  });
  expect(made.candidate.dataCenterId).toBe("US-TX-3");
  expect(made.pod).toMatchObject({ mounts: { network: [{ volumeId: volume.id }] } });
  const cpu = await createFromDraft(runpod, { name: "b", gpuType: "CPU", volumeSize: 50 });
  expect(seenPod(cpu.pod)).toMatchObject({ gpuType: "CPU", gpuCount: 0, volumeGb: 0 });
});

test("stock of both clouds, the fullest places first", async () => {
  const { runpod, control } = await account();
  control.capacity("NVIDIA H200", "EU-RO-1", 0);
  const [SECURE, COMMUNITY] = await Promise.all([
    runpod.catalog.gpus({ cloud: "SECURE" }),
    runpod.catalog.gpus({ cloud: "COMMUNITY" }),
  ]);
  const rows = stockRows({ SECURE, COMMUNITY });
  const h200 = rows.filter(({ gpuType }) => gpuType === "NVIDIA H200");
  expect(h200.map(({ cloud }) => cloud)).toEqual(["SECURE"]);
  expect(h200[0]).toMatchObject({
    provider: "runpod",
    memoryGb: 141,
    maxCount: 8,
    costPerHourUsd: 3.59,
    stoppedUsdPerGbMonth: 0.2,
    stock: "high",
  });
  expect(h200[0]?.regions[0]).toMatchObject({ id: "US-TX-3", stock: "high" });
  expect(rows.some(({ cloud }) => cloud === "COMMUNITY")).toBe(true);
});
