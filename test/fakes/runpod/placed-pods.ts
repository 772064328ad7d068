import { blankPod } from "./create-pod.js";
import type { CloudWord, ContainerData, FakePod, TelemetryPlan } from "./model.js";
import { leave, settle, terminate } from "./pod-life.js";
import { cpuUsdPerHour, meter, type World } from "./world.js";

/** A pod that is simply there, with its past. */
export interface PodSeed {
  readonly name: string;
  readonly gpu?: { readonly id: string; readonly count: number } | null;
  readonly cloud?: CloudWord;
  readonly dataCenterId?: string;
  readonly container?: Partial<ContainerData>;
  /** RUNNING (default) or EXITED. */
  readonly status?: "RUNNING" | "EXITED";
  /** How long ago it was made and started; it is billed for that time. */
  readonly ageMs?: number;
  readonly locked?: boolean;
  readonly cluster?: { readonly id: string; readonly rank: number };
  readonly telemetry?: TelemetryPlan;
  /** USD an hour of one GPU; the catalogue's when absent. */
  readonly usdPerHour?: number;
}

const hourMs = 3_600_000;
const image = "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404";

export function addPod(world: World, seed: PodSeed): string {
  const made = world.now() - (seed.ageMs ?? hourMs);
  const blank = blankPod(world, made);
  const pod: FakePod = {
    ...blank,
    ...computeOf(world, seed),
    name: seed.name,
    dataCenterId: seed.dataCenterId ?? "EU-RO-1",
    container: { ...blank.container, image, ports: ["22/tcp"], ...seed.container },
    locked: seed.locked ?? false,
    cluster: seed.cluster ?? null,
    telemetry: seed.telemetry ?? blank.telemetry,
    boot: { provisioningMs: 0, startingMs: 0, ends: "running", since: made, pull: false, linesDone: 0 },
  };
  world.pods.set(pod.id, pod);
  meter(pod, made);
  settle(world);
  if (seed.status === "EXITED") leave(world, pod, "EXITED", world.now());
  return pod.id;
}

/** It was placed before our time: nothing is taken from the stock. */
function computeOf(world: World, { gpu = { id: "NVIDIA H200", count: 1 }, cloud = "SECURE", usdPerHour }: PodSeed) {
  if (gpu === null) return { gpu, cpu: { id: "cpu3c", vcpuCount: 4 }, cloud, usdPerHour: cpuUsdPerHour("cpu3c", 4) };
  const price = world.gpus.get(gpu.id)?.price ?? { secure: 0, community: 0 };
  const listed = cloud === "SECURE" ? price.secure : price.community;
  return { gpu: { ...gpu, wanted: gpu.count }, cpu: null, cloud, usdPerHour: usdPerHour ?? listed };
}

export function migrate(world: World, pod: FakePod): string {
  const id = world.newId();
  const moved: FakePod = {
    ...pod,
    id,
    ip: `203.0.113.${(world.next() % 250) + 1}`,
    spans: [],
    log: [...pod.log],
    ssh: null,
  };
  moved.publicPorts = Object.fromEntries(
    Object.keys(pod.publicPorts).map((port) => [port, 10_000 + ((world.next() * 7919) % 50_000)]),
  );
  moved.containerUpAt = pod.containerUpAt === null ? null : world.now();
  pod.gpu = null;
  terminate(world, pod);
  world.pods.set(id, moved);
  meter(moved, world.now());
  return id;
}
