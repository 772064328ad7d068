import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { labFiles, makePrivateDir } from "../config/paths.js";
import { Discovery, type Health, labProtocol, StartNotice } from "../contract/discovery.js";
import { FailureError } from "../core/failure.js";
import { labHealth } from "./lab-health.js";

/** A lab that answers. */
export interface RunningLab extends Discovery {
  readonly token: string;
  readonly runningExperiments: number;
  /** Where a corrupt database was moved to by this very start. */
  readonly movedTo?: string;
}

export interface StartLab {
  readonly dataDir: string;
  /** The command line that runs the lab in the foreground for this data directory: `[node, entry, "lab", "start", "--foreground", …]`. */
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  /** Longest wait for its first answer. */
  readonly timeoutMs?: number;
}

const healthTimeoutMs = 2000;
const startTimeoutMs = 15_000;
const stopTimeoutMs = 10_000;
const pollMs = 25;

/** Where the lab of this data directory answers, if one does. Needs no token, and starts nothing. */
export async function locateLab(dataDir: string): Promise<(Discovery & Pick<Health, "runningExperiments">) | null> {
  const discovery = readDiscovery(dataDir);
  if (discovery === null) return null;
  const health = await labHealth(discovery.url, healthTimeoutMs);
  // After a crash the port may belong to somebody else by now.
  if (health?.pid !== discovery.pid) return null;
  const { version, protocol, runningExperiments } = health;
  return { ...discovery, version, protocol, runningExperiments };
}

/** As `locateLab`, with the token that it wants. */
export async function findLab(dataDir: string): Promise<RunningLab | null> {
  const lab = await locateLab(dataDir);
  if (lab === null) return null;
  const token = readText(lab.tokenFile)?.trim();
  if (token === undefined || token === "") {
    throw new FailureError({
      kind: "auth",
      message: `the token file ${lab.tokenFile} ${token === "" ? "is empty" : "can't be read"}`,
      hint: "run as the user that started the lab; if the file is gone, `hubify-tui lab stop`: the next start makes a new one",
    });
  }
  return { ...lab, token };
}

/**
 * The lab of this data directory, started when none runs. Safe when several ask at once: one starts, all get the same. An older lab that
 * this program can't talk to is replaced while no experiment runs there.
 */
export async function ensureLab(options: StartLab): Promise<RunningLab> {
  const found = await findLab(options.dataDir);
  if (found?.protocol === labProtocol) return found;
  if (found !== null) {
    if (found.protocol > labProtocol || found.runningExperiments > 0) throw otherProtocol(found);
    await stopLab(options.dataDir);
  }
  const started = await startLab(options);
  if (started.protocol !== labProtocol) throw otherProtocol(started);
  return started;
}

function otherProtocol({ url, version, protocol, runningExperiments: count }: RunningLab): FailureError {
  const isNewer = protocol > labProtocol;
  const experiments = count === 1 ? "1 experiment runs" : `${count} experiments run`;
  return new FailureError({
    kind: "unsupported",
    message: `the lab at ${url} is version ${version} (protocol ${protocol}), ${isNewer ? "newer" : "older"} than this program (protocol ${labProtocol})`,
    hint: isNewer
      ? "update hubify-tui"
      : `${experiments} there: wait until it is idle, or restart it now with \`hubify-tui lab stop\`; running experiments go on`,
  });
}

/** Starts the lab as a process of its own, which outlives this one and its terminal, and waits for its first answer. */
export async function startLab(options: StartLab): Promise<RunningLab> {
  const { dataDir, timeoutMs = startTimeoutMs } = options;
  const deadline = Date.now() + timeoutMs;
  const child = spawnLab(options);
  const notice = await firstNotice(child, timeoutMs, labFiles(dataDir).log);
  if (notice.type === "failed" && !notice.locked) throw new FailureError(notice.failure);
  // The lab that holds the directory may be just starting: it answers soon, or is gone.
  while (Date.now() < deadline) {
    const lab = await findLab(dataDir);
    if (lab !== null) return notice.type === "ready" && notice.movedTo ? { ...lab, movedTo: notice.movedTo } : lab;
    await wait(pollMs);
  }
  if (notice.type === "failed") throw new FailureError(notice.failure);
  throw noAnswer(labFiles(dataDir).log, timeoutMs);
}

/** Asks the lab to stop and waits until its process is gone. False when none runs. Running experiments go on. */
export async function stopLab(dataDir: string, timeoutMs = stopTimeoutMs): Promise<boolean> {
  const lab = await locateLab(dataDir);
  if (lab === null) return false;
  // Only a lab that has just answered with this pid is sent a signal: pids are used again.
  process.kill(lab.pid, "SIGTERM");
  const deadline = Date.now() + timeoutMs;
  while (isAlive(lab.pid)) {
    if (Date.now() > deadline) {
      throw new FailureError({
        kind: "timeout",
        message: `the lab (pid ${lab.pid}) did not stop within ${timeoutMs / 1000} s`,
        hint: `look at ${labFiles(dataDir).log}`,
      });
    }
    await wait(pollMs);
  }
  return true;
}

function spawnLab({ dataDir, command: [program, ...args], env }: StartLab): ChildProcess {
  let log: number;
  try {
    makePrivateDir(dataDir);
    log = openSync(labFiles(dataDir).log, "a", 0o600);
  } catch (error) {
    const why = (error as Error).message;
    throw new FailureError({
      kind: "local",
      message: `can't use ${dataDir}: ${why}`,
      hint: "choose another with --data",
    });
  }
  try {
    return spawn(program, args, {
      detached: true,
      cwd: dataDir,
      stdio: ["ignore", log, log, "ipc"],
      ...(env === undefined ? {} : { env }),
    });
  } finally {
    closeSync(log);
  }
}

/** What the child says first, or how it ended without a word. Afterwards the two are strangers. */
async function firstNotice(child: ChildProcess, timeoutMs: number, log: string): Promise<StartNotice> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<StartNotice>((resolve, reject) => {
      timer = setTimeout(() => reject(noAnswer(log, timeoutMs)), timeoutMs);
      child.on("message", (message) => {
        const notice = StartNotice.safeParse(message);
        if (notice.success) resolve(notice.data);
      });
      child.on("error", (error) =>
        reject(new FailureError({ kind: "local", message: `the lab can't be started: ${error.message}` })),
      );
      child.on("exit", (code, signal) => {
        const how = signal === null ? `exit code ${code ?? "unknown"}` : signal;
        const ended = () =>
          reject(
            new FailureError({ kind: "local", message: `the lab ended at once (${how})`, hint: `look at ${log}` }),
          );
        // What it said last may still be in the channel.
        if (child.connected) child.once("disconnect", ended);
        else setImmediate(ended);
      });
    });
  } finally {
    clearTimeout(timer);
    child.removeAllListeners();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function noAnswer(log: string, timeoutMs: number): FailureError {
  const message = `the lab did not answer within ${timeoutMs / 1000} s`;
  return new FailureError({ kind: "timeout", message, hint: `look at ${log}` });
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function readDiscovery(dataDir: string): Discovery | null {
  try {
    const text = readText(labFiles(dataDir).discovery);
    return text === undefined ? null : (Discovery.safeParse(JSON.parse(text)).data ?? null);
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
