import type { FakePod } from "./model.js";
import { legalActions } from "./pod-life.js";
import { runtimeAt } from "./telemetry.js";
import { computeUsdPerHour, isRented, type World } from "./world.js";

export const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

/** The pod as `GET /v2/pods/{id}` tells it. */
export function podToWire(world: World, pod: FakePod): Record<string, unknown> {
  const gpuData = pod.gpu === null ? undefined : world.gpus.get(pod.gpu.id);
  const wire: Record<string, unknown> = {
    id: pod.id,
    name: pod.name,
    status: pod.status,
    actions: legalActions(pod.status),
    ...containerToWire(pod),
    mounts: pod.container.mounts,
    ...(pod.gpu === null
      ? {}
      : {
          gpu: {
            id: pod.gpu.id,
            count: pod.gpu.count,
            vcpuCount: (gpuData?.vcpuPerGpu ?? 16) * Math.max(1, pod.gpu.count),
            memory: (gpuData?.ramGbPerGpu ?? 62) * Math.max(1, pod.gpu.count),
          },
        }),
    ...(pod.cpu === null ? {} : { cpu: { ...pod.cpu, memory: pod.cpu.vcpuCount * 2 } }),
    cloud: pod.cloud,
    dataCenterId: pod.status === "PROVISIONING" ? null : pod.dataCenterId,
    cudaVersion: pod.gpu === null || pod.status === "PROVISIONING" ? null : "12.8",
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
