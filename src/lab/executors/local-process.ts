import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ: ticks per second of /proc/PID/stat. 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
const hasProc = process.platform === "linux";

function readText(file: string): string | null {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return null;
  }
}

/** State and start time (field 22) of a `/proc/PID/stat` line. Split after the last `)`: names hold spaces and brackets. */
export function parseProcStat(line: string): { state: string; group: number; start: string } | null {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields[0], fields[19]];
  if (state === undefined || start === undefined) return null;
  return { state, group: Number(fields[2]), start };
}

/** Start time of a living process, in the words the wrapper writes; null when there is none. A zombie is dead. */
export function processStart(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (!hasProc) return macStart(pid);
  const line = readText(`/proc/${pid}/stat`);
  const stat = line === null ? null : parseProcStat(line);
  return stat === null || stat.state === "Z" || stat.state === "X" ? null : stat.start;
}

function macStart(pid: number): string | null {
  try {
    return ps(pid, "stat").startsWith("Z") ? null : ps(pid, "lstart").replace(/ +/g, "_");
  } catch {
    return null;
  }
}

const ps = (pid: number, column: string) =>
  execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).replace(/\n+$/, "");

/** Names this boot of the host; `-` where the system does not say. */
export function bootId(): string {
  return readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "-";
}

/** Time since a process started, by the monotonic clock of the boot: a changed wall clock does not matter. */
export function ageMs(start: string): number | null {
  const uptime = Number.parseFloat(readText("/proc/uptime") ?? "");
  const age = (uptime - Number(start) / ticksPerSecond) * 1000;
  return hasProc && Number.isFinite(age) ? Math.max(0, age) : null;
}

/** Living processes whose environment holds `NAME=value`. Only our own user's can be read; elsewhere than on Linux: none. */
export function processesWithEnv(name: string, value: string): number[] {
  if (!hasProc) return [];
  const wanted = `${name}=${value}\0`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      const environment = readText(`/proc/${entry}/environ`);
      return environment !== null && (environment.startsWith(wanted) || environment.includes(`\0${wanted}`));
    })
    .map(Number)
    .filter((pid) => pid !== process.pid && processStart(pid) !== null);
}
