import { accessSync, constants, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { runFiles } from "../executors/executor.js";

/** `<data>/runs/<experiment id>/<attempt>`. */
export function runDirectory(dataDir: string, experimentId: string, attempt: number): string {
  return join(dataDir, "runs", experimentId, String(attempt));
}

/** Makes the directory with everything the wrapper needs. Only its owner may read it: config.env may hold secrets. */
export async function prepareRunDirectory(dir: string, files: { cmd: string; config: string }): Promise<void> {
  await mkdir(join(dir, runFiles.work), { recursive: true, mode: 0o700 });
  await writeFile(join(dir, runFiles.config), files.config, { mode: 0o600 });
  await writeFile(join(dir, runFiles.cmd), files.cmd, { mode: 0o600 });
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Whether a shell would find a program of this name. */
export function hasProgram(name: string, path = process.env["PATH"] ?? ""): boolean {
  return path.split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, name), constants.X_OK);
      return isFile(join(dir, name));
    } catch {
      return false;
    }
  });
}
