import { createHash, type Hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type BackupHead, type Manifest, names, sumLine } from "./format.js";
import { type Member, neededMember, type Skipped, textMember } from "./members.js";

const blockBytes = 512;
/** Logs and databases get four times smaller at a third of the default's time. */
const gzipLevel = 3;

export interface Archive {
  readonly head: BackupHead;
  readonly counts: Readonly<Record<string, number>>;
  /** In the order of the archive; `skipped` is complete when they are at their end. */
  readonly members: AsyncIterable<Member>;
  readonly skipped: Skipped;
  /** Where the list of sums may grow; gone afterwards. */
  readonly sumsFile: string;
}

/** Writes a backup, a chunk at a time. The file is on the disk when this resolves; whoever calls removes it when it rejects. */
export async function writeArchive(
  archive: Archive,
  file: string,
  signal: AbortSignal,
): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  let size = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const target = createWriteStream(file, { mode: 0o600, flags: "wx", flush: true });
  await pipeline(tarOf(archive), createGzip({ level: gzipLevel }), counted, target, { signal });
  return { size, sha256: hash.digest("hex") };
}

async function* tarOf({ head, counts, members, skipped, sumsFile }: Archive): AsyncGenerator<Uint8Array> {
  const sums = await openSums(sumsFile);
  let count = 0;
  let bytes = 0;
  try {
    for await (const member of all(textMember(names.head, `${JSON.stringify(head, null, 2)}\n`), members)) {
      count += 1;
      bytes += member.size;
      const hash = createHash("sha256");
      yield* memberBlocks(member, hash);
      if (member.content !== null) await sums.add(hash.digest("hex"), member.path);
    }
    const sumsSha256 = await sums.close();
    yield* memberBlocks(await neededMember(sumsFile, names.sums));
    const manifest: Manifest = { ...head, members: count, bytes, sumsSha256, counts, skipped };
    yield* memberBlocks(textMember(names.manifest, `${JSON.stringify(manifest, null, 2)}\n`));
    yield Buffer.alloc(2 * blockBytes);
  } finally {
    await sums.close();
    await rm(sumsFile, { force: true });
  }
}

async function* all(first: Member, others: AsyncIterable<Member>): AsyncGenerator<Member> {
  yield first;
  yield* others;
}

async function* memberBlocks(member: Member, hash?: Hash): AsyncGenerator<Uint8Array> {
  yield await headerOf(member);
  if (member.content === null) return;
  for await (const chunk of member.content) {
    hash?.update(chunk);
    yield chunk;
  }
  const rest = member.size % blockBytes;
  if (rest > 0) yield Buffer.alloc(blockBytes - rest);
}

/** The packages's own header, with an extended one before it where a path or a size does not fit. */
async function headerOf({ path, size, mode, mtimeMs, content }: Member): Promise<Buffer> {
  const { Header, Pax } = await import("tar");
  const data = {
    path: content === null ? `${path}/` : path,
    size,
    mode: mode & 0o777,
    mtime: new Date(mtimeMs),
    type: content === null ? ("Directory" as const) : ("File" as const),
  };
  const header = new Header(data);
  const needsPax = header.encode();
  const block = header.block ?? Buffer.alloc(blockBytes);
  return needsPax ? Buffer.concat([new Pax({ path: data.path, size }).encode(), block]) : block;
}

/** The list of sums grows beside the archive: it may have a line for each of a million files. */
async function openSums(file: string) {
  const handle = await open(file, "w", 0o600);
  const hash = createHash("sha256");
  let waiting: string[] = [];
  let sealed: string | null = null;
  const write = async () => {
    const text = waiting.join("");
    waiting = [];
    hash.update(text);
    await handle.write(text);
  };
  return {
    async add(sha256: string, path: string): Promise<void> {
      waiting.push(sumLine(sha256, path));
      if (waiting.length >= 512) await write();
    },
    /** Answers the list's own sum. */
    async close(): Promise<string> {
      if (sealed !== null) return sealed;
      await write();
      await handle.close();
      sealed = hash.digest("hex");
      return sealed;
    },
  };
}
