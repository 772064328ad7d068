import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import type { Parser, ReadEntry } from "tar";
import { z } from "zod";
import { FailureError } from "../../core/failure.js";
import { shortBytes } from "../runs/disk-reason.js";
import { BackupHead, backupFormat, folders, Manifest, names, sumLine } from "./format.js";

export interface ArchiveLimits {
  /** Bytes that may come out in all: what fits on the disk. */
  readonly maxBytes: number;
  readonly maxMembers: number;
  /** How many times larger than the archive that may be. Looked at above `ratioFromBytes`. */
  readonly maxRatio: number;
}

/** How many schemas this program knows: an archive of a newer one is refused before anything else of it is read. */
export interface ReadParts {
  readonly knownSchema: number;
  readonly limits: ArchiveLimits;
}

/** Takes a member's bytes; null: they are only looked at. */
export interface MemberSink {
  folder(path: string): Promise<void>;
  file(path: string, mode: number, content: AsyncIterable<Buffer>): Promise<void>;
}

export const defaultLimits = { maxMembers: 50_000_000, maxRatio: 200 } as const;
const nowhere: MemberSink = {
  folder: () => Promise.resolve(),
  file: async (_, __, content) => {
    await hashOf(content);
  },
};
/** A short log of one line over and over is no bomb. */
const ratioFromBytes = 2 ** 30;
const maxSmallBytes = 2 ** 20;
const maxPathBytes = 4096;

export const refusal = (
  message: string,
  hint = "nothing was changed; use a whole, unchanged backup",
  cause?: unknown,
) => new FailureError({ kind: "invalid", message, hint }, { cause });

/**
 * Reads a backup from end to end and answers its manifest. Rejects with FailureError at the first thing that is not as it should be:
 * a newer format or schema, members that are no plain files or would lie elsewhere, contents that don't have their sums, too much of
 * anything. `sink` gets each member of the data directory as it comes, before the whole is known to be good.
 */
export async function readArchive(file: string, parts: ReadParts, sink: MemberSink | null): Promise<Manifest> {
  const { size } = await stat(file).catch((error: unknown) => {
    throw refusal(`${file} can't be read: ${(error as Error).message}`, "check the path", error);
  });
  const reader = createReader(parts, sink);
  const { Parser } = await import("tar");
  let failure: unknown = null;
  let current: Promise<void> = Promise.resolve();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const fail = (error: unknown) => {
    failure ??= error;
    failed.reject(failure);
  };
  const parser: Parser = new Parser({
    strict: true,
    brotli: false,
    maxMetaEntrySize: maxSmallBytes,
    onReadEntry: (entry) => {
      // In their order: the next one comes as soon as the parser is done with this one.
      current = current.then(() => (failure === null ? reader.member(entry) : undefined));
      current.catch(fail);
    },
  });
  parser.on("error", fail);
  parser.on("ignoredEntry", (entry: ReadEntry) => fail(refusal(`${file}: ${entry.path} is a ${entry.type}`)));
  try {
    await feed(parser, { file, size, failed: failed.promise, bytes: reader.sizes(parts.limits, size) });
    await current;
  } catch (error) {
    throw readable(failure ?? error, file);
  }
  return reader.finish();
}

interface Feeding {
  readonly file: string;
  readonly size: number;
  readonly failed: Promise<never>;
  /** Told how much has come out so far. */
  readonly bytes: (out: number) => void;
}

async function feed(parser: Parser, { file, failed, bytes }: Feeding): Promise<void> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    let out = 0;
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      out += chunk.length;
      bytes(out);
      if (!parser.write(chunk)) await Promise.race([once(parser, "drain"), failed]);
    }
    const ended = once(parser, "end");
    parser.end();
    await Promise.race([ended, failed]);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

function readable(error: unknown, file: string): unknown {
  if (error instanceof FailureError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "Z_BUF_ERROR") return refusal(`${file} breaks off`, undefined, error);
  if (code?.startsWith("Z_") === true || code?.startsWith("TAR_") === true) {
    return refusal(`${file} is no backup, or damaged: ${message}`, undefined, error);
  }
  return error;
}

