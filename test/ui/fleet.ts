import type { AppState } from "../../src/app/store.js";
import type { CostPoint, CostRow, Costs } from "../../src/contract/cost.js";
import type { Gpu, Pod, TelemetrySample } from "../../src/contract/pod.js";
import { busyRoom, nowMs, pod } from "./room.js";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const gib = 1024 ** 3;

interface Machine {
  /** Percent, by GPU and step of 180; null is unknown. */
  readonly gpus: readonly ((step: number) => number | null)[];
  readonly costPerHourUsd: number | null;
  readonly memoryPercent?: number;
  readonly spanMs?: number;
}

const steps = 180;

/** 180 samples over the window, the newest now. */
export function machineSamples(podId: string, machine: Machine): TelemetrySample[] {
  const { gpus, costPerHourUsd, memoryPercent = 71, spanMs = 15 * minuteMs } = machine;
  return Array.from({ length: steps }, (_, step): TelemetrySample => {
    const used = gpus.map((util) => util(step));
    const known = used.filter((value) => value !== null);
    const mean = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
    return {
      podId,
      at: nowMs - ((steps - 1 - step) * spanMs) / steps,
      cpuPercent: 20 + 12 * Math.sin(step / 9),
      memoryUsedBytes: (60 + 8 * Math.sin(step / 40)) * gib,
      memoryTotalBytes: 188 * gib,
      loadAverage: 3.1,
      gpuUtilPercent: mean,
      gpuMemoryPercent: known.length === 0 ? null : memoryPercent,
      costPerHourUsd,
      gpus: used.map((utilPercent) => ({
        utilPercent,
        memoryPercent: utilPercent === null ? null : memoryPercent,
        temperatureC: utilPercent === null ? null : 38 + utilPercent / 4,
        powerW: utilPercent === null ? null : 90 + utilPercent * 5.4,
      })),
    };
  });
}

function gpu(index: number, utilPercent: number | null): Gpu {
  return {
    uuid: `GPU-${index}`,
    index,
    name: "NVIDIA H200",
    utilPercent,
    memoryUsedMiB: utilPercent === null ? null : 102_400,
    memoryTotalMiB: 144_384,
    temperatureC: utilPercent === null ? null : 61,
    powerW: utilPercent === null ? null : 512,
  };
}

const busy = (phase: number) => (step: number) =>
  Math.min(99, 84 + 12 * Math.sin(step / 11 + phase) + 5 * Math.sin(step / 3));
const idleAfter = (at: number) => (step: number) => (step < at ? 78 : 0);
/** One of eight hangs. */
const eight = Array.from({ length: 8 }, (_, index) => (index === 3 ? idleAfter(70) : busy(index)));

export const fleetSamples: Readonly<Record<string, readonly TelemetrySample[]>> = {
  pod1: machineSamples("pod1", { gpus: [busy(0)], costPerHourUsd: 4 }),
  pod2: machineSamples("pod2", { gpus: [() => 0], costPerHourUsd: 2.49, memoryPercent: 64 }),
  pod6: machineSamples("pod6", { gpus: eight, costPerHourUsd: 28.72, memoryPercent: 88 }),
  pod8: machineSamples("pod8", { gpus: [busy(2), busy(3)], costPerHourUsd: null }),
  pod9: machineSamples("pod9", { gpus: [], costPerHourUsd: null }),
  pod4: machineSamples("pod4", { gpus: [() => null], costPerHourUsd: 4 }),
};

const lastOf = (id: string) => fleetSamples[id]?.at(-1) ?? null;
const ssh = { host: "203.0.113.7", port: 40_022, username: "root", via: "direct" } as const;

