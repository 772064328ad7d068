import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Hashed } from "../../../contract/qc.js";
import { shortBytes } from "../../runs/disk-reason.js";

/** SHA-256 of a file's content, read as a stream. A larger one than `maxBytes` has none, and the reason says so. */
export type HashFile = (path: string, maxBytes?: number) => Promise<Hashed>;

const mostKnown = 1000;

/** Remembers files that have not been written since they were hashed, so that a sweep over one large input reads it once. */
export function createHasher(): HashFile {
  const known = new Map<string, { readonly identity: string; readonly sha256: string }>();

  const contentOf = async (path: string, identity: string): Promise<string | null> => {
    const before = known.get(path);
    if (before?.identity === identity) return before.sha256;
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    const sha256 = hash.digest("hex");
    if (identityOf(await statOf(path)) !== identity) return null;
    known.delete(path);
    known.set(path, { identity, sha256 });
    const [oldest] = known.keys();
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
    return sha256;
  };

  return async (path, maxBytes = Infinity) => {
    const unknown = { path, bytes: null, modifiedAt: null, sha256: null };
    try {
      const found = await statOf(path);
      if (!found.isFile()) return { ...unknown, reason: found.isDirectory() ? "a directory" : "no file" };
      const about = { path, bytes: Number(found.size), modifiedAt: Number(found.mtimeMs) };
      if (about.bytes > maxBytes) return { ...about, sha256: null, reason: `larger than ${shortBytes(maxBytes)}` };
      const sha256 = await contentOf(path, identityOf(found));
      return { ...about, sha256, reason: sha256 === null ? "it changed while it was read" : null };
    } catch (error) {
      return { ...unknown, reason: reasonOf(error as NodeJS.ErrnoException) };
    }
  };
}

const statOf = (path: string) => stat(path, { bigint: true });

/** The time of change can't be set by programs, unlike that of modification: the same identity is the same content. */
const identityOf = ({ dev, ino, size, mtimeNs, ctimeNs }: Awaited<ReturnType<typeof statOf>>) =>
  [dev, ino, size, mtimeNs, ctimeNs].join(" ");

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "missing";
  return code === "EACCES" ? "not readable" : message;
}
