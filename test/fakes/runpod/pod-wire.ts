import type { FakePod } from "./model.js";
import { legalActions } from "./pod-life.js";
import { runtimeAt } from "./telemetry.js";
import { computeUsdPerHour, isRented, type World } from "./world.js";

export const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

/** The pod as `GET /v2/pods/{id}` tells it. */
export function podToWire(world: World, pod: FakePod): Record<string, unknown> {
  const isPlaced = pod.status !== "PROVISIONING";
  const wire: Record<string, unknown> = {
    id: pod.id,
    name: pod.name,
    status: pod.status,
    actions: legalActions(pod.status),
    ...containerToWire(pod),
    mounts: pod.container.mounts,
    ...computeToWire(world, pod),
    cloud: pod.cloud,
    dataCenterId: isPlaced ? pod.dataCenterId : null,
    cudaVersion: isPlaced && pod.gpu !== null ? "12.8" : null,
    ssh: sshToWire(world, pod),
    ...(pod.cluster === null ? {} : { cluster: { ...pod.cluster } }),
    template: pod.template,
    cost: isRented(pod) ? computeUsdPerHour(pod) : 0,
    locked: pod.locked,
    globalNetworking: { enabled: pod.globalNetworking },
    runtime: runtimeToWire(world, pod),
    createdAt: rfc3339(pod.createdAt),
    startedAt: pod.startedAt === null ? null : rfc3339(pod.startedAt),
  };
  return JSON.parse(JSON.stringify({ ...wire, ...pod.overrides })) as Record<string, unknown>;
}

/** Host memory and cores come with the GPUs; a CPU pod has no `gpu` at all. */
function computeToWire(world: World, { gpu, cpu }: FakePod): Record<string, unknown> {
  if (cpu !== null) return { cpu: { ...cpu, memory: cpu.vcpuCount * 2 } };
  if (gpu === null) return {};
  const { vcpuPerGpu, ramGbPerGpu } = world.gpus.get(gpu.id) ?? { vcpuPerGpu: 16, ramGbPerGpu: 62 };
  const shares = Math.max(1, gpu.count);
  return {
    gpu: { id: gpu.id, count: gpu.count, vcpuCount: vcpuPerGpu * shares, memory: ramGbPerGpu * shares },
  };
}

function containerToWire({ container }: FakePod): Record<string, unknown> {
  const { image, args, disk, ports, env, registry, cmd, entrypoint } = container;
  return {
    image,
    args,
    disk,
    ports,
    env,
    registry,
    ...(cmd.length === 0 ? {} : { cmd }),
    ...(entrypoint.length === 0 ? {} : { entrypoint }),
  };
}

function shownPorts(world: World, pod: FakePod): Record<string, number> {
  return pod.stalePorts !== null && world.now() < pod.stalePorts.untilMs ? pod.stalePorts.ports : pod.publicPorts;
}

function runtimeToWire(world: World, pod: FakePod): unknown {
  if (pod.status !== "RUNNING" || pod.containerUpAt === null) return pod.status === "PROVISIONING" ? {} : null;
  const runtime = runtimeAt(pod.telemetry, world.now() - pod.containerUpAt, pod.gpu?.count ?? 0);
  if (pod.telemetry.kind === "raw") return runtime;
  return { ...(runtime as object), ports: portsToWire(world, pod) };
}

function portsToWire(world: World, pod: FakePod): unknown[] {
  const shown = shownPorts(world, pod);
  return pod.container.ports.map((port) => {
    const [number = "0", type = "tcp"] = port.split("/");
    const inner = Number(number);
    // http ports answer through RunPod's proxy; the address they show is a carrier's, not a public one.
    if (type !== "tcp") return { private: inner, public: 60_000 + (inner % 1000), type, ip: "100.65.0.119" };
    const ssh = inner === 22 ? pod.ssh : null;
    return { private: inner, public: ssh?.port ?? shown[port] ?? null, type, ip: ssh?.host ?? pod.ip };
  });
}

function sshToWire(world: World, pod: FakePod): unknown {
  if (pod.status === "PROVISIONING" || pod.status === "TERMINATED") return { proxy: null, direct: null };
  const user = `${pod.id}-${Buffer.from(pod.id).toString("hex").slice(0, 8)}`;
  const proxy = { host: "ssh.runpod.io", port: 22, username: user, command: `ssh ${user}@ssh.runpod.io` };
  return { proxy, direct: directSsh(world, pod) };
}

function directSsh(world: World, pod: FakePod): unknown {
  if (pod.status !== "RUNNING" || !pod.container.ports.includes("22/tcp")) return null;
  const host = pod.ssh?.host ?? pod.ip;
  const port = pod.ssh?.port ?? shownPorts(world, pod)["22/tcp"];
  const username = pod.ssh?.username ?? "root";
  return port === undefined ? null : { host, port, username, command: `ssh ${username}@${host} -p ${port}` };
}
