import { expect, test } from "vitest";
import { CpuType, DataCenter, GpuType } from "../../../src/clients/runpod/catalog.js";
import { PodPage, RunpodPod } from "../../../src/clients/runpod/pod.js";
import { seenPod } from "../../../src/clients/runpod/pod-state.js";
import { podLogLine } from "../../../src/contract/pod-log.js";

/** mulberry32: the same rubbish every time. */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { next, pick: <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)]! };
}

const rubbish: readonly unknown[] = [
  null,
  undefined,
  {},
  [],
  "",
  "é\u0000",
  0,
  -1,
  1e308,
  -2e38,
  Number.NaN,
  true,
  [null],
  [{}],
  { a: 1 },
  "RUNNING",
  "2026-13-45T99:00:00Z",
];

const whole = {
  id: "p1",
  name: "n",
  status: "RUNNING",
  actions: ["stop"],
  image: "i",
  disk: 50,
  mounts: { persistent: { size: 100, path: "/w" }, network: [{ volumeId: "v", path: "/n" }] },
  ports: ["22/tcp"],
  env: { A: "b" },
  cloud: "SECURE",
  dataCenterId: "EU-RO-1",
  cudaVersion: "12.8",
  gpu: { id: "g", count: 1, vcpuCount: 8, memory: 60 },
  cpu: { id: "c", vcpuCount: 4, memory: 8 },
  ssh: { proxy: { host: "h", port: 22, username: "u" }, direct: { host: "h", port: 22, username: "u" } },
  template: null,
  cost: 1.5,
  locked: false,
  runtime: {
    uptime: 1,
    gpus: [{ util: 1, memoryUtil: 2 }],
    cpu: { util: 3 },
    memory: { util: 4 },
    ports: [{ private: 22, public: 1, type: "tcp", ip: "1.2.3.4" }],
  },
  createdAt: "2026-11-20T00:00:00Z",
  startedAt: null,
};

/** The value with some of its parts, at any depth, gone or turned into rubbish. */
function spoilt(value: unknown, { next, pick }: ReturnType<typeof dice>): unknown {
  if (next() < 0.12) return pick(rubbish);
  if (Array.isArray(value)) return value.map((one) => spoilt(one, { next, pick }));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(() => next() > 0.08);
  return Object.fromEntries(kept.map(([key, one]) => [key, spoilt(one, { next, pick })]));
}

test("whatever an answer looks like, a list is read and every pod in it can be shown", () => {
  const random = dice(20261122);
  let shown = 0;
  for (let round = 0; round < 3000; round++) {
    const pods = spoilt([whole, whole], random);
    const page = PodPage.safeParse({ pods, pagination: spoilt({ nextCursor: "c", hasNextPage: true }, random) });
    expect(page.success).toBe(true);
    for (const pod of page.data?.pods ?? []) {
      const seen = seenPod(pod);
      shown += 1;
      expect(["creating", "running", "stopped", "terminated"]).toContain(seen.status);
      expect(seen.costPerHourUsd ?? 0).toBeGreaterThanOrEqual(0);
      for (const percent of [seen.sample?.gpuUtilPercent, seen.sample?.cpuPercent]) {
        expect((percent ?? 0) >= 0 && (percent ?? 0) <= 100).toBe(true);
      }
      expect(JSON.stringify(seen)).not.toContain("NaN");
    }
  }
  expect(shown).toBeGreaterThan(2000);
});

test("the catalogue and log lines never throw either", () => {
  const random = dice(7);
  const gpu = {
    id: "g",
    name: "n",
    memory: 80,
    secure: true,
    price: { secure: 1, community: 2 },
    maxCount: { secure: 8, community: 0 },
    dataCenters: [{ id: "d", name: "D", availability: "HIGH" }],
  };
  for (let round = 0; round < 1000; round++) {
    for (const schema of [GpuType, CpuType, DataCenter])
      expect(() => schema.safeParse(spoilt(gpu, random))).not.toThrow();
    expect(GpuType.safeParse({ ...(spoilt({ ...gpu }, random) as object), id: "g" }).success).toBe(true);
    const data = JSON.stringify(spoilt({ ts: "2026-06-01T12:02:03Z", source: "container", line: "x" }, random) ?? null);
    expect(typeof podLogLine({ id: null, data, isTooLong: false }).line).toBe("string");
  }
});

test("an id is all a pod needs", () => {
  expect(RunpodPod.safeParse({ id: "p" }).success).toBe(true);
  expect(PodPage.parse({ pods: [{ name: "no id" }, { id: "p" }, null, 5] }).pods.map(({ id }) => id)).toEqual(["p"]);
});
