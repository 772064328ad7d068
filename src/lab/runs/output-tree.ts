import { open, readdir, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Where files of an attempt lie: a folder or a file, and how it is called in the list. */
export interface OutputSource {
  readonly absolute: string;
  /** Empty for the run's own directory. */
  readonly prefix: string;
}

/** A file there is. */
export interface FoundOutput {
  readonly path: string;
  readonly absolute: string;
}

const maxDepth = 32;

/**
 * The files of a source in the order of their paths, part by part, behind `after`. Links are files when they lead to one inside the
 * source; out of it, or to folders, they are not followed. Folders before `after` are not read.
 */
export async function* outputsOf(source: OutputSource, after: string | null): AsyncGenerator<FoundOutput> {
  const root = await realpath(source.absolute).catch(() => null);
  if (root === null) return;
  const info = await stat(root);
  if (info.isFile()) {
    if (after === null || isBehind(source.prefix, after)) yield { path: source.prefix, absolute: root };
    return;
  }
  const behind = after === null ? null : partsBelow(source.prefix, after);
  if (behind === "everything") return;
  for await (const path of walk(root, { folder: "", after: behind, depth: 0 })) {
    yield { path: source.prefix === "" ? path : `${source.prefix}/${path}`, absolute: join(root, path) };
  }
}

/** Whether a path comes after another: as if each part was a word. */
export function isBehind(path: string, other: string): boolean {
  const [ours, theirs] = [path.split("/"), other.split("/")];
  for (const [index, part] of ours.entries()) {
    const their = theirs[index];
    if (their === undefined) return true;
    if (part !== their) return part > their;
  }
  return false;
}

/** `after` as seen from inside the source; null: all of it comes after; `everything`: none of it does. */
function partsBelow(prefix: string, after: string): readonly string[] | null | "everything" {
  if (prefix === "") return after.split("/");
  if (after.startsWith(`${prefix}/`)) return after.slice(prefix.length + 1).split("/");
  return isBehind(prefix, after) ? null : "everything";
}

interface Place {
  /** Relative to the root; empty or with a slash at the end. */
  readonly folder: string;
  readonly after: readonly string[] | null;
  readonly depth: number;
}

async function* walk(root: string, { folder, after, depth }: Place): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  const [first, ...rest] = after ?? [];
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const { name } = entry;
    if (first !== undefined && name < first) continue;
    const isOnTheWay = name === first;
    const path = `${folder}${name}`;
    if (entry.isDirectory() && depth < maxDepth) {
      yield* walk(root, { folder: `${path}/`, after: isOnTheWay ? rest : null, depth: depth + 1 });
    } else if (!isOnTheWay && (entry.isFile() || (entry.isSymbolicLink() && (await isOwn(root, path))))) {
      yield path;
    }
  }
}

/** A link to a file inside the root. */
async function isOwn(root: string, path: string): Promise<boolean> {
  const target = await realpath(join(root, path)).catch(() => null);
  return target !== null && isInside(root, target) && (await stat(target)).isFile();
}

const isInside = (root: string, file: string): boolean => {
  const way = relative(root, file);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`);
};

/** The file of that path in one of the sources, wherever links lead inside it; null: there is none, or it is outside. */
export async function findOutput(sources: readonly OutputSource[], path: string): Promise<string | null> {
  const parts = path.split("/");
  if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..")) return null;
  for (const source of sources) {
    const file = await findIn(source, path);
    if (file !== null && (await stat(file)).isFile()) return file;
  }
  return null;
}

async function findIn({ absolute, prefix }: OutputSource, path: string): Promise<string | null> {
  if (prefix !== "" && path !== prefix && !path.startsWith(`${prefix}/`)) return null;
  const real = (file: string) => realpath(file).catch(() => null);
  const root = await real(absolute);
  if (root === null || path === prefix) return root;
  const file = await real(join(root, prefix === "" ? path : path.slice(prefix.length + 1)));
  return file !== null && isInside(root, file) ? file : null;
}

/** An output as it is now: it is read up to the size that it has when it is opened. */
export async function openOutput(absolute: string) {
  const handle = await open(absolute, "r");
  const info = await handle.stat();
  if (info.isFile()) return { handle, size: info.size, modifiedAt: Math.round(info.mtimeMs), mode: info.mode };
  await handle.close();
  return null;
}
