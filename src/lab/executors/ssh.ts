import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as timer } from "node:timers/promises";
import { longDuration } from "../../core/duration.js";
import { agentRequests } from "../hosts/agent.js";
import type { HostState } from "../hosts/hosts.js";
import { LinkError } from "../hosts/ssh-connection.js";
import type { SshSession } from "../hosts/ssh-session.js";
import { type Executor, type RemotePlace, type RunHandle, runFiles, type StopSignal, wrapperFile } from "./executor.js";
import { createMirror, type Mirror } from "./ssh-mirror.js";

/** What the executor needs of the registry of hosts. */
export interface ReachableHosts {
  session(podId: string): SshSession | null;
  state(podId: string): HostState | null;
  onChange(listener: (podId: string) => void): () => void;
}

export interface SshExecutor extends Executor {
  /** Why nobody can look at runs on a pod now: `pod-x unreachable for 3 min: connection refused …`; null while they can. */
  unreachable(podId: string): string | null;
  /** Stops looking. Runs go on. */
  close(): Promise<void>;
}

/** A signal that is not answered by then is not waited for: the next call learns what came of it. */
const stopPatienceMs = 250;

/**
 * Runs on other machines, over the one session each has. Everything about a run is mirrored into its directory here, so that
 * capture, quality checks and logs need not know where it ran. While the link is down a run is neither lost nor failed.
 */
export function sshExecutor(hosts: ReachableHosts, now: () => number): SshExecutor {
  const mirrors = new Map<string, Mirror>();
  const signals = new Map<string, { result: boolean | null }>();

  const mirrorOf = (podId: string): Mirror => {
    const known = mirrors.get(podId);
    if (known !== undefined) return known;
    const mirror = createMirror({ session: () => hosts.session(podId), launch: start });
    mirrors.set(podId, mirror);
    return mirror;
  };
  const forgetChanges = hosts.onChange((podId) => mirrors.get(podId)?.wake());

  const unreachable = (podId: string) => unreachableWords(hosts.state(podId), now());

  const signal = (handle: RunHandle, which: StopSignal) => {
    const key = `${which} ${handle.marker}`;
    const sent = signals.get(key) ?? { result: null };
    const session = sessionOf(hosts, handle);
    if (signals.has(key) || session === null) return { key, sent, done: Promise.resolve() };
    signals.set(key, sent);
    const request = { signal: which === "SIGTERM" ? ("TERM" as const) : ("KILL" as const), marker: handle.marker };
    const done = session.ask(agentRequests.kill(placeOf(handle).dir, request)).then(
      (result) => {
        sent.result = result;
      },
      // Nobody knows whether it arrived: it is sent again.
      () => void signals.delete(key),
    );
    return { key, sent, done };
  };

  return {
    kind: "ssh",
    unreachable,

    async launch(handle) {
      const session = sessionOf(hosts, handle);
      try {
        if (session !== null) await start(session, handle);
      } catch (error) {
        // The mirror starts it when the link is back.
        if (!(error instanceof LinkError)) throw error;
      }
      mirrorOf(placeOf(handle).podId).watch(handle);
    },

    inspect(handle) {
      const { podId } = placeOf(handle);
      const mirror = mirrorOf(podId);
      mirror.watch(handle);
      const status = mirror.status(handle);
      const reason = unreachable(podId);
      const isFinal = status !== null && (status.exit !== null || status.life === "lost");
      if (status !== null && (isFinal || reason === null)) return Promise.resolve(status);
      const unseen = { life: "unreachable", exit: null, ageMs: null, group: null } as const;
      return Promise.resolve({ ...unseen, reason: reason ?? undefined });
    },

    async stop(handle, which) {
      const { key, sent, done } = signal(handle, which);
      await Promise.race([done, pause(stopPatienceMs)]);
      if (sent.result !== null) signals.delete(key);
      return sent.result ?? false;
    },

    async leftovers(handle) {
      const session = sessionOf(hosts, handle);
      if (session === null) return null;
      return await orNull(session.ask(agentRequests.left(handle.marker)));
    },

    async forbid(handle) {
      const session = sessionOf(hosts, handle);
      if (session === null) return false;
      return (await orNull(session.ask(agentRequests.forbid(placeOf(handle).dir)))) ?? false;
    },

    forget(handle) {
      if (handle.remote !== undefined) mirrors.get(handle.remote.podId)?.forget(handle);
    },

    async close() {
      forgetChanges();
      await Promise.all([...mirrors.values()].map((mirror) => mirror.close()));
    },
  };
}

function unreachableWords(state: HostState | null, now: number): string | null {
  if (state === null) return "its pod is not connected";
  if (state.link === "up") return null;
  const forMs = now - state.since;
  const time = forMs < 60_000 ? "" : ` for ${longDuration(forMs)}`;
  return `${state.name} unreachable${time}: ${state.trouble?.message ?? "it is being connected"}`;
}

/** Puts what the wrapper needs and starts it. May be done twice: the wrapper's lock lets one through. */
async function start(session: SshSession, handle: RunHandle): Promise<void> {
  const { dir } = placeOf(handle);
  await session.ask(agentRequests.put("hubify-run.sh", await readFile(wrapperFile)));
  for (const name of [runFiles.config, runFiles.cmd]) {
    await session.ask(agentRequests.put(`${dir}/${name}`, await readFile(join(handle.dir, name))));
  }
  await session.ask(agentRequests.start(dir));
}

function placeOf({ remote, marker }: RunHandle): RemotePlace {
  if (remote === undefined) throw new Error(`run ${marker} is on no other machine`);
  return remote;
}

const sessionOf = (hosts: ReachableHosts, handle: RunHandle) => hosts.session(placeOf(handle).podId);

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof LinkError) return null;
    throw error;
  }
}

const pause = (ms: number) => timer(ms, undefined, { ref: false });
