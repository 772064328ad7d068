import type { SshAccess } from "../../contract/pod.js";
import type { RunpodPod } from "./pod.js";

export interface SshOfPod {
  readonly ssh: SshAccess | null;
  /** Why there is none, in words; null when there is. */
  readonly reason: string | null;
}

/** How to log in: straight to its sshd where that is possible, else over RunPod's proxy (a shell and nothing else). */
export function sshOfPod(pod: RunpodPod): SshOfPod {
  if (pod.status !== "RUNNING") return { ssh: null, reason: "it is not running" };
  const direct = access(pod.ssh?.direct, "direct");
  if (direct !== null) return { ssh: direct, reason: null };
  const proxy = access(pod.ssh?.proxy, "proxy");
  return proxy === null ? { ssh: null, reason: directSshReason(pod) } : { ssh: proxy, reason: null };
}

/** Why commands and copies of files can't reach it, which need its own sshd; null when they can. */
export function directSshReason(pod: RunpodPod): string | null {
  if (pod.status !== "RUNNING") return "it is not running";
  if (access(pod.ssh?.direct, "direct") !== null) return null;
  if (!pod.ports.some((port) => port.toLowerCase() === "22/tcp")) {
    return "22/tcp is not among its ports: add it, or make the pod anew with it";
  }
  if (pod.ssh?.direct != null) return "RunPod gave an ssh address that is none";
  return "no port is assigned yet";
}

type Endpoint = NonNullable<NonNullable<RunpodPod["ssh"]>["direct"]>;

/** What goes into an argv has to look like what it is: no option, no space, nothing of a shell. */
function access(endpoint: Endpoint | null | undefined, via: SshAccess["via"]): SshAccess | null {
  if (endpoint == null) return null;
  const { host, port, username } = endpoint;
  const isSound =
    /^[A-Za-z0-9][A-Za-z0-9.:-]*$/.test(host) &&
    host.length <= 253 &&
    Number.isInteger(port) &&
    port >= 1 &&
    port <= 65_535 &&
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(username);
  return isSound ? { host, port, username, via } : null;
}
