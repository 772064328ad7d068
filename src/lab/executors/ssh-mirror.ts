import { type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { agentRequests, type RunReading } from "../hosts/agent.js";
import { HostRefusal, LinkError } from "../hosts/ssh-connection.js";
import type { SshSession } from "../hosts/ssh-session.js";
import { type RunHandle, type RunStatus, runFiles } from "./executor.js";

/** Keeps the runs of one pod mirrored here: their output byte for byte, and how they are. */
export interface Mirror {
  /** From now on; twice is once. */
  watch(handle: RunHandle): void;
  /** As last seen; null before the first look. Throws what kept the mirror from being written. */
  status(handle: RunHandle): RunStatus | null;
  forget(handle: RunHandle): void;
  wake(): void;
  close(): Promise<void>;
}

export interface MirrorOptions {
  session(): SshSession | null;
  /** For a run that was to be started and has no lock there: the link was lost in between. */
  launch(session: SshSession, handle: RunHandle): Promise<void>;
}

interface Watched {
  readonly handle: RunHandle;
  readonly remoteDir: string;
  /** Its mirrored output; what is in it is the position: a crash here repeats nothing and skips nothing. */
  file: FileHandle | null;
  off: number;
  status: RunStatus | null;
  failure: Error | null;
  /** It was seen started there, and never starts again. */
  isStarted: boolean;
  /** Monotonic ms of the first look in a row that found no lock. */
  noneSince: number | null;
  /** All is here: nothing changes any more. */
  isOver: boolean;
}

const readBytes = 1024 * 1024;
/** A wrapper that was asked to start is not asked again before this. */
const lateMs = 1000;
/** Pauses of a round that found nothing new. */
const pauseMs = { from: 50, to: 400 };

export function createMirror({ session, launch }: MirrorOptions): Mirror {
  const runs = new Map<string, Watched>();
  const closing = new AbortController();
  const isClosed = () => closing.signal.aborted;
  let working: Promise<void> | null = null;
  let wake: () => void = () => undefined;

  const pause = (ms: number | null) =>
    new Promise<void>((resolve) => {
      const timer = ms === null ? undefined : setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** One look at each run in turn; true where something new came. */
  const round = async (up: SshSession): Promise<boolean> => {
    let isNews = false;
    for (const run of [...runs.values()]) {
      if (run.isOver || isClosed()) continue;
      try {
        isNews = (await look(up, run, launch)) || isNews;
        run.failure = null;
      } catch (error) {
        if (error instanceof LinkError) return false;
        run.failure = error instanceof Error ? error : new Error(String(error));
      }
    }
    return isNews;
  };

  const work = async () => {
    let restMs = pauseMs.from;
    while (!isClosed() && [...runs.values()].some(({ isOver }) => !isOver)) {
      const up = session();
      if (up?.link().link !== "up") {
        await pause(null);
        continue;
      }
      restMs = (await round(up)) ? 0 : Math.min(pauseMs.to, Math.max(pauseMs.from, restMs * 1.5));
      if (restMs > 0) await pause(restMs);
    }
    working = null;
  };
  const begin = () => {
    if (!isClosed()) working ??= work();
  };

  return {
    watch(handle) {
      if (runs.has(handle.marker) || handle.remote === undefined) return;
      runs.set(handle.marker, unseen(handle, handle.remote.dir));
      begin();
      wake();
    },
    status(handle) {
      const run = runs.get(handle.marker);
      if (run?.failure != null) throw run.failure;
      return run?.status ?? null;
    },
    forget(handle) {
      const run = runs.get(handle.marker);
      runs.delete(handle.marker);
      void run?.file?.close();
    },
    wake: () => wake(),
    async close() {
      closing.abort();
      wake();
      await working;
      for (const { file } of runs.values()) await file?.close();
      runs.clear();
    },
  };
}

const unseen = (handle: RunHandle, remoteDir: string): Watched => ({
  handle,
  remoteDir,
  file: null,
  off: 0,
  status: null,
  failure: null,
  isStarted: false,
  noneSince: null,
  isOver: false,
});

/** Reads on from where the mirror ends. An end is told only when every byte before it is here. */
async function look(session: SshSession, run: Watched, launch: MirrorOptions["launch"]): Promise<boolean> {
  await openFile(run);
  const reading = await session.ask(agentRequests.read(run.remoteDir, { off: run.off, max: readBytes }));
  if (reading.bytes.length > 0) await append(run, reading.bytes);
  await noteStarted(run, reading);
  const isWhole = run.off >= reading.size;
  run.status = statusOf(run, reading, isWhole);
  run.isOver = isWhole && (run.status.exit !== null || run.status.life === "lost");
  run.noneSince = run.status.life === "none" ? (run.noneSince ?? performance.now()) : null;
  if (run.noneSince !== null && performance.now() - run.noneSince >= lateMs) await relaunch(session, run, launch);
  return reading.bytes.length > 0;
}

async function openFile(run: Watched): Promise<void> {
  if (run.file !== null) return;
  run.file = await open(join(run.handle.dir, runFiles.out), "a", 0o600);
  run.off = (await run.file.stat()).size;
}

/** A write that failed in the middle leaves a shorter file, which is then the position. */
async function append(run: Watched, bytes: Buffer): Promise<void> {
  const { file } = run;
  if (file === null) return;
  try {
    for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
  } finally {
    run.off = (await file.stat()).size;
  }
}

function statusOf(run: Watched, reading: RunReading, isWhole: boolean): RunStatus {
  const { life, exit, ageMs } = reading;
  const group = null; // of another machine: nobody here may signal it or count its CPU
  if (!isWhole && (exit !== null || life === "dead" || life === "rebooted")) {
    return { life: "running", exit: null, ageMs, group };
  }
  if (life === "missing" || life === "none") {
    if (!run.isStarted) return { life: "none", exit: null, ageMs: null, group };
    const reason = "its directory on the pod is gone: the pod's disk was wiped";
    return { life: "lost", exit: null, ageMs: null, group, reason };
  }
  return { life, exit, ageMs, group };
}

async function relaunch(session: SshSession, run: Watched, launch: MirrorOptions["launch"]): Promise<void> {
  try {
    await launch(session, run.handle);
  } catch (error) {
    if (!(error instanceof HostRefusal)) throw error;
    // What filled the disk may be this run, started meanwhile.
    if (!(await session.ask(agentRequests.forbid(run.remoteDir)))) return;
    run.status = {
      life: "lost",
      exit: null,
      ageMs: null,
      group: null,
      reason: `can't be started there: ${error.message}`,
    };
    run.isOver = true;
  }
}

/** The lock in the mirror keeps that for the next lab. */
async function noteStarted(run: Watched, { life }: RunReading): Promise<void> {
  const lock = join(run.handle.dir, runFiles.lock);
  if (run.isStarted) return;
  if (life === "missing" || life === "none") {
    run.isStarted = await stat(lock).then(
      () => true,
      () => false,
    );
    return;
  }
  await mkdir(lock, { recursive: true });
  run.isStarted = true;
}
