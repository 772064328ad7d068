import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { type GpuReader, parseGpuLine, startGpuReader } from "../../../src/lab/telemetry/gpu.js";

const good = "0, GPU-a1, NVIDIA H200, 96, 101000, 143771, 61, 512.30, 700.00";
const readers: GpuReader[] = [];
afterEach(() => {
  for (const reader of readers.splice(0)) reader.stop();
});

/** An nvidia-smi of our own; it counts its starts in a file. */
function fakeProgram(script: string) {
  const dir = mkdtempSync(join(tmpdir(), "hubify-smi-"));
  const program = join(dir, "nvidia-smi");
  writeFileSync(program, `#!/bin/sh\necho "$*" >> ${dir}/starts\n${script}\n`);
  chmodSync(program, 0o755);
  const starts = () => readFileSync(join(dir, "starts"), "utf8").trim().split("\n");
  return { program, starts };
}

test("a line of nine fields; what is no number is unknown", () => {
  expect(parseGpuLine(good)).toEqual({
    index: 0,
    uuid: "GPU-a1",
    name: "NVIDIA H200",
    utilPercent: 96,
    memoryUsedMiB: 101000,
    memoryTotalMiB: 143771,
    temperatureC: 61,
    powerW: 512.3,
  });
  expect(
    parseGpuLine("1, GPU-b, A100, [N/A], [Insufficient Permissions], 81920, [Unknown Error], [Not Supported], 400"),
  ).toMatchObject({ utilPercent: null, memoryUsedMiB: null, memoryTotalMiB: 81920, temperatureC: null, powerW: null });
  for (const line of ["", "No devices were found", "0, GPU-a, H200, 1", `${good}, 9`])
    expect(parseGpuLine(line)).toBeNull();
});

test("one child tells of every GPU, over and over", async () => {
  const { program, starts } = fakeProgram(
    `echo "${good}"; echo "${good.replace("0, GPU-a1", "1, GPU-b2")}"; exec sleep 60`,
  );
  const onFirst = vi.fn(() => expect(reader.latest()).toHaveLength(2));
  const reader: GpuReader = startGpuReader({ periodMs: 1000, program, onFirst });
  readers.push(reader);
  await vi.waitFor(() => expect(reader.latest().map(({ uuid }) => uuid)).toEqual(["GPU-a1", "GPU-b2"]), {
    timeout: 5000,
  });
  await vi.waitFor(() => expect(onFirst).toHaveBeenCalledTimes(1));
  expect(starts()).toHaveLength(1);
  expect(starts()[0]).toContain("-lms 1000");
});

test("a child that dies is replaced; its last numbers are not kept as if they were new", async () => {
  const { program, starts } = fakeProgram(`echo "${good}"; exit 1`);
  const reader = startGpuReader({ periodMs: 10, program });
  readers.push(reader);
  await vi.waitFor(() => expect(starts().length).toBeGreaterThan(1), { timeout: 5000 });
  await vi.waitFor(() => expect(reader.latest()).toEqual([]), { timeout: 5000, interval: 1 });
});

test("a child that falls silent is ended and replaced", async () => {
  const { program, starts } = fakeProgram(`echo "${good}"; exec sleep 60`);
  const reader = startGpuReader({ periodMs: 10, program });
  readers.push(reader);
  await vi.waitFor(() => expect(starts().length).toBeGreaterThan(1), { timeout: 10_000 });
});

test("without the program there are no GPUs", async () => {
  const reader = startGpuReader({ periodMs: 10, program: "/nonexistent/nvidia-smi" });
  readers.push(reader);
  expect(reader.latest()).toEqual([]);
});
