import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Executor,
  type RunExit,
  type RunHandle,
  type RunLife,
  restoredBoot,
  runFiles,
  wrapperFile,
} from "./executor.js";
import { ageMs, bootId, processesWithEnv, processStart } from "./local-process.js";

/** The `pid` file: who wraps and who runs, each with its start time. */
export interface RunIdentity {
  readonly wrapperPid: number;
  readonly wrapperStart: string;
  readonly childPid: number;
  readonly childStart: string;
  readonly bootId: string;
}

export function parsePidFile(text: string): RunIdentity | null {
  const fields = text.trim().split(/\s+/);
  const [wrapperPid, wrapperStart, childPid, childStart, boot] = fields;
  if (fields.length !== 6 || wrapperStart === undefined || childStart === undefined || boot === undefined) return null;
  return {
    wrapperPid: Number(wrapperPid),
    wrapperStart,
    childPid: Number(childPid),
    childStart,
    bootId: boot,
  };
}

export function parseExitFile(text: string): RunExit | null {
  const [code, at] = text.trim().split(/\s+/).map(Number);
  if (code === undefined || !Number.isInteger(code)) return null;
  return { code, at: (at ?? 0) * 1000 };
}

const exists = (file: string) => statSync(file, { throwIfNoEntry: false }) !== undefined;

/** Runs on this machine. `env` is what runs inherit; the lab's own secrets must not be in it (`runEnvironment`). */
export function localExecutor(options: { readonly env: NodeJS.ProcessEnv; readonly wrapper?: string }): Executor {
  const identities = new Map<string, RunIdentity>();

  /** Never changes once written, so it is read once. */
  const identityOf = (dir: string): RunIdentity | null => {
    const known = identities.get(dir);
    if (known !== undefined) return known;
    const file = join(dir, runFiles.pid);
    const identity = exists(file) ? parsePidFile(readFileSync(file, "latin1")) : null;
    if (identity !== null) identities.set(dir, identity);
    return identity;
  };

  const lifeOf = (dir: string, identity: RunIdentity | null): RunLife => {
    if (identity === null) return exists(join(dir, runFiles.lock)) ? "starting" : "none";
    if (identity.bootId === restoredBoot) return "lost";
    if (identity.bootId !== bootId()) return "rebooted";
    if (processStart(identity.wrapperPid) === identity.wrapperStart) return "running";
    return processStart(identity.childPid) === identity.childStart ? "orphan" : "dead";
  };

  const signalGroup = (dir: string, signal: NodeJS.Signals): boolean => {
    const identity = identityOf(dir);
    if (identity === null || identity.bootId !== bootId()) return false;
    if (processStart(identity.childPid) !== identity.childStart) return false;
    return send(-identity.childPid, signal);
  };

  return {
    kind: "local",

    launch: ({ dir }) =>
      new Promise((resolve, reject) => {
        const wrapper = spawn("sh", [options.wrapper ?? wrapperFile, dir], {
          cwd: dir,
          env: options.env,
          detached: true,
          stdio: "ignore",
        });
        wrapper.once("error", reject);
        wrapper.once("spawn", () => {
          wrapper.unref();
          resolve();
        });
      }),

    inspect({ dir }) {
      const identity = identityOf(dir);
      const life = lifeOf(dir, identity);
      const file = join(dir, runFiles.exit);
      const exit = exists(file) ? parseExitFile(readFileSync(file, "latin1")) : null;
      if (exit !== null) identities.delete(dir);
      return Promise.resolve({
        life,
        exit,
        ageMs: identity === null || life === "rebooted" ? null : ageMs(identity.childStart),
        group: life === "lost" ? null : (identity?.childPid ?? null),
        ...(life === "lost" ? { reason: wentOnElsewhere } : {}),
      });
    },

    stop(handle, signal) {
      const group = signalGroup(handle.dir, signal);
      const others = leftovers(handle).filter((pid) => send(pid, signal));
      return Promise.resolve(group || others.length > 0);
    },

    leftovers: (handle) => Promise.resolve(leftovers(handle)),

    async forbid({ dir }) {
      try {
        await mkdir(join(dir, runFiles.lock));
        return true;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code !== "EEXIST";
      }
    },

    forget: ({ dir }) => void identities.delete(dir),
  };
}

const wentOnElsewhere = "it ran when the lab was backed up, and could not go on from there";

const leftovers = ({ marker }: RunHandle) => processesWithEnv("HUBIFY_RUN", marker);

/** False when nobody is there, or it is not ours to signal. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** The lab's environment without what is the lab's own: its settings, tokens and API keys are no business of a run. */
export function runEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = /^(HUBIFY_|RUNPOD_|POLYAXON_|CONVEX_|NODE_OPTIONS$|NODE_CHANNEL_)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}