/** One of each kind that there is: working, idle at a price, coming up, without its GPU, broken, stopped, gone, and one's own. */
export const fleet: readonly Pod[] = [
  pod(1, {
    name: "chain-a",
    providerId: "7h9k2m4n6p",
    createdByLab: true,
    region: "EU-RO-1",
    cloud: "SECURE",
    image: "runpod/pytorch:2.8.0-cuda12.8",
    volumeGb: 50,
    diskGb: 50,
    experiments: ["EXP-054", "EXP-055"],
    slotsUsed: 2,
    last: lastOf("pod1"),
    gpus: [gpu(0, 96)],
    ssh,
    ports: [
      { private: 22, public: 40_022, type: "tcp", ip: "203.0.113.7" },
      { private: 8888, public: null, type: "http", ip: null },
    ],
    env: { HF_TOKEN: "••••", WANDB_MODE: "offline" },
    maxHoursAt: nowMs + 26 * hourMs,
    maxHoursAction: "terminate",
    costEstimated: true,
    costMonthUsd: 96.4,
  }),
  pod(2, {
    name: "sweep-1",
    createdByLab: true,
    region: "US-KS-2",
    gpuType: "NVIDIA H100 80GB HBM3",
    costPerHourUsd: 2.49,
    costTodayUsd: 16.1,
    idleMinutes: 47,
    idleSince: nowMs - 47 * minuteMs,
    idleReason: "memory held, no work",
    wastedUsd: 1.95,
    slotsUsed: 0,
    autoStopAt: nowMs + 13 * minuteMs,
    maxHoursAt: nowMs + 3 * hourMs,
    maxHoursAction: "stop",
    last: lastOf("pod2"),
    proposal: { id: "exp56", experimentId: "EXP-056", reason: "fits, highest priority" },
  }),
  pod(3, {
    name: "archive",
    createdByLab: true,
    region: "EU-RO-1",
    gpuType: "NVIDIA A100",
    status: "stopped",
    costPerHourUsd: 1.19,
    costTodayUsd: null,
    idleMinutes: null,
    slotsUsed: 0,
    volumeGb: 140,
    stoppedCostPerMonthUsd: 14,
    unsynced: ["EXP-051"],
    startedAt: null,
  }),
  pod(4, {
    name: "desi-3",
    createdByLab: true,
    region: "US-TX-3",
    trouble: {
      code: "zeroGpu",
      message: "came up without a GPU: the host gave it away; r tries again, n makes a new one",
    },
    costTodayUsd: 0.41,
    idleMinutes: null,
    slotsUsed: 0,
    last: lastOf("pod4"),
  }),
  pod(5, {
    name: "fresh-1",
    createdByLab: true,
    region: "EU-CZ-1",
    status: "creating",
    lastSystemLine: "pulling image: 6.2 of 9.8 GB",
    costTodayUsd: 0.03,
    idleMinutes: null,
    slotsUsed: 0,
    startedAt: null,
    costEstimated: true,
  }),
  pod(6, {
    name: "eightfold",
    region: "US-GA-2",
    gpuCount: 8,
    costPerHourUsd: 28.72,
    costTodayUsd: 201.04,
    experiments: ["EXP-058"],
    gpus: eight.map((_, index) => gpu(index, index === 3 ? 0 : 90)),
    last: lastOf("pod6"),
    locked: true,
  }),
  pod(7, {
    name: "old-sweep",
    region: "US-KS-2",
    status: "terminated",
    statusReason: "terminated by you 4 min ago",
    costTodayUsd: 3.2,
    idleMinutes: null,
    slotsUsed: 0,
    startedAt: null,
  }),
  pod(8, {
    name: "galaxy",
    provider: "ssh",
    gpuType: "RTX 4090",
    gpuCount: 2,
    costPerHourUsd: null,
    costTodayUsd: null,
    experiments: ["EXP-060"],
    gpus: [gpu(0, 88), gpu(1, 91)],
    last: lastOf("pod8"),
  }),
  pod(9, {
    name: "this machine",
    provider: "local",
    gpuType: "",
    gpuCount: 0,
    costPerHourUsd: null,
    costTodayUsd: null,
    idleMinutes: 90,
    slotsUsed: 0,
    slots: 2,
    last: lastOf("pod9"),
  }),
  pod(10, {
    name: "lost-one",
    region: "US-GA-2",
    trouble: { code: "vanished", message: "the provider no longer lists it: it was deleted somewhere else" },
    idleMinutes: null,
    costTodayUsd: 1.1,
    slotsUsed: 0,
  }),
];

