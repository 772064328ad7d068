import { constants, createReadStream, type Dirent } from "node:fs";
import { access, lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { runFiles } from "../executors/executor.js";
import type { Database } from "../store/sqlite.js";
import { folders } from "./format.js";
import { restoredPid } from "./restored-runs.js";

/** A file or a folder on its way into a backup. */
export interface Member {
  /** As the archive has it, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly mtimeMs: number;
  /** null: a folder. Yields exactly `size` bytes. */
  readonly content: AsyncIterable<Uint8Array> | null;
}

export interface Skipped {
  count: number;
  readonly paths: string[];
}

interface Source {
  readonly dataDir: string;
  /** The copy of the database: what it says of runs and contents is what is taken. */
  readonly snapshot: InstanceType<typeof Database>;
  readonly skipped: Skipped;
}

const shownSkipped = 100;
const chunkBytes = 256 * 1024;

function skip({ skipped }: Pick<Source, "skipped">, path: string): void {
  skipped.count += 1;
  if (skipped.paths.length < shownSkipped) skipped.paths.push(path);
}

/** A file's bytes as a member; null, and noted, when it is not there or can't be read. */
async function fileMember(
  source: Pick<Source, "skipped">,
  { file, path, upTo = Infinity }: { file: string; path: string; upTo?: number },
): Promise<Member | null> {
  try {
    await access(file, constants.R_OK);
    const stat = await lstat(file);
    const size = Math.min(stat.size, upTo);
    const { mode, mtimeMs } = stat;
    return { path, size, mode, mtimeMs, content: exactly(source, { file, path, size }) };
  } catch {
    skip(source, path);
    return null;
  }
}

/** As many bytes as were announced: of a file that was cut meanwhile, zeros take the place of the rest, and it is noted. */
async function* exactly(
  source: Pick<Source, "skipped">,
  { file, path, size }: { file: string; path: string; size: number },
) {
  let left = size;
  try {
    if (size > 0) {
      const stream = createReadStream(file, { end: size - 1, highWaterMark: chunkBytes });
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        left -= chunk.length;
        yield chunk;
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  if (left > 0) skip(source, path);
  for (; left > 0; left -= chunkBytes) yield Buffer.alloc(Math.min(left, chunkBytes));
}

/** Bytes that are here already. */
export function textMember(path: string, text: string): Member {
  const bytes = Buffer.from(text, "utf8");
  return { path, size: bytes.length, mode: 0o600, mtimeMs: Date.now(), content: Readable.from([bytes]) };
}

/** A file that must be there. */
export async function neededMember(file: string, path: string): Promise<Member> {
  const skipped = { count: 0, paths: [] };
  const member = await fileMember({ skipped }, { file, path });
  if (member === null) throw new Error(`${path} can't be read`);
  return member;
}

/** Everything of a data directory that belongs into a full backup, beside the database. */
export async function* dataMembers(source: Source): AsyncGenerator<Member> {
  yield* runMembers(source);
  yield* blobMembers(source);
  yield* treeMembers(source, "scripts");
}

interface RunState {
  readonly off: number;
  /** It runs on this machine, or ran when the snapshot was taken. */
  readonly isHere: boolean;
}

/** Run directories, also those whose experiment was deleted: outputs outlive it. */
async function* runMembers(source: Source): AsyncGenerator<Member> {
  const find = source.snapshot.prepare(
    "select off, state <> 'ended' and remote_dir is null as here from runs where experiment_id = ? and attempt = ?",
  );
  for await (const experiment of entriesOf(join(source.dataDir, folders[0]))) {
    if (!experiment.isDirectory()) continue;
    for await (const attempt of entriesOf(join(source.dataDir, folders[0], experiment.name))) {
      if (!attempt.isDirectory()) continue;
      const row = find.get(experiment.name, Number(attempt.name));
      const state = row === undefined ? null : { off: Number(row["off"]), isHere: row["here"] === 1 };
      yield* runDirectoryMembers(source, `runs/${experiment.name}/${attempt.name}`, state);
    }
  }
}

/**
 * One attempt. Its output ends where the index does, so that both agree. Of one that runs here, its process and its end are left out: a
 * restored lab learns that it went on elsewhere, and never takes a process for its own.
 */
async function* runDirectoryMembers(source: Source, dir: string, state: RunState | null): AsyncGenerator<Member> {
  const isHere = state?.isHere ?? false;
  yield folder(dir);
  for await (const entry of entriesOf(join(source.dataDir, dir))) {
    const path = `${dir}/${entry.name}`;
    if (isHere && (entry.name === runFiles.pid || entry.name === runFiles.exit)) continue;
    if (entry.name === runFiles.out && state !== null && entry.isFile()) {
      const out = await fileMember(source, { file: join(source.dataDir, path), path, upTo: state.off });
      if (out !== null) yield out;
    } else yield* entryMembers(source, path, entry);
  }
  if (isHere) yield textMember(`${dir}/${runFiles.pid}`, restoredPid);
}

/** Each content that a figure or a file of the snapshot has, once. */
async function* blobMembers(source: Source): AsyncGenerator<Member> {
  const next = source.snapshot.prepare(
    `select sha256 from (
       select sha256 from figures where sha256 > ?1 union select sha256 from files where sha256 > ?1
     ) order by sha256 limit 500`,
  );
  for (let last = ""; ; ) {
    const found = next.all(last).map((row) => String(row["sha256"]));
    for (const sha256 of found) {
      const path = `blobs/${sha256.slice(0, 2)}/${sha256.slice(2)}`;
      const member = await fileMember(source, { file: join(source.dataDir, path), path });
      if (member !== null) yield member;
    }
    last = found.at(-1) ?? "";
    if (last === "") return;
  }
}

async function* treeMembers(source: Source, dir: string): AsyncGenerator<Member> {
  for await (const entry of entriesOf(join(source.dataDir, dir)))
    yield* entryMembers(source, `${dir}/${entry.name}`, entry);
}

/** Files and folders; links and devices stay behind: whoever restores must not follow them. */
async function* entryMembers(source: Source, path: string, entry: Dirent): AsyncGenerator<Member> {
  if (entry.isDirectory()) {
    yield folder(path);
    yield* treeMembers(source, path);
  } else if (entry.isFile() && !/[\\\p{Cc}]/u.test(entry.name)) {
    const member = await fileMember(source, { file: join(source.dataDir, ...path.split("/")), path });
    if (member !== null) yield member;
  } else skip(source, path);
}

const folder = (path: string): Member => ({ path, size: 0, mode: 0o700, mtimeMs: Date.now(), content: null });

/** One after the other: a folder may have a million entries. None when it is not there, or not any more. */
async function* entriesOf(dir: string): AsyncGenerator<Dirent> {
  try {
    for await (const entry of await opendir(dir, { bufferSize: 256 })) yield entry;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
