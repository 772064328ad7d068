import { BlockList, isIP } from "node:net";
import type { Pod } from "../../contract/pod.js";
import type { RunpodPod } from "./pod.js";

type Ports = Pod["ports"];

/**
 * The ports of a pod: where each can be reached while it runs, else the ones it asks for. An http port is reached over
 * RunPod's proxy only; the address RunPod tells of it is that of its own network and is left out.
 */
export function portsOfPod(pod: RunpodPod): Ports {
  const live = pod.status === "RUNNING" ? (pod.runtime?.ports ?? []) : [];
  const reached = live.map(({ private: inside, public: outside, type, ip }) => {
    const isPublic = type === "tcp" && ip !== null && isPublicIp(ip) && isPort(outside);
    return { private: inside, public: isPublic ? outside : null, type: type ?? "", ip: isPublic ? ip : null };
  });
  const asked = pod.ports
    .flatMap(askedPort)
    .filter(({ private: inside }) => !reached.some((p) => p.private === inside));
  return [...reached, ...asked];
}

function askedPort(text: string): Ports {
  const [, digits, type] = /^(\d{1,5})\/(\w+)$/.exec(text) ?? [];
  const port = Number(digits);
  return isPort(port) ? [{ private: port, public: null, type: type ?? "", ip: null }] : [];
}

const isPort = (port: number | null): port is number =>
  Number.isInteger(port) && port !== null && port >= 1 && port <= 65_535;

/** Nobody outside can reach these: private networks, the machine itself, links, and carrier NAT, where http ports live. */
const notPublic = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["224.0.0.0", 3],
] as const) {
  notPublic.addSubnet(net, bits);
}
notPublic.addSubnet("fc00::", 7, "ipv6");
notPublic.addSubnet("fe80::", 10, "ipv6");
notPublic.addSubnet("::", 127, "ipv6");

export function isPublicIp(ip: string): boolean {
  const family = isIP(ip);
  return family !== 0 && !notPublic.check(ip, family === 6 ? "ipv6" : "ipv4");
}
