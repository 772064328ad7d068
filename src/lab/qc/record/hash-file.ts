import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Hashed } from "../../../contract/qc.js";
import { shortBytes } from "../../runs/disk-reason.js";

/** Files that were hashed and have not been written since; so that a sweep over one large input reads it once. */
const known = new Map<string, { readonly identity: string; readonly sha256: string }>();
const mostKnown = 1000;

/** SHA-256 of a file's content, read as a stream. A larger one than `maxBytes` has none, and the reason says so. */
export async function hashFile(path: string, maxBytes = Infinity): Promise<Hashed> {
  const unknown = { path, bytes: null, modifiedAt: null, sha256: null };
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) return { ...unknown, reason: found.isDirectory() ? "a directory" : "no file" };
    const [bytes, modifiedAt] = [Number(found.size), Number(found.mtimeMs)];
    const about = { path, bytes, modifiedAt };
    if (bytes > maxBytes) return { ...about, sha256: null, reason: `larger than ${shortBytes(maxBytes)}` };
    // The time of change can't be set by programs, unlike that of modification: the same identity is the same content.
    const identityOf = ({ dev, ino, size, mtimeNs, ctimeNs }: typeof found) =>
      [dev, ino, size, mtimeNs, ctimeNs].join(" ");
    const identity = identityOf(found);
    const before = known.get(path);
    if (before?.identity === identity) return { ...about, sha256: before.sha256, reason: null };
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    if (identityOf(await stat(path, { bigint: true })) !== identity) {
      return { ...about, sha256: null, reason: "it changed while it was read" };
    }
    const sha256 = hash.digest("hex");
    remember(path, { identity, sha256 });
    return { ...about, sha256, reason: null };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return {
      ...unknown,
      reason: code === "ENOENT" ? "missing" : code === "EACCES" ? "not readable" : String(code || error),
    };
  }
}

function remember(path: string, entry: { readonly identity: string; readonly sha256: string }): void {
  known.delete(path);
  known.set(path, entry);
  const [oldest] = known.keys();
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
}
