import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Gpu } from "../../contract/pod.js";

const fields = "index,uuid,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw,power.limit";
const fieldCount = fields.split(",").length;
/** Drivers hang: after this many periods without a line the child is replaced. */
const silentPeriods = 3;
const longestRetryMs = 60_000;

/** One line of nvidia-smi's CSV; null when it is not one. `[N/A]`, `[Unknown Error]` and the like are null: unknown, not idle. */
export function parseGpuLine(line: string): Gpu | null {
  const parts = line.trim().split(", ");
  const [index, uuid, name] = parts;
  if (parts.length !== fieldCount || uuid === undefined || name === undefined || !/^\d+$/.test(index ?? ""))
    return null;
  const number = (at: number) => (/^-?\d+(\.\d+)?$/.test(parts[at] ?? "") ? Number(parts[at]) : null);
  return {
    index: Number(index),
    uuid,
    name,
    utilPercent: number(3),
    memoryUsedMiB: number(4),
    memoryTotalMiB: number(5),
    temperatureC: number(6),
    powerW: number(7),
  };
}

export interface GpuReader {
  /** The GPUs as last heard of, by index; none where there is no driver, or it has been silent. */
  latest(): readonly Gpu[];
  stop(): void;
}

/**
 * Keeps one `nvidia-smi` running that tells of every GPU each period. Without the program there are no GPUs and nothing is
 * tried again; a child that dies or falls silent is replaced, with growing pauses.
 */
export function startGpuReader(options: { periodMs: number; program?: string; onFirst?: () => void }): GpuReader {
  const { periodMs, program = "nvidia-smi" } = options;
  const gpus = new Map<string, Gpu>();
  let child: ChildProcess | null = null;
  let watchdog: NodeJS.Timeout | undefined;
  let restart: NodeJS.Timeout | undefined;
  let failures = 0;
  let stopped = false;

  const watch = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => child?.kill("SIGKILL"), silentPeriods * periodMs + 1000);
    watchdog.unref();
  };
  const heard = (line: string) => {
    const gpu = parseGpuLine(line);
    if (gpu === null || child === null) return;
    const isFirst = gpus.size === 0;
    gpus.set(gpu.uuid, gpu);
    failures = 0;
    watch();
    // After the other lines of this period: a machine with eight GPUs is told of once, with eight.
    if (isFirst && options.onFirst !== undefined) setImmediate(options.onFirst);
  };
  const ended = (isMissing: boolean) => {
    clearTimeout(watchdog);
    child = null;
    gpus.clear();
    if (stopped || isMissing) return;
    failures += 1;
    restart = setTimeout(begin, Math.min(longestRetryMs, periodMs * 2 ** Math.min(failures, 10)));
    restart.unref();
  };
  const begin = () => {
    const args = [`--query-gpu=${fields}`, "--format=csv,noheader,nounits", "-lms", String(periodMs)];
    const started = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
    child = started;
    createInterface({ input: started.stdout }).on("line", heard);
    started.once("error", (error: NodeJS.ErrnoException) => {
      started.removeAllListeners("close");
      ended(error.code === "ENOENT" || error.code === "EACCES");
    });
    started.once("close", () => ended(false));
    watch();
  };
  begin();

  return {
    latest: () => [...gpus.values()].sort((a, b) => a.index - b.index),
    stop() {
      stopped = true;
      clearTimeout(watchdog);
      clearTimeout(restart);
      child?.kill("SIGKILL");
    },
  };
}
