import { Refusal } from "./answer.js";
import { balanceUsd } from "./balance.js";
import type { FakePod, PodAction } from "./model.js";
import { isRented, logSystem, meter, type World } from "./world.js";

/** What RunPod's documents allow in each state. A locked pod lists them all the same and refuses. */
export function legalActions(status: string): PodAction[] {
  if (status === "RUNNING") return ["stop", "restart", "terminate"];
  if (status === "EXITED" || status === "ERROR") return ["start", "terminate"];
  if (status === "PROVISIONING" || status === "STARTING") return ["stop", "terminate"];
  return status === "TERMINATED" ? [] : ["terminate"];
}

/** Brings every pod to the present: boots, accepted stops, and the end of the credit. */
export function settle(world: World): void {
  for (const pod of world.pods.values()) {
    settleBoot(world, pod);
    if (pod.stopAt !== null && world.now() >= pod.stopAt) exit(world, pod, pod.stopAt);
  }
  if (balanceUsd(world) <= 0) endCredit(world);
}

/** Without credit everything stops, and a pod whose data is on no network volume is lost. */
function endCredit(world: World): void {
  for (const pod of world.pods.values()) {
    if (!isRented(pod)) continue;
    if (pod.container.mounts.network === undefined) terminate(world, pod);
    else exit(world, pod, world.now());
  }
}

function settleBoot(world: World, pod: FakePod): void {
  const { boot } = pod;
  if (boot === null) return;
  const placedAt = boot.since + boot.provisioningMs;
  if (boot.ends === "unplaced" || world.now() < placedAt) return;
  if (pod.status === "PROVISIONING") place(world, pod, placedAt);
  const lines = boot.pull ? pullLines(pod.container.image) : [`start container for ${pod.container.image}: begin`];
  while (boot.linesDone < lines.length) {
    const at = placedAt + Math.floor((boot.startingMs * boot.linesDone) / lines.length);
    if (at > world.now()) break;
    logSystem(world, pod, lines[boot.linesDone] ?? "", at);
    boot.linesDone += 1;
  }
  const upAt = placedAt + boot.startingMs;
  if (boot.ends === "never" || world.now() < upAt) return;
  if (boot.ends === "error") fail(world, pod, upAt);
  else run(world, pod, upAt);
}

function place(world: World, pod: FakePod, at: number): void {
  pod.status = "STARTING";
  meter(pod, at);
  logSystem(world, pod, `create container ${pod.container.image}`, at);
}

function run(world: World, pod: FakePod, at: number): void {
  pod.boot = null;
  pod.status = "RUNNING";
  pod.startedAt = at;
  pod.containerUpAt = at;
  assignPorts(world, pod, at);
  meter(pod, at);
  logSystem(world, pod, "container is up", at);
}

function fail(world: World, pod: FakePod, at: number): void {
  logSystem(world, pod, `error pulling image: manifest for ${pod.container.image} not found`, at);
  pod.boot = null;
  leave(world, pod, "ERROR", at);
}

/** The way to EXITED or ERROR: the GPUs go back, the volume stays. */
export function leave(world: World, pod: FakePod, status: string, at: number): void {
  if (isRented(pod)) giveBack(world, pod);
  pod.status = status;
  pod.boot = null;
  pod.stopAt = null;
  pod.containerUpAt = null;
  meter(pod, at);
}

const exit = (world: World, pod: FakePod, at: number): void => {
  logSystem(world, pod, `stop container ${pod.container.image}`, at);
  leave(world, pod, "EXITED", at);
};

function giveBack(world: World, pod: FakePod): void {
  if (pod.gpu !== null && pod.dataCenterId !== null) {
    world.stock.give(pod.gpu.id, pod.cloud, pod.dataCenterId, pod.gpu.count);
  }
}

/** New public ports at each start; what was before is shown for a while where the test wants that. */
function assignPorts(world: World, pod: FakePod, at: number): void {
  const before = pod.publicPorts;
  if (world.defaults.stalePortsMs > 0 && Object.keys(before).length > 0) {
    pod.stalePorts = { untilMs: at + world.defaults.stalePortsMs, ports: before };
  }
  const tcp = pod.container.ports.filter((port) => port.endsWith("/tcp"));
  pod.publicPorts = Object.fromEntries(tcp.map((port) => [port, 10_000 + ((world.next() * 7919) % 50_000)]));
}

/** A container that comes up again where the pod is. */
export function reboot(world: World, pod: FakePod, startingMs: number): void {
  pod.status = "STARTING";
  pod.containerUpAt = null;
  const ends = pod.boot?.ends ?? "running";
  pod.boot = { provisioningMs: 0, startingMs, ends, since: world.now(), pull: false, linesDone: 0 };
  meter(pod, world.now());
  settle(world);
}

/** Carries out an action or refuses it with the status RunPod would answer. */
export function act(world: World, pod: FakePod, action: PodAction): void {
  if (pod.cluster !== null) throw new Refusal(409, "pod belongs to a cluster; manage it through /v2/clusters");
  if (!legalActions(pod.status).includes(action)) {
    throw new Refusal(409, `action "${action}" is not valid for a pod in status ${pod.status}`);
  }
  if (pod.locked && (action === "stop" || action === "restart")) {
    throw new Refusal(409, `pod is locked and cannot be ${action === "stop" ? "stopped" : "reset"}`);
  }
  doers[action](world, pod);
}

const doers: Readonly<Record<PodAction, (world: World, pod: FakePod) => void>> = {
  start,
  terminate,
  stop: (world, pod) => {
    if (pod.quirks.stop === "ignored") return;
    pod.stopAt = world.now() + world.defaults.stopMs;
    settle(world);
  },
  restart: (world, pod) => {
    if (pod.quirks.restart === "works") reboot(world, pod, world.defaults.restartMs);
  },
};

export const hostIsFull = "There are not enough free GPUs on the host machine to start this pod.";

function start(world: World, pod: FakePod): void {
  const { gpu } = pod;
  if (gpu !== null) {
    if (pod.quirks.start === "refuse") throw new Refusal(400, hostIsFull);
    gpu.count = pod.quirks.start === "zero" ? 0 : gpu.wanted;
    const taken = pod.dataCenterId !== null && world.stock.take(gpu.id, pod.cloud, pod.dataCenterId, gpu.count);
    if (!taken) throw new Refusal(400, hostIsFull);
  }
  reboot(world, pod, world.defaults.resumeMs);
}

/** Gone from every list; the record stays for the bill. */
export function terminate(world: World, pod: FakePod): void {
  leave(world, pod, "TERMINATED", world.now());
}

/** What the platform writes while it fetches an image: the only window into a long start. */
function pullLines(image: string): readonly string[] {
  const [repository = image, tag = "latest"] = image.split(":");
  const layers = ["5a7813e071bf", "9c1b6dd6c1e6", "d72077c8d2a4", "f0c8a3b1e9d7", "1be1bd3f4a02"];
  return [
    `${tag} Pulling from ${repository}`,
    ...layers.flatMap((layer) => [`${layer} Pulling fs layer`, `${layer} Download complete`, `${layer} Pull complete`]),
    `Status: Downloaded newer image for ${image}`,
    `start container for ${image}: begin`,
  ];
}
