import { Refusal } from "./answer.js";
import { balanceUsd } from "./balance.js";
import { publicTemplates } from "./catalog-data.js";
import type { ContainerData, FakePod } from "./model.js";
import type { CreatePod } from "./routes/pod-bodies.js";
import { computeUsdPerHour, cpuUsdPerHour, logSystem, meter, type World } from "./world.js";

/** The words RunPod has for "sold out"; it has no code of its own. */
export const noCapacity =
  "There are no longer any instances available with the requested specifications. Please refresh and try again.";

type Compute = Pick<FakePod, "gpu" | "cpu" | "dataCenterId" | "usdPerHour">;

/** Rents a pod as `POST /v2/pods` does, or refuses with the status and words of the real service. */
export function createPod(world: World, asked: CreatePod): FakePod {
  const template = templateOf(world, asked);
  const container = containerOf(asked, template);
  if (container.image === "") {
    throw new Refusal(422, "Request validation failed.", { errors: ["$: missing property 'image'"] });
  }
  checkMounts(world, asked);
  const compute = asked.gpu === undefined ? placeCpu(asked) : placeGpu(world, asked);
  const now = world.now();
  const pod: FakePod = {
    ...blankPod(world, now),
    ...compute,
    name: asked.name,
    container,
    cloud: asked.cloud ?? "SECURE",
    template: asked.templateId ?? null,
    globalNetworking: asked.globalNetworking ?? false,
    startSsh: asked.startSsh ?? false,
  };
  if (balanceUsd(world) < computeUsdPerHour(pod)) {
    returnPlace(world, pod);
    throw new Refusal(402, "insufficient balance: at least one hour of credit is needed to deploy this pod");
  }
  if (pod.startSsh && world.account.sshKeys.length > 0)
    pod.container.env["PUBLIC_KEY"] = world.account.sshKeys.join("\n");
  world.pods.set(pod.id, pod);
  meter(pod, now);
  logSystem(world, pod, "waiting for a machine", now);
  return pod;
}

/** A pod that asked for nothing yet, with the world's defaults. */
export function blankPod(world: World, now: number): FakePod {
  return {
    id: world.newId(),
    sequence: world.next(),
    createdAt: now,
    name: "",
    container: emptyContainer(),
    gpu: null,
    cpu: null,
    cloud: "SECURE",
    dataCenterId: null,
    template: null,
    locked: false,
    globalNetworking: false,
    startSsh: false,
    cluster: null,
    status: "PROVISIONING",
    startedAt: null,
    containerUpAt: null,
    boot: { ...world.defaults.boot, since: now, pull: true, linesDone: 0 },
    stopAt: null,
    ip: `203.0.113.${(world.next() % 250) + 1}`,
    publicPorts: {},
    stalePorts: null,
    ssh: world.defaults.ssh,
    usdPerHour: 0,
    telemetry: world.defaults.telemetry,
    quirks: { ...world.defaults.quirks },
    overrides: {},
    log: [],
    spans: [],
  };
}

export const emptyContainer = (): ContainerData => ({
  image: "",
  args: "",
  disk: 50,
  ports: [],
  env: {},
  registry: null,
  cmd: [],
  entrypoint: [],
  mounts: {},
});

function templateOf(world: World, { templateId }: CreatePod): Partial<ContainerData> {
  if (templateId === undefined) return {};
  const template = world.templates.get(templateId) ?? publicTemplates.find(({ id }) => id === templateId);
  if (template === undefined) throw new Refusal(404, `template ${templateId} not found`);
  return template;
}

/** Only what is asked for or in the template: without `ports` there are none, without `mounts` no volume. */
function containerOf(asked: CreatePod, template: Partial<ContainerData>): ContainerData {
  const names = Object.keys(emptyContainer()) as (keyof ContainerData)[];
  const pick = (from: { readonly [name in keyof ContainerData]?: unknown }) =>
    Object.fromEntries(
      names.flatMap((name) => (from[name] === undefined ? [] : [[name, structuredClone(from[name])]])),
    );
  return { ...emptyContainer(), ...pick(template), ...pick(asked) };
}

function checkMounts(world: World, { mounts, cpu, gpu }: CreatePod): void {
  if ((gpu === undefined) === (cpu === undefined)) {
    throw new Refusal(400, "exactly one of gpu or cpu must be provided");
  }
  if (mounts === undefined) return;
  if (mounts.persistent !== undefined && mounts.network !== undefined) {
    throw new Refusal(400, "mounts.persistent and mounts.network are mutually exclusive");
  }
  if (mounts.persistent !== undefined && cpu !== undefined) {
    throw new Refusal(400, "mounts.persistent is not supported on CPU pods");
  }
  for (const { volumeId } of mounts.network ?? []) {
    if (!world.volumes.has(volumeId)) throw new Refusal(404, `network volume ${volumeId} not found`);
  }
}

function placeGpu(world: World, asked: CreatePod): Compute {
  const id = asked.gpu?.id ?? "";
  const gpu = world.gpus.get(id);
  if (gpu === undefined) throw new Refusal(400, `unknown GPU type "${id}"`);
  const cloud = asked.cloud ?? "SECURE";
  const of = cloud === "SECURE" ? "secure" : "community";
  const count = asked.gpu?.count;
  // Without a count the scheduler matches no machine at all, however many are free.
  if (count === undefined || count > gpu.maxCount[of]) throw new Refusal(400, noCapacity);
  const place = world.stock.places(id, cloud, count).find(allowedPlace(world, asked));
  if (place === undefined) throw new Refusal(400, noCapacity);
  world.stock.take(id, cloud, place, count);
  return { gpu: { id, count, wanted: count }, cpu: null, dataCenterId: place, usdPerHour: gpu.price[of] };
}

/** Only the asked data centres, and only where the network volume is. */
function allowedPlace(world: World, { dataCenterIds = [], mounts }: CreatePod): (place: string) => boolean {
  const volume = world.volumes.get(mounts?.network?.[0]?.volumeId ?? "");
  return (place) =>
    (dataCenterIds.length === 0 || dataCenterIds.includes(place)) &&
    (volume === undefined || volume.dataCenter === place);
}

function placeCpu(asked: CreatePod): Compute {
  const cpu = asked.cpu ?? { id: "", vcpuCount: 2 };
  const usdPerHour = cpuUsdPerHour(cpu.id, cpu.vcpuCount);
  if (usdPerHour === 0) throw new Refusal(400, `unknown CPU flavor "${cpu.id}"`);
  return { gpu: null, cpu, dataCenterId: asked.dataCenterIds?.[0] ?? "EU-RO-1", usdPerHour };
}

function returnPlace(world: World, pod: FakePod): void {
  if (pod.gpu !== null && pod.dataCenterId !== null) {
    world.stock.give(pod.gpu.id, pod.cloud, pod.dataCenterId, pod.gpu.count);
  }
}
