import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { LabError } from "../lab-error.js";
import { type OutputSource, openOutput, outputsOf } from "../runs/output-tree.js";

const pieceBytes = 256 * 1024;
/** Of the tar format: everything is padded to it, and two empty ones end it. */
const blockBytes = 512;

/** A reader that takes nothing for so long is let go, and so many may load at once. */
export interface ArchiveBounds {
  readonly stallMs: number;
  readonly most: number;
}
const usualBounds: ArchiveBounds = { stallMs: 60_000, most: 8 };

export interface Archive {
  readonly sources: readonly OutputSource[];
  /** The folder that everything in it is in. */
  readonly name: string;
}

/**
 * Sends files as one tar.gz that is made while it is read, no faster. Each file is in it as long as it was when its turn came: one
 * that grows meanwhile is cut there, one that shrank is filled up with zeros, one that is gone is left out.
 */
export function createArchives({ stallMs, most }: ArchiveBounds = usualBounds) {
  let loading = 0;
  return {
    loading: () => loading,
    async send({ sources, name }: Archive): Promise<Response> {
      if (loading >= most) {
        throw new LabError("rate_limited", `${most} archives are being made already; try again when one is done.`);
      }
      loading += 1;
      // Loaded when somebody wants it: a lab starts without.
      const tar = await import("tar");
      const gzip = createGzip({ level: 6 });
      const stalled = setTimeout(() => gzip.destroy(new Error(`nothing was taken for ${stallMs / 1000} s`)), stallMs);
      stalled.unref();
      const pieces = piecesOf(tar, { sources, name, onPiece: () => stalled.refresh() });
      pipeline(Readable.from(pieces, { objectMode: false, highWaterMark: pieceBytes }), gzip)
        // The response has ended then as well: its reader has broken off, or sees it break off.
        .catch(() => undefined)
        .finally(() => {
          clearTimeout(stalled);
          loading -= 1;
        });
      return new Response(Readable.toWeb(gzip) as ReadableStream<Uint8Array>, {
        headers: {
          "Content-Type": "application/gzip",
          "Content-Disposition": `attachment; filename="${name}.tar.gz"`,
          "X-Content-Type-Options": "nosniff",
        },
      });
    },
  };
}

type Tar = Pick<typeof import("tar"), "Header" | "Pax">;

async function* piecesOf(
  tar: Tar,
  { sources, name, onPiece }: Archive & { readonly onPiece: () => void },
): AsyncGenerator<Buffer> {
  for (const source of sources) {
    for await (const { path, absolute } of outputsOf(source, null)) {
      const output = await openOutput(absolute).catch(() => null);
      if (output === null) continue;
      const { handle, size, modifiedAt, mode } = output;
      try {
        yield headerOf(tar, { path: `${name}/${path}`, size, mtime: new Date(modifiedAt), mode: mode & 0o777 });
        for (let at = 0; at < size; ) {
          const wanted = Math.min(pieceBytes, size - at);
          const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, at);
          // It has become shorter: the zeros of the buffer stand for what is not there any more.
          const length = bytesRead === 0 ? wanted : bytesRead;
          at += length;
          onPiece();
          yield buffer.subarray(0, length);
        }
        if (size % blockBytes > 0) yield Buffer.alloc(blockBytes - (size % blockBytes));
      } finally {
        await handle.close();
      }
    }
  }
  yield Buffer.alloc(2 * blockBytes);
}

interface Entry {
  readonly path: string;
  readonly size: number;
  readonly mtime: Date;
  readonly mode: number;
}

/** Names and sizes that the old format can't hold are in an entry of their own before it. */
function headerOf({ Header, Pax }: Tar, entry: Entry): Buffer {
  const header = new Header({ ...entry, type: "File" });
  header.encode();
  const block = header.block ?? Buffer.alloc(blockBytes);
  return header.needPax ? Buffer.concat([new Pax({ path: entry.path, size: entry.size }).encode(), block]) : block;
}
