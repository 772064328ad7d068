import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PodTrouble, SshAccess } from "../../contract/pod.js";
import { FailureError } from "../../core/failure.js";
import { agentRequests } from "./agent.js";
import { type HostReading, type HostStat, hostStat, parseStat } from "./host-stat.js";
import { targetProblem } from "./ssh-args.js";
import { LinkError } from "./ssh-connection.js";
import { type HostLink, openSession, type SessionOptions, type SshSession } from "./ssh-session.js";

export interface HostAccess extends SshAccess {
  /** The pod's name, for people. */
  readonly name: string;
  /** Where runs are kept there; empty or absent: /workspace/.hubify where there is a volume, else ~/.hubify. */
  readonly home?: string | undefined;
  /** Key file; the user's own keys and ssh-agent where null. */
  readonly identityFile?: string | null | undefined;
}

export interface HostState extends HostLink {
  readonly name: string;
  /** How far its clock is ahead of ours, ms; null before the first connection. */
  readonly clockSkewMs: number | null;
}

/** The machines that the lab reaches by ssh, one session each, by pod id. */
export interface Hosts {
  /** Keeps a session to the pod from now on. The same address again changes nothing; another one opens a new session. */
  connect(podId: string, access: HostAccess): void;
  /** Ends the session. Runs there go on, and are unreachable until it is connected again. */
  drop(podId: string): void;
  /** The pod was made anew or started again by us, so its host key may be another: the next one is taken. */
  forgetKey(podId: string): void;
  state(podId: string): HostState | null;
  /** null: nothing is known to be wrong. */
  troubleOf(podId: string): PodTrouble | null;
  session(podId: string): SshSession | null;
  /** Asks the host itself. Rejects with FailureError: `network` while the link is down. */
  stat(podId: string): Promise<HostStat>;
  /** After every change of a link. */
  onChange(listener: (podId: string, state: HostState) => void): () => void;
  close(): Promise<void>;
}

export interface HostsOptions extends Pick<SessionOptions, "now" | "env" | "backoff" | "silenceMs" | "program"> {
  readonly dataDir: string;
  readonly log: (line: string) => void;
}

interface Host {
  readonly access: HostAccess;
  readonly session: SshSession | null;
  /** Why there is no session at all. */
  readonly refusal: PodTrouble | null;
  readonly since: number;
  reading: HostReading | null;
  clockSkewMs: number | null;
  /** As last asked. */
  diskTrouble: PodTrouble | null;
}

/** With less than this free, runs begin to fail at writing. */
const fullDiskBytes = 100 * 1024 * 1024;

export function createHosts(options: HostsOptions): Hosts {
  const { dataDir, now, log } = options;
  const hosts = new Map<string, Host>();
  const listeners = new Set<(podId: string, state: HostState) => void>();
  const closing = new Set<Promise<void>>();
  const keyDir = join(dataDir, "known-hosts");
  const keyFile = (podId: string) => join(keyDir, podId.replace(/[^A-Za-z0-9_-]/g, "_"));

  const tell = (podId: string, host: Host) => {
    const state = stateOf(host);
    for (const listener of listeners) listener(podId, state);
  };

  const drop = (podId: string) => {
    const closed = hosts.get(podId)?.session?.close();
    hosts.delete(podId);
    if (closed === undefined) return;
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  };

  const open = (podId: string, access: HostAccess): SshSession => {
    mkdirSync(keyDir, { recursive: true, mode: 0o700 });
    const { host, port, username, identityFile = null, home = "" } = access;
    const knownHostsFile = keyFile(podId);
    const target = { host, port, username, identityFile, knownHostsFile, hostKeyAlias: `hubify-${podId}` };
    return openSession({ ...options, target, home });
  };

  return {
    connect(podId, access) {
      const before = hosts.get(podId);
      if (before !== undefined && isSameAddress(before.access, access)) return;
      drop(podId);
      const refusal = accessProblem(access);
      const session = refusal === null ? open(podId, access) : null;
      const host: Host = {
        access,
        session,
        refusal,
        since: now(),
        reading: null,
        clockSkewMs: null,
        diskTrouble: null,
      };
      hosts.set(podId, host);
      let told = "";
      session?.onLink((link) => {
        if (hosts.get(podId) !== host) return;
        const words = link.link === "up" ? "connected" : (link.trouble?.message ?? "");
        if (words !== told && link.link !== "connecting") log(`${access.name}: ${words}`);
        if (link.link !== "connecting") told = words;
        tell(podId, host);
      });
      tell(podId, host);
    },
    drop,
    forgetKey: (podId) => rmSync(keyFile(podId), { force: true }),
    state(podId) {
      const host = hosts.get(podId);
      return host === undefined ? null : stateOf(host);
    },
    troubleOf(podId) {
      const host = hosts.get(podId);
      return host === undefined ? null : stateOf(host).trouble;
    },
    session: (podId) => hosts.get(podId)?.session ?? null,
    async stat(podId) {
      const host = hosts.get(podId);
      const before = host?.diskTrouble?.code;
      const stat = await askStat(host, now);
      if (host !== undefined && host.diskTrouble?.code !== before) tell(podId, host);
      return stat;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      for (const podId of [...hosts.keys()]) drop(podId);
      await Promise.all(closing);
    },
  };
}

function stateOf({ access, session, refusal, since, clockSkewMs, diskTrouble: full }: Host): HostState {
  const link: HostLink = session?.link() ?? { link: "down", since, trouble: refusal, hello: null };
  const trouble = link.link === "up" ? (full ?? link.trouble) : link.trouble;
  return { ...link, trouble, name: access.name, clockSkewMs: clockSkewMs ?? link.hello?.clockSkewMs ?? null };
}

async function askStat(host: Host | undefined, now: () => number): Promise<HostStat> {
  if (host?.session == null) throw network(host?.refusal?.message ?? "not connected");
  try {
    const reading = parseStat(await host.session.ask(agentRequests.stat()), now());
    const stat = hostStat(host.reading, reading);
    host.reading = reading;
    host.clockSkewMs = stat.clockSkewMs;
    host.diskTrouble = diskTrouble(stat);
    return stat;
  } catch (error) {
    if (error instanceof LinkError) throw network(error.message);
    throw error;
  }
}

function diskTrouble({ disk }: HostStat): PodTrouble | null {
  if (disk === null || disk.freeBytes >= fullDiskBytes) return null;
  const left = Math.floor(disk.freeBytes / 1024 ** 2);
  return {
    code: "diskFull",
    message: `its disk is full: ${left} MiB left where runs are kept; fetch outputs and make room`,
  };
}

const network = (message: string) => new FailureError({ kind: "network", message });

function isSameAddress(before: HostAccess, now: HostAccess): boolean {
  const key = ({ host, port, username, via, home, identityFile, name }: HostAccess) =>
    JSON.stringify([host, port, username, via, home ?? "", identityFile ?? null, name]);
  return key(before) === key(now);
}

function accessProblem(access: HostAccess): PodTrouble | null {
  const problem = targetProblem(access);
  if (problem !== null) return { code: "unreachable", message: `its ssh address is not usable: ${problem}` };
  if (access.via === "direct") return null;
  const message = "runs need direct ssh, and it has RunPod's relay only: expose 22/tcp when the pod is made";
  return { code: "noDirectSsh", message };
}
