import { describe, expect, test } from "vitest";
import { RunpodPod } from "../../../src/clients/runpod/pod.js";
import { isPublicIp } from "../../../src/clients/runpod/pod-ports.js";
import { directSshReason } from "../../../src/clients/runpod/pod-ssh.js";
import { goneFrom, seenPod } from "../../../src/clients/runpod/pod-state.js";
import { networkVolumeMicrosPerHour, stoppedMicrosPerHour } from "../../../src/clients/runpod/storage-price.js";

const runtime = {
  uptime: 3600,
  gpus: [
    { util: 90, memoryUtil: 70 },
    { util: 100, memoryUtil: 50 },
  ],
  cpu: { util: 12 },
  memory: { util: 50 },
  ports: [
    { private: 22, public: 34446, type: "tcp", ip: "195.26.233.3" },
    { private: 8888, public: 60010, type: "http", ip: "100.65.1.2" },
  ],
};

const pod = (fields: object = {}) =>
  RunpodPod.parse({
    id: "p1",
    name: "chain-a",
    status: "RUNNING",
    actions: ["stop", "restart", "terminate"],
    image: "a/b:c",
    disk: 50,
    mounts: { persistent: { size: 100, path: "/workspace" } },
    ports: ["22/tcp", "8888/http", "9000/tcp"],
    env: { A: "1" },
    cloud: "SECURE",
    dataCenterId: "EU-RO-1",
    gpu: { id: "NVIDIA H200", count: 2, vcpuCount: 48, memory: 376 },
    ssh: {
      proxy: { host: "ssh.runpod.io", port: 22, username: "p1-64411eb2", command: "ssh x" },
      direct: { host: "195.26.233.3", port: 34446, username: "root", command: "ssh y" },
    },
    cost: 7.18,
    locked: false,
    runtime,
    createdAt: "2026-11-20T00:00:00Z",
    startedAt: "2026-11-20T00:01:00Z",
    ...fields,
  });

describe("status", () => {
  test.each([
    ["PROVISIONING", [], "creating", "allocating"],
    ["STARTING", [], "creating", "starting container (image pull, create or boot)"],
    ["RUNNING", [], "running", null],
    ["EXITED", ["start"], "stopped", null],
    ["ERROR", ["start"], "stopped", "error"],
    ["TERMINATED", [], "terminated", null],
    ["MIGRATING", ["stop"], "creating", "MIGRATING"],
    ["HIBERNATED", ["start"], "stopped", "HIBERNATED"],
  ])("%s with actions %j is %s", (status, actions, expected, reason) => {
    expect(seenPod(pod({ status, actions }))).toMatchObject({
      status: expected,
      statusReason: reason,
      providerStatus: status,
      actions,
    });
  });

  test.each([[null], [{}], [undefined], [{ uptime: 5 }], [{ gpus: "none" }], [{ cpu: { util: 3 } }]])(
    "running with runtime %j has no telemetry yet",
    (partial) => {
      expect(seenPod(pod({ runtime: partial }))).toMatchObject({ status: "running", statusReason: "no telemetry yet" });
    },
  );
});

describe("trouble", () => {
  test("an error and a zero-GPU resume are never hidden", () => {
    expect(seenPod(pod({ status: "ERROR" })).trouble?.code).toBe("error");
    const zero = seenPod(pod({ gpu: { id: "NVIDIA H200", count: 0 } }));
    expect(zero).toMatchObject({ gpuCount: 0, trouble: { code: "zeroGpu" } });
    expect(seenPod(pod()).trouble).toBeNull();
  });

  test("a network volume that is gone is told, but only when the account was asked", () => {
    const mounted = pod({ mounts: { network: [{ volumeId: "v1", path: "/workspace" }] } });
    expect(seenPod(mounted)).toMatchObject({ trouble: null, volumeGb: null });
    expect(seenPod(mounted, { networkVolumes: new Map([["v1", 200]]) })).toMatchObject({
      trouble: null,
      volumeGb: 200,
    });
    expect(seenPod(mounted, { networkVolumes: new Map() }).trouble?.code).toBe("volumeGone");
  });

  test("a pod nobody knows any more is terminated and costs nothing", () => {
    expect(goneFrom(seenPod(pod()))).toMatchObject({
      status: "terminated",
      costPerHourUsd: 0,
      ssh: null,
      sample: null,
    });
  });
});

