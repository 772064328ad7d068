import { randomUUID } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, rename, rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { labFiles, makePrivateDir } from "../../config/paths.js";
import { FailureError } from "../../core/failure.js";
import { lockData } from "../process/data-lock.js";
import { diskFailure } from "../process/disk-failure.js";
import { migrations } from "../store/migrations/index.js";
import { folders, type Manifest, names } from "./format.js";
import { defaultLimits, type MemberSink, readArchive } from "./read-archive.js";
import { settleRuns } from "./restored-runs.js";

export interface RestoreOptions {
  readonly file: string;
  /** Made when it is not there. */
  readonly dataDir: string;
  /** It unpacks to many times its size, and that is known. */
  readonly anyRatio: boolean;
  readonly now: number;
  /** Asked when everything is checked and before anything is changed; false: nothing is. */
  readonly confirm: (manifest: Manifest, hasData: boolean) => Promise<boolean>;
}

export interface Restored {
  readonly manifest: Manifest;
  /** Where the data that was there is kept; null: there was none. */
  readonly keptAs: string | null;
}

/** Kept free on the disk. */
const reserveBytes = 64 * 2 ** 20;

/**
 * Puts a backup in the place of what is in a data directory. The archive is read twice: once to check all of it, once to unpack it
 * beside; only then are the folders swapped, and what was there is kept. Keys and the token of the directory stay as they are. Answers
 * null when `confirm` did. Rejects with FailureError: a lab runs there, the archive is not whole or not ours, the disk is full.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored | null> {
  const { file, dataDir, now } = options;
  const isNew = !existsSync(dataDir);
  const files = labFiles(dataDir);
  try {
    const limits = {
      ...defaultLimits,
      maxBytes: await freeBytes(dataDir),
      ...(options.anyRatio ? { maxRatio: Infinity } : {}),
    };
    const parts = { knownSchema: migrations.length, limits };
    const manifest = await readArchive(file, parts, null);
    const hasData = existsSync(files.database);
    if (!isNew) lockData(files, now).release();
    if (!(await options.confirm(manifest, hasData))) return null;

    makePrivateDir(dataDir);
    const lock = lockData(files, now);
    const unpacked = join(dataDir, `.restore-${randomUUID()}`);
    try {
      await readArchive(file, parts, unpackInto(unpacked));
      await settleRuns(unpacked, dataDir, manifest.type);
      return { manifest, keptAs: await swap(options, unpacked, manifest) };
    } finally {
      await rm(unpacked, { recursive: true, force: true });
      lock.release();
    }
  } catch (error) {
    throw error instanceof FailureError ? error : diskFailure(error, dataDir);
  }
}

/** On the disk where the data directory is, or will be. */
async function freeBytes(dataDir: string): Promise<number> {
  let dir = dataDir;
  while (!existsSync(dir) && dirname(dir) !== dir) dir = dirname(dir);
  const { bavail, bsize } = await statfs(dir);
  return Math.max(0, bavail * bsize - reserveBytes);
}

function unpackInto(root: string): MemberSink {
  const made = new Set<string>();
  const makeDir = async (dir: string) => {
    if (made.has(dir)) return;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    // Siblings come together; a million run directories need not be remembered.
    if (made.size > 10_000) made.clear();
    made.add(dir);
  };
  const placeOf = (path: string) => join(root, ...path.split("/"));
  return {
    folder: (path) => makeDir(placeOf(path)),
    async file(path, mode, content) {
      const target = placeOf(path);
      await makeDir(dirname(target));
      // Nobody but the owner may read it. `wx`: a second member of the same name does not take the place of the first.
      const flush = path === names.database;
      const file = createWriteStream(target, { mode: 0o600 | (mode & 0o100), flags: "wx", flush });
      await pipeline(Readable.from(content), file);
    },
  };
}

const databaseFiles = ["lab.db", "lab.db-wal", "lab.db-shm"];

/** One rename for each part; when one fails, those before it are taken back. A checkpoint has the database alone: the folders stay. */
async function swap({ dataDir, now }: RestoreOptions, unpacked: string, { type }: Manifest): Promise<string | null> {
  const parts = type === "full" ? [...folders, ...databaseFiles] : databaseFiles;
  const kept = await placeForOld(dataDir, now);
  const done: (readonly [from: string, to: string])[] = [];
  const move = async (from: string, to: string) => {
    if (!existsSync(from)) return;
    await rename(from, to);
    done.push([from, to]);
  };
  try {
    for (const part of parts) await move(join(dataDir, part), join(kept, part));
    const hadData = done.length > 0;
    // The database last: without one, a lab that is started after a power cut begins anew, and harms nothing.
    for (const part of parts) await move(join(unpacked, part), join(dataDir, part));
    if (hadData) return kept;
    await rm(kept, { recursive: true, force: true });
    return null;
  } catch (error) {
    for (const [from, to] of done.reverse()) await rename(to, from);
    await rm(kept, { recursive: true, force: true });
    throw error;
  }
}

/** Beside the data directory; inside of it where that is another disk or not ours. */
async function placeForOld(dataDir: string, now: number): Promise<string> {
  const name = `before-restore-${new Date(now).toISOString().slice(0, 19).replaceAll(":", "")}`;
  const beside = `${dataDir}.${name}`;
  const probe = join(dataDir, `.probe-${randomUUID()}`);
  try {
    await mkdir(beside, { mode: 0o700 });
    await mkdir(probe);
    await rename(probe, join(beside, "probe"));
    await rm(join(beside, "probe"), { recursive: true });
    return beside;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    await rm(probe, { recursive: true, force: true });
    await rm(beside, { recursive: true, force: true });
    const inside = join(dataDir, name);
    await mkdir(inside, { mode: 0o700 });
    return inside;
  }
}
