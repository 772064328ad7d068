import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { LabError } from "../lab-error.js";
import { readIfThere } from "../process/private-file.js";

const run = promisify(execFile);

export interface SshKey {
  /** The private half, mode 0600; it never leaves this machine. */
  readonly file: string;
  readonly publicKey: string;
}

/** The lab's own key pair in its data directory, made by `ssh-keygen` when it is first asked for. Pods get the public half. */
export function createSshKey(dataDir: string, program = "ssh-keygen"): () => Promise<SshKey> {
  const dir = join(dataDir, "ssh");
  const file = join(dir, "id_ed25519");
  let making: Promise<SshKey> | null = null;

  const make = async (): Promise<SshKey> => {
    const kept = readIfThere(`${file}.pub`)?.trim() ?? "";
    if (kept !== "" && readIfThere(file) !== null) return { file, publicKey: kept };
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    try {
      await run(program, ["-q", "-t", "ed25519", "-N", "", "-C", "hubify-tui lab", "-f", file]);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === "ENOENT" ? `${program} is not installed` : message;
      throw new LabError("conflict", `the lab can't make its ssh key: ${why}; without one it could not reach the pod`);
    }
    return { file, publicKey: readFileSync(`${file}.pub`, "utf8").trim() };
  };

  return () => {
    making ??= make().catch((error: unknown) => {
      making = null;
      throw error;
    });
    return making;
  };
}