function createReader({ knownSchema, limits }: ReadParts, sink: MemberSink | null) {
  const sums = createHash("sha256");
  let head: BackupHead | null = null;
  let sumsSha256: string | null = null;
  let manifest: Manifest | null = null;
  let members = 0;
  let bytes = 0;
  let hasDatabase = false;

  /** What is about the backup, not of the data directory. */
  const about = async (path: string, content: AsyncIterable<Buffer>): Promise<void> => {
    if (path === names.sums) {
      sumsSha256 = await hashOf(content);
      return;
    }
    const text = await textOf(content);
    if (path === names.manifest) manifest = parsed(Manifest, text, path);
    else {
      head = parsed(BackupHead, text, path);
      checkHead(head, knownSchema);
      sums.update(sumLine(createHash("sha256").update(text).digest("hex"), path));
      members += 1;
      bytes += Buffer.byteLength(text);
    }
  };

  const data = async (entry: ReadEntry, path: string): Promise<void> => {
    members += 1;
    bytes += entry.size;
    if (members > limits.maxMembers) throw refusal(`more than ${limits.maxMembers} members`);
    if (entry.type === "Directory") {
      entry.resume();
      await (sink ?? nowhere).folder(path);
      return;
    }
    const hash = createHash("sha256");
    const content = hashed(entry, hash);
    await (sink ?? nowhere).file(path, entry.mode ?? 0o600, content);
    sums.update(sumLine(hash.digest("hex"), path));
    if (path === names.database) hasDatabase = true;
  };

  return {
    async member(entry: ReadEntry): Promise<void> {
      const path = checkedPath(entry);
      if (manifest !== null) throw refusal(`${path} comes after the manifest`);
      if (head === null && path !== names.head)
        throw refusal(`it does not begin with ${names.head}: this is no backup of a lab`);
      if (abouts.has(path)) {
        if (entry.type === "Directory" || (head !== null && path === names.head)) throw refusal(`${path} twice`);
        await about(path, entry);
      } else if (sumsSha256 !== null) throw refusal(`${path} comes after the sums`);
      else await data(entry, path);
    },

    /** Refuses while it comes out, not when the disk is full. */
    sizes({ maxBytes, maxRatio }: ArchiveLimits, archiveBytes: number) {
      return (out: number) => {
        if (out > maxBytes)
          throw refusal(
            `it unpacks to more than the ${shortBytes(maxBytes)} that are free`,
            "free some space, or use another disk",
          );
        if (out > ratioFromBytes && out > archiveBytes * maxRatio) {
          throw refusal(
            `it unpacks to more than ${maxRatio} times its size, which looks like a zip bomb`,
            "nothing was changed; if you made it yourself, add --any-ratio",
          );
        }
      };
    },

    finish(): Manifest {
      if (manifest === null || sumsSha256 === null) throw refusal("it breaks off: there is no manifest at its end");
      if (sums.digest("hex") !== sumsSha256 || manifest.sumsSha256 !== sumsSha256) {
        throw refusal("a file in it does not have its sum: it was damaged or changed");
      }
      if (manifest.members !== members || manifest.bytes !== bytes)
        throw refusal("its manifest counts other files than there are");
      if (!hasDatabase) throw refusal(`there is no ${names.database} in it`);
      return manifest;
    },
  };
}

function checkHead({ format, schema, version }: BackupHead, knownSchema: number): void {
  if (format <= backupFormat && schema <= knownSchema) return;
  const message = `it was made by hubify-tui ${version}, which is newer (format ${format}, schema ${schema}; here ${backupFormat}, ${knownSchema})`;
  throw new FailureError({ kind: "unsupported", message, hint: "update hubify-tui; nothing was changed" });
}

/** A plain file or folder below the data directory, or it is refused. */
function checkedPath({ path: given, type, size }: ReadEntry): string {
  const path = type === "Directory" ? given.replace(/\/$/, "") : given;
  const shown = JSON.stringify(path.slice(0, 200));
  if (type !== "File" && type !== "OldFile" && type !== "Directory")
    throw refusal(`${shown} is a ${type}; only files and folders are restored`);
  if (!isBelow(path)) throw refusal(`${shown} is no path below a data directory`);
  const isOwn = type === "Directory" ? isOfFolder(path) : known.has(path) || (path.includes("/") && isOfFolder(path));
  if (!isOwn) throw refusal(`${shown} does not belong into a backup`);
  if (size > maxSmallBytes && smalls.has(path)) throw refusal(`${shown} is too large`);
  return path;
}

const isOfFolder = (path: string) => folders.some((folder) => folder === path.split("/")[0]);

function isBelow(path: string): boolean {
  if (Buffer.byteLength(path) > maxPathBytes || /[\\\p{Cc}]/u.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

const known = new Set<string>(Object.values(names));
const smalls = new Set<string>([names.head, names.manifest]);
const abouts = new Set<string>([names.head, names.sums, names.manifest]);

async function* hashed(content: ReadEntry, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const chunk of content as unknown as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
}

async function hashOf(content: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of content) hash.update(chunk);
  return hash.digest("hex");
}

async function textOf(content: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function parsed<Schema extends z.ZodType>(schema: Schema, text: string, path: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw refusal(`${path} is not what it should be`, undefined, error);
  }
}
