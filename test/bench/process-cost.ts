import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** USER_HZ, which Linux fixes at 100 for programs whatever the kernel's own tick is. */
const ticksPerSecond = 100;

/** CPU time a process has used so far, all threads, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name may hold blanks and parentheses: the fields are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

export function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kib) * 1024) / 1e6;
}

/** CPU of a process over a time, in percent of one core. */
export async function cpuPercent(pid: number, durationMs: number): Promise<number> {
  const [startSeconds, startMs] = [cpuSeconds(pid), performance.now()];
  await wait(durationMs);
  return ((cpuSeconds(pid) - startSeconds) / (performance.now() - startMs)) * 100_000;
}

/** Asks again until it is true; rejects after the limit. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, limitMs: number, what: string): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${limitMs} ms`);
    await wait(20);
  }
}