describe("telemetry", () => {
  test("each GPU, their mean, host memory from its share", () => {
    expect(seenPod(pod()).sample).toEqual({
      cpuPercent: 12,
      memoryUsedBytes: 188e9,
      memoryTotalBytes: 376e9,
      loadAverage: null,
      gpuUtilPercent: 95,
      gpuMemoryPercent: 60,
      gpus: [
        { utilPercent: 90, memoryPercent: 70, temperatureC: null, powerW: null },
        { utilPercent: 100, memoryPercent: 50, temperatureC: null, powerW: null },
      ],
    });
  });

  test.each([-1, 101, 1e9, "90", null])("a utilisation of %j is unknown", (util) => {
    const { sample } = seenPod(pod({ runtime: { ...runtime, gpus: [{ util, memoryUtil: util }] } }));
    expect(sample).toMatchObject({ gpuUtilPercent: null, gpuMemoryPercent: null, gpus: [{ utilPercent: null }] });
  });

  test("numbers of a pod that has stopped are old and left out", () => {
    expect(seenPod(pod({ status: "EXITED" }))).toMatchObject({ sample: null, uptimeSeconds: null });
  });
});

describe("ssh", () => {
  test("direct, else the proxy, else why not", () => {
    const { ssh } = pod();
    expect(seenPod(pod()).ssh).toEqual({ host: "195.26.233.3", port: 34446, username: "root", via: "direct" });
    expect(seenPod(pod({ ssh: { ...ssh, direct: null } })).ssh).toMatchObject({ host: "ssh.runpod.io", via: "proxy" });
    expect(seenPod(pod({ ssh: null })).sshReason).toBe("no port is assigned yet");
    expect(seenPod(pod({ ssh: null, ports: [] })).sshReason).toMatch(/22\/tcp is not among its ports/);
    expect(seenPod(pod({ status: "STARTING" }))).toMatchObject({ ssh: null, sshReason: "it is not running" });
  });

  test("a proxy is a shell only: commands still have their reason", () => {
    expect(directSshReason(pod({ ssh: { direct: null, proxy: pod().ssh?.proxy } }))).toBe("no port is assigned yet");
    expect(directSshReason(pod())).toBeNull();
  });

  test.each([
    { host: "-oProxyCommand=x", port: 22, username: "root" },
    { host: "a b", port: 22, username: "root" },
    { host: "h", port: 0, username: "root" },
    { host: "h", port: 65536, username: "root" },
    { host: "h", port: 2.5, username: "root" },
    { host: "h", port: 22, username: "-lroot" },
    { host: "h;id", port: 22, username: "root" },
  ])("%j never reaches an argv", (direct) => {
    expect(seenPod(pod({ ssh: { direct, proxy: null } }))).toMatchObject({
      ssh: null,
      sshReason: "RunPod gave an ssh address that is none",
    });
  });
});

test("ports: where each is reached, none of a carrier's network, those that are only asked for", () => {
  expect(seenPod(pod()).ports).toEqual([
    { private: 22, public: 34446, type: "tcp", ip: "195.26.233.3" },
    { private: 8888, public: null, type: "http", ip: null },
    { private: 9000, public: null, type: "tcp", ip: null },
  ]);
  for (const ip of [
    "10.1.2.3",
    "100.64.0.1",
    "100.127.9.9",
    "192.168.1.1",
    "172.31.0.1",
    "127.0.0.1",
    "::1",
    "x",
    "",
  ]) {
    expect(isPublicIp(ip)).toBe(false);
  }
  for (const ip of ["195.26.233.3", "100.63.0.1", "100.128.0.1", "2001:db8::1"]) expect(isPublicIp(ip)).toBe(true);
});

describe("money", () => {
  test("a stopped volume of 100 GB is $20 per 730 hours; without one nothing; unknown is unknown", () => {
    expect(stoppedMicrosPerHour(pod())).toBe(27_397);
    expect(stoppedMicrosPerHour(pod({ mounts: {} }))).toBe(0);
    expect(stoppedMicrosPerHour(pod({ mounts: undefined }))).toBeNull();
    expect(stoppedMicrosPerHour(pod({ mounts: { persistent: { size: "big" } } }))).toBeNull();
  });

  test("a network volume is cheaper past the first TB", () => {
    expect(networkVolumeMicrosPerHour(100)).toBe(9_589);
    expect(networkVolumeMicrosPerHour(2000)).toBe(Math.round((1000 * 70_000 + 1000 * 50_000) / 730));
  });

  test.each([
    [0.35, 0.35],
    [0, 0],
    [-1, null],
    [null, null],
    ["4", null],
  ])("a cost of %j is %j", (cost, expected) => {
    expect(seenPod(pod({ cost })).costPerHourUsd).toBe(expected);
  });
});
