import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readFile, realpath, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { agentRequests, type RemoteFile } from "../hosts/agent.js";
import type { SshSession } from "../hosts/ssh-session.js";
import { writePrivateFile } from "../process/private-file.js";

/** A folder or file on a pod and where its copy belongs, relative to the run's `work/` here; `.` is that itself. */
export interface FetchSource {
  readonly path: string;
  readonly name: string;
}

export interface FetchOrder {
  readonly session: SshSession;
  readonly sources: readonly FetchSource[];
  /** The run's directory here. */
  readonly dir: string;
  /** Larger files stay where they are. */
  readonly maxBytes: number;
  /** How far the pod's clock is ahead of ours, ms: files get the time at which they changed by ours. */
  readonly clockSkewMs: number;
  readonly signal: AbortSignal;
}

export interface Fetched {
  /** Files that stayed on the pod, with their size. */
  readonly left: readonly { readonly name: string; readonly size: number }[];
  /** Nothing changed there while it was read. */
  readonly isSteady: boolean;
}

/** What is here already: name in `work/` → size and change there. `changedAt: null`: it was put there by us. */
type Manifest = Record<string, { size: number; changedAt: number | null }>;

const manifestFile = "home.json";
const leftFile = "left.json";
const partsFolder = "fetch";
const readBytes = 1024 * 1024;
/** Slow disks read this much a second, so a checksum may take its time. */
const checksumBytesPerMs = 20_000;
/** A file that keeps changing is read this often. */
const mostPasses = 3;

/**
 * Copies files from a pod, each by byte offset into a file aside that is put in place when it is whole: after a lost
 * connection, or a lab that was killed, it goes on where it was. Per file and not as one archive: an archive needs room on
 * the pod's disk, which may be what is short, and can't be gone on with once a file in it has changed.
 */
export async function fetchFiles(order: FetchOrder): Promise<Fetched> {
  const manifest = await readManifest(order.dir);
  let isSteady = true;
  let left: Fetched["left"] = [];
  for (let pass = 0; pass < mostPasses; pass++) {
    const wanted = await listAll(order);
    left = wanted.filter(({ size }) => size > order.maxBytes).map(({ name, size }) => ({ name, size }));
    isSteady = true;
    try {
      for (const file of wanted) {
        if (file.size > order.maxBytes || (await isHome(order.dir, manifest[file.name], file))) continue;
        if (await fetchFile(order, file)) manifest[file.name] = { size: file.size, changedAt: file.changedAt };
        else isSteady = false;
      }
    } finally {
      writeManifest(order.dir, manifest);
    }
    if (isSteady) break;
  }
  if (isSteady) await rm(join(order.dir, partsFolder), { recursive: true, force: true });
  writePrivateFile(join(order.dir, leftFile), JSON.stringify(left));
  return { left, isSteady };
}

const Left = z.array(z.object({ name: z.string(), size: z.number() }));

/** What the last fetch left on the pod; empty where there was none. */
export async function readLeft(dir: string): Promise<Fetched["left"]> {
  try {
    return Left.parse(JSON.parse(await readFile(join(dir, leftFile), "utf8")));
  } catch {
    return [];
  }
}

/** Files that the lab itself put into a run's `work/` there: they are brought home only if the run changed them. */
export function noteSent(dir: string, sent: ReadonlyMap<string, number>): void {
  const entries = [...sent].map(([name, size]) => [normalize(name), { size, changedAt: null }] as const);
  if (entries.length > 0) writeManifest(dir, Object.fromEntries(entries));
}

async function isHome(dir: string, known: Manifest[string] | undefined, file: RemoteFile): Promise<boolean> {
  if (known?.size !== file.size) return false;
  if (known.changedAt === null) return true;
  const here = await stat(join(dir, "work", file.name)).catch(() => null);
  return known.changedAt === file.changedAt && here?.size === file.size;
}

interface WantedFile extends RemoteFile {
  /** Absolute, on the pod. */
  readonly path: string;
}

async function listAll({ session, sources, signal }: FetchOrder): Promise<WantedFile[]> {
  const all = new Map<string, WantedFile>();
  for (const source of sources) {
    for (const file of await session.insist(() => agentRequests.list(source.path), signal)) {
      const name = normalize(join(source.name, file.name));
      // The far side is not believed: a name must not lead out of the run's directory.
      if (name.startsWith("..") || name.startsWith(sep) || name === ".") continue;
      all.set(name, { ...file, name, path: file.name === "" ? source.path : `${source.path}/${file.name}` });
    }
  }
  return [...all.values()];
}

/** False: it changed meanwhile, or is gone. */
async function fetchFile(order: FetchOrder, wanted: WantedFile): Promise<boolean> {
  const { dir, session, signal, clockSkewMs } = order;
  const key = createHash("sha256").update(`${wanted.name}\0${wanted.size}\0${wanted.changedAt}`).digest("hex");
  const part = join(dir, partsFolder, key.slice(0, 32));
  await mkdir(dirname(part), { recursive: true, mode: 0o700 });
  const file = await open(part, "a", 0o600);
  const before = (await file.stat()).size;
  const upSince = session.link().since;
  let isSame: boolean;
  try {
    isSame = await readInto(file, before, order, wanted);
  } finally {
    await file.close();
  }
  // What came over one connection was checked by ssh; what was put together from several is compared.
  const isPatched = before > 0 || session.link().since !== upSince;
  if (isSame && isPatched) {
    const silenceMs = 15_000 + wanted.size / checksumBytesPerMs;
    const sum = await session.insist(() => agentRequests.sum(wanted.path, silenceMs), signal);
    isSame = sum === null || sum === (await sha256(part));
  }
  if (!isSame) {
    await rm(part, { force: true });
    return false;
  }
  const target = await placeFor(join(dir, "work"), wanted.name);
  const changed = (wanted.changedAt - clockSkewMs) / 1000;
  await utimes(part, changed, changed);
  await rename(part, target);
  return true;
}

async function readInto(file: FileHandle, from: number, order: FetchOrder, wanted: WantedFile): Promise<boolean> {
  for (let off = from; off < wanted.size; ) {
    const at = off;
    const max = Math.min(readBytes, wanted.size - at);
    const got = await order.session.insist(() => agentRequests.get(wanted.path, { off: at, max }), order.signal);
    if (got === null || got.bytes.length === 0) return false;
    // One that only grew is as good as at the moment it was listed; the next pass sees the rest.
    if (got.size < wanted.size || (got.size === wanted.size && got.changedAt !== wanted.changedAt)) return false;
    for (let done = 0; done < got.bytes.length; ) done += (await file.write(got.bytes, done)).bytesWritten;
    off += got.bytes.length;
  }
  return true;
}

/** Links that a run or a check left in the copy are not followed out of it. */
async function placeFor(work: string, name: string): Promise<string> {
  const target = join(work, name);
  await mkdir(dirname(target), { recursive: true });
  const [root, folder] = [await realpath(work), await realpath(dirname(target))];
  if (folder !== root && !folder.startsWith(root + sep)) throw new Error(`${name} would be written outside ${work}`);
  await rm(target, { force: true });
  return target;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

async function readManifest(dir: string): Promise<Manifest> {
  const text = await readFile(join(dir, manifestFile), "utf8").catch(() => "{}");
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return {};
  }
}

const writeManifest = (dir: string, manifest: Manifest) =>
  writePrivateFile(join(dir, manifestFile), JSON.stringify(manifest));