const row = (name: string, todayUsd: number | null, monthUsd: number, change: Partial<CostRow> = {}): CostRow => ({
  id: name,
  name,
  todayUsd,
  monthUsd,
  gpuHours: monthUsd / 3.4,
  idleUsd: 0,
  diskUsd: null,
  estimated: false,
  ...change,
});

const points = (count: number, stepMs: number, usd: (index: number) => number, idle: (index: number) => number) =>
  Array.from({ length: count }, (_, index): CostPoint => {
    const at = Math.floor(nowMs / stepMs) * stepMs - (count - 1 - index) * stepMs;
    return { at, usd: usd(index), idleUsd: idle(index), estimated: index === count - 1 };
  });

export const costs: Costs = {
  asOf: nowMs,
  summary: {
    month: "2026-11",
    gpuUsd: 402.1,
    llmUsd: 0,
    storageUsd: 10.31,
    totalUsd: 412.41,
    gpuHours: 118.6,
    budgetUsd: 500,
    liveRunning: { podCount: 5, hourlyUsd: 47.21, costUsd: 61.2 },
  },
  todayUsd: 243.88,
  idleTodayUsd: 9.13,
  idleMonthUsd: 38.2,
  stoppedDiskHourlyUsd: 0.0192,
  projectedMonthUsd: 734.9,
  estimated: true,
  billedUntil: nowMs - 41 * minuteMs,
  budget: { state: "warn", monthlyUsd: 500, warnUsd: 400, hardLimitUsd: 600, queuePaused: null },
  balance: { usd: 241.2, runwayHours: 6.15, reason: null },
  pods: [
    row("eightfold", 201.04, 201.04, { estimated: true }),
    row("chain-a", 22.1, 96.4, { estimated: true, idleUsd: 2.1 }),
    row("sweep-1", 16.1, 71.2, { idleUsd: 31.4 }),
    row("archive", 0.46, 24.2, { diskUsd: 10.31, idleUsd: 3.9 }),
    row("old-sweep", 3.2, 15.04),
    row("lost-one", 1.1, 4.1),
    row("desi-3", 0.41, 0.43, { idleUsd: 0.43 }),
  ],
  experiments: [
    row("EXP-058", 201.04, 201.04, { estimated: true }),
    row("EXP-054", 20.8, 88.1, { estimated: true }),
    row("EXP-051", null, 40.02),
    row("EXP-049", null, 31.9),
    row("EXP-052", 1.4, 9.2),
  ],
  queues: [row("high", 20.8, 301.9), row("normal", 14.1, 110.5)],
  hours: points(
    24,
    hourMs,
    (index) => (index < 9 ? 4 : index < 14 ? 6.5 : 18 + 2 * (index - 14)),
    (index) => (index > 16 && index < 21 ? 2.49 : 0),
  ),
  days: points(
    21,
    dayMs,
    (index) => 6 + 3 * ((index * 7) % 5) + (index === 20 ? 40 : 0),
    (index) => (index % 6 === 2 ? 5.1 : 0),
  ),
};

/** A room with all of `fleet` and what it costs. */
export function fleetRoom(columns: number, rows: number, change: Partial<AppState["pods"]> = {}): AppState {
  const room = busyRoom(columns, rows);
  return {
    ...room,
    pods: { ...room.pods, rows: fleet, samples: fleetSamples, selectedId: "pod1", ...change },
    costs: { ...room.costs, costs },
    view: { ...room.view, focus: "pods" },
  };
}
