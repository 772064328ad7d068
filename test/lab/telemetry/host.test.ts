import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cpuPercent, createHostReader, parseCpuTimes, parseMemory } from "../../../src/lab/telemetry/host.js";

const stat = (busy: number, idle: number) => `cpu  ${busy} 0 0 ${idle} 0 0 0 0 99 0\ncpu0 1 2 3 4\n`;
const meminfo = "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:   12000 kB\n";
/** A /proc/PID/stat line: group, CPU ticks and pages are what is read. */
const process = (group: number, ticks: number, pages: number) =>
  `9 (a b) c) S 1 ${group} 1 0 0 0 0 0 0 0 ${ticks} 0 0 0 0 0 0 0 100 0 ${pages} 0\n`;

function proc(files: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), "hubify-proc-"));
  const write = (more: Record<string, string>) => {
    for (const [name, text] of Object.entries(more)) {
      if (name.includes("/")) mkdirSync(join(dir, name, ".."), { recursive: true });
      writeFileSync(join(dir, name), text);
    }
  };
  write(files);
  return { dir, write };
}

test("CPU over the time since the reading before, memory that programs can't get, load", () => {
  const { dir, write } = proc({ stat: stat(100, 900), meminfo, loadavg: "0.52 0.5 0.4 1/2 3\n" });
  const host = createHostReader(dir);
  expect(host.read()).toEqual({
    cpuPercent: null,
    memoryUsedBytes: 4000 * 1024,
    memoryTotalBytes: 16000 * 1024,
    loadAverage: 0.52,
  });
  write({ stat: stat(175, 925) });
  expect(host.read().cpuPercent).toBe(75);
});

test("what is broken or stands still is unknown, not zero", () => {
  expect(parseCpuTimes("nonsense")).toBeNull();
  expect(parseMemory("MemTotal: 1 kB")).toBeNull();
  const times = parseCpuTimes(stat(1, 1));
  expect(cpuPercent(times, times)).toBeNull();
  expect(cpuPercent(null, times)).toBeNull();
});

test("CPU and memory of a run are those of its process group", () => {
  const { dir, write } = proc({
    stat: stat(1, 1),
    "7/stat": process(5, 100, 10),
    "8/stat": process(5, 50, 1),
    "9/stat": process(6, 1, 2),
  });
  const host = createHostReader(dir);
  expect(host.readGroups(1000).get(5)).toEqual({ cpuPercent: null, rssBytes: 11 * 4096 });
  write({ "7/stat": process(5, 200, 20) });
  expect(host.readGroups(2000).get(5)).toEqual({ cpuPercent: 100, rssBytes: 21 * 4096 });
  write({ "8/stat": process(6, 50, 1) });
  expect(host.readGroups(3000).get(5)?.cpuPercent).toBeNull();
});

test("this machine can be read", () => {
  const { memoryTotalBytes, memoryUsedBytes } = createHostReader().read();
  expect(memoryTotalBytes).toBeGreaterThan(memoryUsedBytes ?? Infinity);
});
