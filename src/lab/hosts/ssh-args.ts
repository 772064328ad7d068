import type { SshAccess } from "../../contract/pod.js";

/** Where a session goes, and as whom. Nothing of it is secret: keys are named by file, and ssh reads them itself. */
export interface SshTarget extends Pick<SshAccess, "host" | "port" | "username"> {
  /** Name under which the host's key is remembered: addresses of pods are used again by other pods. */
  readonly hostKeyAlias: string;
  readonly knownHostsFile: string;
  /** The user's own keys and agent where null. */
  readonly identityFile: string | null;
}

/** What is wrong with an address, in words; null when it can be called. A leading `-` would be an option of ssh. */
export function targetProblem({ host, port, username }: Pick<SshTarget, "host" | "port" | "username">): string | null {
  if (!/^[A-Za-z0-9][A-Za-z0-9._:-]{0,254}$/.test(host)) return `"${host}" can't be a host's name or address`;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return `${port} can't be a port`;
  if (!/^[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}$/.test(username)) return `"${username}" can't be a user's name`;
  return null;
}

/**
 * argv of the system's ssh for a session without terminal that asks nothing. The first key of a host is taken, a changed one
 * refused. The user's ssh_config counts (ProxyJump, keys), but no connection is shared and nothing is forwarded.
 */
export function sshArgs(target: SshTarget, command: string): string[] {
  const options = {
    BatchMode: "yes",
    ConnectTimeout: "10",
    ServerAliveInterval: "5",
    ServerAliveCountMax: "3",
    StrictHostKeyChecking: "accept-new",
    UserKnownHostsFile: fileOption(target.knownHostsFile),
    GlobalKnownHostsFile: "/dev/null",
    HostKeyAlias: target.hostKeyAlias,
    CheckHostIP: "no",
    UpdateHostKeys: "no",
    ControlMaster: "no",
    ControlPath: "none",
    ClearAllForwardings: "yes",
    ForwardAgent: "no",
    ForwardX11: "no",
    PermitLocalCommand: "no",
    EscapeChar: "none",
    LogLevel: "ERROR",
  };
  return [
    "-T",
    ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    ...(target.identityFile === null ? [] : ["-o", "IdentitiesOnly=yes", "-i", target.identityFile]),
    ...["-p", String(target.port), "-l", target.username, "--", target.host, command],
  ];
}

/** A file's name as an option's value: ssh splits at spaces and replaces `%d` and the like. */
const fileOption = (file: string) => `"${file.replaceAll("%", "%%").replaceAll('"', '\\"')}"`;
