import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { vi } from "vitest";
import type { StartLab } from "../../../src/connections/lab-process.js";
import { StartNotice } from "../../../src/contract/discovery.js";

const here = dirname(fileURLToPath(import.meta.url));

/** Bundles the lab's entry as the package does, so that a child process can run it. */
export async function buildLabEntry(): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), "hubify-entry-")), "lab-entry.js");
  await build({
    entryPoints: [join(here, "lab-entry.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    logLevel: "error",
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  cpSync(join(here, "../../../src/lab/executors/hubify-run.sh"), join(dirname(outfile), "hubify-run.sh"));
  return outfile;
}

export const freshDir = () => join(mkdtempSync(join(tmpdir(), "hubify-data-")), "lab");

export function startOf(entry: string, dataDir: string, ...flags: string[]): StartLab {
  return { dataDir, command: [process.execPath, entry, "--data", dataDir, ...flags] };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export interface Child {
  readonly process: ChildProcess;
  readonly notice: Promise<StartNotice>;
  readonly ended: Promise<number | null>;
}

const byHand = new Set<ChildProcess>();

/** Kills what `runByHand` started and a failed test left behind. */
export function killLeftovers(): void {
  for (const child of byHand) child.kill("SIGKILL");
  byHand.clear();
}

/** Runs a lab by hand, with a channel, and without waiting for it. */
export function runByHand(
  { command: [program, ...args] }: StartLab,
  options: { uid?: number; gid?: number } = {},
): Child {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit", "ipc"], ...options });
  byHand.add(child);
  const notice = new Promise<StartNotice>((resolve) => {
    child.once("message", (message) => resolve(StartNotice.parse(message)));
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => resolve(code));
  });
  return { process: child, notice, ended };
}

export async function killHard(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  await vi.waitFor(() => {
    if (isAlive(pid)) throw new Error("still there");
  });
}
