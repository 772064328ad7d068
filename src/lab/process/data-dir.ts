import { accessSync, constants, rmSync } from "node:fs";
import { labFiles, makePrivateDir } from "../../config/paths.js";
import type { Discovery } from "../../contract/discovery.js";
import { FailureError } from "../../core/failure.js";
import { type DataLock, lockData } from "./data-lock.js";
import { type OpenedDatabase, openDatabase } from "./database.js";
import { diskFailure } from "./disk-failure.js";
import { readOrCreateToken, writePrivateFile } from "./private-file.js";

export interface DataDir extends OpenedDatabase {
  readonly files: ReturnType<typeof labFiles>;
  readonly token: string;
  /** The port of the last lab here. */
  readonly lastPort: number | null;
  /** Writes the discovery file: from now on others find this lab. */
  announce(discovery: Discovery): void;
  /** Takes the discovery file away and gives the directory back. */
  release(): void;
}

/** Makes or opens a data directory, for this process alone. Rejects with FailureError: in use, not writable, full, corrupt, of a newer version. */
export async function openDataDir(dir: string, options: { repair: boolean; now: number }): Promise<DataDir> {
  const files = labFiles(dir);
  let lock: DataLock | undefined;
  try {
    makePrivateDir(dir);
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    const held = lockData(files, options.now);
    lock = held;
    rmSync(files.discovery, { force: true });
    const token = readOrCreateToken(files.token);
    const { db, movedTo } = await openDatabase(files, options);
    return {
      db,
      movedTo,
      files,
      token,
      lastPort: portOf(held.lastUrl),
      announce(discovery) {
        writePrivateFile(files.discovery, `${JSON.stringify(discovery, null, 2)}\n`);
        held.nameUrl(discovery.url);
      },
      release() {
        rmSync(files.discovery, { force: true });
        held.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw error instanceof FailureError ? error : diskFailure(error, dir);
  }
}

function portOf(url: string | null): number | null {
  const port = url !== null && URL.canParse(url) ? Number(new URL(url).port) : 0;
  return port === 0 ? null : port;
}
