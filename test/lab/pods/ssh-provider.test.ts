import { expect, test } from "vitest";
import type { HostStat } from "../../../src/lab/hosts/host-stat.js";
import { type ConfiguredHost, sshProvider } from "../../../src/lab/pods/ssh-provider.js";
import { openPods } from "./pods-fixture.js";

const gpu = (name: string) => ({
  uuid: "GPU-1",
  index: 0,
  name,
  utilPercent: 70,
  memoryUsedMiB: 1,
  memoryTotalMiB: 2,
  temperatureC: 60,
  powerW: 300,
});

const stat = (more: Partial<HostStat> = {}): HostStat => ({
  sample: {
    cpuPercent: 20,
    memoryUsedBytes: 1,
    memoryTotalBytes: 2,
    loadAverage: 1,
    gpuUtilPercent: 70,
    gpuMemoryPercent: 50,
    gpus: [{ utilPercent: 70, memoryPercent: 50, temperatureC: 60, powerW: 300 }],
  },
  gpus: [gpu("NVIDIA A100-SXM4-80GB")],
  disk: { totalBytes: 1e12, freeBytes: 5e11 },
  clockSkewMs: 0,
  ...more,
});

async function open(hosts: readonly ConfiguredHost[]) {
  const found: { podId?: string; link: "up" | "down"; stat: HostStat } = { link: "up", stat: stat() };
  const provider = sshProvider({
    hosts,
    sessions: {
      state: () => ({ link: found.link, since: 0, trouble: null, hello: null, name: "box", clockSkewMs: null }),
      stat: async () => found.stat,
    },
    podIdOf: async () => found.podId,
    user: "me",
    now: () => 1,
  });
  const lab = await openPods([provider]);
  await lab.look();
  found.podId = (await lab.named("box")).id;
  await lab.look();
  return { ...lab, found, box: () => lab.named("box") };
}

test("a host of one's own is a pod that takes work, with the GPUs that its driver tells of", async () => {
  const { box, connected, found } = await open([
    { name: "box", host: "box.lan", costPerHourUsd: 0.4, identityFile: "/k" },
  ]);
  expect(await box()).toMatchObject({
    provider: "ssh",
    status: "running",
    acceptsWork: true,
    gpuType: "NVIDIA A100-SXM4-80GB",
    gpuCount: 1,
    slots: 1,
    costPerHourUsd: 0.4,
    autoStopAt: null,
    last: { gpuUtilPercent: 70, gpus: [{ temperatureC: 60, powerW: 300 }] },
  });
  expect(connected.get(found.podId!)).toEqual({
    host: "box.lan",
    port: 22,
    username: "me",
    via: "direct",
    name: "box",
    identityFile: "/k",
  });
});

test("it drains and takes work again; a look does not forget why", async () => {
  const { pods, look, box } = await open([{ name: "box", host: "box.lan", slots: 4, gpus: ["RTX 4090", "RTX 4090"] }]);
  expect(await box()).toMatchObject({ slots: 4, gpuCount: 2, gpuType: "RTX 4090" });
  await pods.stop("box");
  await look();
  expect(await box()).toMatchObject({
    acceptsWork: false,
    statusReason: "drained: running experiments go on, no new one starts",
  });
  await pods.start("box");
  await look();
  expect(await box()).toMatchObject({ acceptsWork: true, statusReason: null });
  await expect(pods.terminate("box")).rejects.toThrow("box is a host of your own: it can't be terminated from here.");
});

test("while its link is down nothing is known of it; a full disk is trouble", async () => {
  const { look, box, found, clock } = await open([{ name: "box", host: "box.lan" }]);
  found.stat = stat({ disk: { totalBytes: 1e12, freeBytes: 1e6 } });
  await look();
  expect((await box()).trouble).toEqual({
    code: "diskFull",
    message: "its disk is full (1 MB free): runs there will fail to write; make room",
  });
  found.link = "down";
  clock.at += 5000;
  await look();
  expect(await box()).toMatchObject({ last: null, idleMinutes: null, gpuType: "NVIDIA A100-SXM4-80GB" });
});
