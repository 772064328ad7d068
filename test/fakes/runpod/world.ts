import { createHash } from "node:crypto";
import type { Clock } from "../../../src/core/clock.js";
import { cpuData, diskUsdPerGbMonth, type GpuData, gpuData, hoursPerMonth } from "./catalog-data.js";
import type { BilledSpan, BootPlan, FakePod, LogLine, Quirks, SshEndpoint, TelemetryPlan } from "./model.js";
import { createStock, type Stock } from "./stock.js";

/** Everything of one account. Routes read and change it; the control surface too. */
export interface World {
  /** Simulated milliseconds since 1970. */
  now(): number;
  /** Moves simulated time; nothing happens until the world is settled. */
  advance(ms: number): void;
  readonly pods: Map<string, FakePod>;
  readonly stock: Stock;
  readonly gpus: Map<string, GpuData>;
  readonly account: Account;
  readonly defaults: Defaults;
  readonly billing: { lagMs: number; stepMs: number; readonly revisions: Revision[] };
  readonly templates: Map<string, Record<string, unknown>>;
  readonly volumes: Map<string, NetworkVolume>;
  readonly secrets: Map<string, { readonly id: string; readonly name: string; readonly createdAt: number }>;
  /** A number never given before in this world. */
  next(): number;
  /** An id like RunPod's: letters and digits, the same in each run. */
  newId(length?: number): string;
  /** Called with each new log line. */
  readonly logListeners: Set<(pod: FakePod, line: LogLine) => void>;
}

export interface Account {
  sshKeys: string[];
  /** What was paid in. null: the query answers null. */
  creditUsd: number | null;
  /** Whether what runs is taken off the credit; not before a test sets a balance, so that large fleets do not end by it. */
  drains: boolean;
  spendLimitUsd: number;
}

/** How pods made from now on behave. */
export interface Defaults {
  boot: BootPlan;
  /** A start of a stopped pod and a restart, in the place where it is. */
  resumeMs: number;
  restartMs: number;
  /** From an accepted stop to EXITED. */
  stopMs: number;
  /** How long after a start the ports from before are still shown. */
  stalePortsMs: number;
  telemetry: TelemetryPlan;
  quirks: Quirks;
  ssh: SshEndpoint | null;
}

export interface Revision {
  readonly podId: string;
  readonly atMs: number;
  readonly deltaUsd: number;
}

export interface NetworkVolume {
  readonly id: string;
  name: string;
  size: number;
  readonly dataCenter: string;
  readonly type: string;
  readonly createdAt: number;
}

export function createWorld(clock: Clock): World {
  let offsetMs = 0;
  let counter = 0;
  return {
    now: () => clock.now() + offsetMs,
    advance: (ms) => {
      offsetMs += ms;
    },
    pods: new Map(),
    stock: createStock(),
    gpus: new Map(gpuData.map((gpu) => [gpu.id, gpu])),
    account: { sshKeys: [], creditUsd: 5000, drains: false, spendLimitUsd: 80 },
    defaults: {
      boot: { provisioningMs: 2000, startingMs: 6000, ends: "running" },
      resumeMs: 3000,
      restartMs: 2000,
      stopMs: 0,
      stalePortsMs: 0,
      telemetry: { kind: "steady", util: 92, memoryUtil: 71, cpuUtil: 30, hostMemoryUtil: 22 },
      quirks: { start: "gpus", stop: "works", restart: "works" },
      ssh: null,
    },
    billing: { lagMs: 0, stepMs: 300_000, revisions: [] },
    templates: new Map(),
    volumes: new Map(),
    secrets: new Map(),
    next: () => ++counter,
    newId: (length = 14) => {
      counter += 1;
      const digest = createHash("sha256").update(`fake-runpod-${counter}`).digest("hex").slice(0, 24);
      return BigInt(`0x${digest}`).toString(36).padStart(length, "0").slice(0, length);
    },
    logListeners: new Set(),
  };
}

/** USD an hour of one rented pod with all its GPUs, by the catalogue's price when it was made. */
export const computeUsdPerHour = (pod: FakePod): number =>
  pod.gpu === null ? pod.usdPerHour : Math.round(pod.usdPerHour * pod.gpu.count * 1e6) / 1e6;

export const cpuUsdPerHour = (id: string, vcpuCount: number): number =>
  (cpuData.find((cpu) => cpu.id === id)?.usdPerVcpuHour ?? 0) * vcpuCount;

const rented = new Set<string>(["PROVISIONING", "STARTING", "RUNNING"]);

/** Whether the pod holds its GPUs, and so costs. */
export const isRented = (pod: FakePod): boolean => rented.has(pod.status);

/** Closes the span that ran and opens the one of the pod's present state. Call with the time of every change of state. */
export function meter(pod: FakePod, atMs: number): void {
  const last = pod.spans.at(-1);
  if (last?.toMs === null) last.toMs = Math.max(atMs, last.fromMs);
  const rates = ratesOf(pod);
  if (rates.gpuUsdPerHour + rates.cpuUsdPerHour + rates.diskUsdPerHour > 0) {
    pod.spans.push({ fromMs: atMs, toMs: null, ...rates });
  }
}

function ratesOf(pod: FakePod): Omit<BilledSpan, "fromMs" | "toMs"> {
  if (pod.status === "TERMINATED") return { gpuUsdPerHour: 0, cpuUsdPerHour: 0, diskUsdPerHour: 0 };
  const volumeGb = pod.container.mounts.persistent?.size ?? 0;
  if (!isRented(pod)) {
    return {
      gpuUsdPerHour: 0,
      cpuUsdPerHour: 0,
      diskUsdPerHour: (volumeGb * diskUsdPerGbMonth.volumeStopped) / hoursPerMonth,
    };
  }
  const compute = computeUsdPerHour(pod);
  const diskUsdPerMonth = pod.container.disk * diskUsdPerGbMonth.container + volumeGb * diskUsdPerGbMonth.volumeRunning;
  return {
    gpuUsdPerHour: pod.gpu === null ? 0 : compute,
    cpuUsdPerHour: pod.gpu === null ? compute : 0,
    diskUsdPerHour: diskUsdPerMonth / hoursPerMonth,
  };
}

/** A line of the platform, not of the container. */
export const logSystem = (world: World, pod: FakePod, line: string, at: number): void =>
  log(world, pod, { source: "system", line, at });

/** Keeps the newest lines of a pod; RunPod gives at most 5000 back. */
const keptLines = 20_000;

export function log(world: World, pod: FakePod, written: Pick<LogLine, "source" | "line"> & { at?: number }): void {
  const entry: LogLine = { at: world.now(), ...written, sequence: world.next() };
  pod.log.push(entry);
  if (pod.log.length > keptLines) pod.log.splice(0, pod.log.length - keptLines);
  for (const listener of world.logListeners) listener(pod, entry);
}
