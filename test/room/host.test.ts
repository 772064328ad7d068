import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { createHost } from "../../src/room/host.js";
import type { Terminal } from "../../src/terminal/terminal.js";

const directory = mkdtempSync(join(tmpdir(), "hubify-save-"));
beforeEach(() => {
  vi.spyOn(process, "cwd").mockReturnValue(directory);
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const file of readdirSync(directory)) rmSync(join(directory, file));
});
afterAll(() => rmSync(directory, { recursive: true }));

// Nothing here touches the terminal.
const noTerminal = {} as unknown as Terminal;
const host = createHost(noTerminal, { labDir: "", leave: () => undefined, retry: () => undefined });

async function* chunks(...texts: readonly string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

it("saves bytes as they come, never over another file", async () => {
  expect(await host.saveBytes("EXP-001-a.txt", chunks("one ", "two"))).toBe(join(directory, "EXP-001-a.txt"));
  expect(await host.saveBytes("EXP-001-a.txt", chunks("three"))).toBe(join(directory, "EXP-001-a-1.txt"));
  expect(await host.saveFile("EXP-001-a.txt", "four")).toBe(join(directory, "EXP-001-a-2.txt"));
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  expect(["EXP-001-a.txt", "EXP-001-a-1.txt", "EXP-001-a-2.txt"].map(read)).toEqual(["one two", "three", "four"]);
});

it("leaves nothing of what breaks off", async () => {
  async function* broken() {
    yield new Uint8Array(1000);
    throw new Error("the link was lost");
  }
  await expect(host.saveBytes("a.bin", broken())).rejects.toThrow("a.bin could not be saved: the link was lost");
  expect(readdirSync(directory)).toEqual([]);
});
