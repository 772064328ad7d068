import { readdirSync, readFileSync } from "node:fs";
import * as os from "node:os";
import { join } from "node:path";

/** What the host uses now. null is unknown, never zero. */
export interface HostUsage {
  /** 0..100 over all CPUs, since the reading before; null at the first. */
  readonly cpuPercent: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
  /** Over one minute. */
  readonly loadAverage: number | null;
}

/** What one process group uses. */
export interface GroupUsage {
  /** 100 is one CPU, since the reading before; null at the first. */
  readonly cpuPercent: number | null;
  readonly rssBytes: number;
}

const tickMs = 10;
const pageBytes = 4096;

interface CpuTimes {
  readonly idle: number;
  readonly total: number;
}

/** First line of /proc/stat: busy is everything but idle and iowait. guest is in user already, so eight fields count. */
export function parseCpuTimes(stat: string): CpuTimes | null {
  const line = /^cpu +(.*)$/m.exec(stat)?.[1];
  if (line === undefined) return null;
  const fields = line.split(" ").slice(0, 8).map(Number);
  if (fields.length < 5 || fields.some((field) => !Number.isFinite(field))) return null;
  return { idle: (fields[3] ?? 0) + (fields[4] ?? 0), total: fields.reduce((sum, field) => sum + field, 0) };
}

/** Percent between two readings; null where they say nothing (none before, or counters that stood or went back). */
export function cpuPercent(before: CpuTimes | null, now: CpuTimes | null): number | null {
  if (before === null || now === null || now.total <= before.total) return null;
  const percent = 100 * (1 - (now.idle - before.idle) / (now.total - before.total));
  return Math.min(100, Math.max(0, percent));
}

/** Bytes of /proc/meminfo: used is what programs could not get, total − available. */
export function parseMemory(meminfo: string): { usedBytes: number; totalBytes: number } | null {
  const kib = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(meminfo)?.[1]);
  const [total, available] = [kib("MemTotal"), kib("MemAvailable")];
  if (Number.isNaN(total) || Number.isNaN(available)) return null;
  return { usedBytes: (total - available) * 1024, totalBytes: total * 1024 };
}

/** Group, CPU ticks (user + system) and resident pages of a /proc/PID/stat line. */
export function parseUsage(line: string): { group: number; ticks: number; pages: number } | null {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [group, user, system, pages] = [fields[2], fields[11], fields[12], fields[21]].map(Number);
  if (group === undefined || user === undefined || system === undefined || pages === undefined) return null;
  if ([group, user, system, pages].some(Number.isNaN)) return null;
  return { group, ticks: user + system, pages };
}

export interface HostReader {
  read(): HostUsage;
  /** CPU and memory of all processes by process group: a run's group is its command's pid. Linux only, else empty. */
  readGroups(nowMs: number): ReadonlyMap<number, GroupUsage>;
}

/** Reads /proc (0.05 ms); elsewhere what Node's `os` tells. */
export function createHostReader(procDir = "/proc"): HostReader {
  const text = (name: string): string | null => {
    try {
      return readFileSync(join(procDir, name), "latin1");
    } catch {
      return null;
    }
  };
  let before: CpuTimes | null = null;
  let groupsBefore: { at: number; ticks: ReadonlyMap<number, number> } | null = null;

  return {
    read() {
      const [stat, meminfo, loadavg] = [text("stat"), text("meminfo"), text("loadavg")];
      const now = stat === null ? osCpuTimes() : parseCpuTimes(stat);
      const percent = cpuPercent(before, now);
      before = now;
      const memory = meminfo === null ? osMemory() : parseMemory(meminfo);
      const load = loadavg === null ? os.loadavg()[0] : Number.parseFloat(loadavg);
      return {
        cpuPercent: percent,
        memoryUsedBytes: memory?.usedBytes ?? null,
        memoryTotalBytes: memory?.totalBytes ?? null,
        loadAverage: load === undefined || Number.isNaN(load) ? null : load,
      };
    },

    readGroups(nowMs) {
      const ticks = new Map<number, number>();
      const pages = new Map<number, number>();
      for (const pid of listPids(procDir)) {
        const line = text(`${pid}/stat`);
        const usage = line === null ? null : parseUsage(line);
        if (usage === null) continue;
        ticks.set(usage.group, (ticks.get(usage.group) ?? 0) + usage.ticks);
        pages.set(usage.group, (pages.get(usage.group) ?? 0) + usage.pages);
      }
      const last = groupsBefore;
      groupsBefore = { at: nowMs, ticks };
      const percentOf = (group: number) =>
        groupPercent(last?.ticks.get(group), ticks.get(group) ?? 0, nowMs - (last?.at ?? nowMs));
      return new Map(
        [...pages].map(([group, count]) => [group, { cpuPercent: percentOf(group), rssBytes: count * pageBytes }]),
      );
    },
  };
}

/** A group that lost a process has fewer ticks than before: unknown for that moment, not negative. */
function groupPercent(before: number | undefined, now: number, elapsedMs: number): number | null {
  if (before === undefined || elapsedMs <= 0 || now < before) return null;
  return (100 * (now - before) * tickMs) / elapsedMs;
}

function listPids(procDir: string): string[] {
  try {
    return readdirSync(procDir).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function osCpuTimes(): CpuTimes {
  const times = os.cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  const total = times.reduce((sum, { user, nice, sys, idle: rest, irq }) => sum + user + nice + sys + rest + irq, 0);
  return { idle, total };
}

const osMemory = () => ({ usedBytes: os.totalmem() - os.freemem(), totalBytes: os.totalmem() });
