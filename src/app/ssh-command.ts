import type { SshAccess } from "../contract/pod.js";

/** Files that ssh is told of; paths of this machine. */
export interface SshFiles {
  readonly identity: string | null;
  readonly knownHosts: string | null;
}

const hostPattern = /^[A-Za-z0-9][A-Za-z0-9.:-]*$/;
const userPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const lastPort = 65_535;

/** Why an address is not one to log in at; null when it is. It comes from a provider and becomes arguments of a program. */
export function sshProblem({ host, port, username }: SshAccess): string | null {
  if (!hostPattern.test(host)) return "its address is not a host name";
  if (!userPattern.test(username)) return "its user is not a user name";
  return Number.isInteger(port) && port >= 1 && port <= lastPort ? null : `${port} is not a port`;
}

/** As a person types it: `ssh root@203.0.113.7 -p 34446`. */
export function sshCommand({ host, port, username }: SshAccess): string {
  return `ssh ${username}@${host}${port === 22 ? "" : ` -p ${port}`}`;
}

/**
 * The program and its arguments, for no shell in between. Providers give addresses to one pod after another: `podName` keeps
 * the host keys apart, and a new pod's key is taken without a question. A relay knows the account's keys, not the lab's.
 */
export function sshArgv(access: SshAccess, podName: string, files: SshFiles): readonly string[] {
  const { host, port, username, via } = access;
  const alias = `${podName.replace(/[^A-Za-z0-9._-]/g, "-")}-${host.replaceAll(":", "-")}-${port}`;
  const option = (name: string, value: string) => ["-o", `${name}=${value}`];
  const identity = via === "direct" ? files.identity : null;
  return [
    "ssh",
    ...(identity === null ? [] : [...option("IdentitiesOnly", "yes"), "-i", identity.replaceAll("%", "%%")]),
    ...(files.knownHosts === null ? [] : option("UserKnownHostsFile", fileOption(files.knownHosts))),
    ...option("StrictHostKeyChecking", "accept-new"),
    ...option("HostKeyAlias", `hubify-${alias}`),
    "-p",
    String(port),
    `${username}@${host}`,
  ];
}

/** A file's name as an option's value: ssh splits at blanks and replaces `%d` and the like. */
const fileOption = (file: string) => `"${file.replaceAll("%", "%%").replaceAll('"', '\\"')}"`;
