import { type FileHandle, open } from "node:fs/promises";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { LabError } from "../lab-error.js";
import type { LogFile } from "../services/service.js";

const pieceBytes = 64 * 1024;

/** A reader that takes nothing for so long is let go, and so many may load at once. */
export interface DownloadBounds {
  readonly stallMs: number;
  readonly most: number;
}
const usualBounds: DownloadBounds = { stallMs: 120_000, most: 16 };

export type DownloadFormat = "text" | "gzip";

/**
 * Sends output files as they were written. A running one is sent up to where it was when it was asked for. Reads no faster
 * than the client takes, and holds the file open only while it does.
 */
export function createLogDownloads({ stallMs, most }: DownloadBounds = usualBounds) {
  const loading = new Set<FileHandle>();
  return {
    loading: () => loading.size,
    async send({ path, bytes, name }: LogFile, format: DownloadFormat): Promise<Response> {
      if (loading.size >= most) {
        throw new LabError("rate_limited", `${most} logs are being downloaded already; try again when one is done.`);
      }
      const file = await open(path, "r");
      loading.add(file);
      const leave = () => {
        loading.delete(file);
        return file.close();
      };
      const body = createBody(file, { bytes, stallMs, leave, format });
      return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
        headers: headersOf({ bytes, name, format }),
      });
    },
  };
}

function headersOf({ bytes, name, format }: Pick<LogFile, "bytes" | "name"> & { format: DownloadFormat }) {
  const isText = format === "text";
  return {
    "Content-Type": isText ? "text/plain; charset=utf-8" : "application/gzip",
    "Content-Disposition": `attachment; filename="${name}${isText ? "" : ".gz"}"`,
    "X-Content-Type-Options": "nosniff",
    ...(isText ? { "Content-Length": String(bytes) } : {}),
  };
}

interface Sending {
  readonly bytes: number;
  readonly stallMs: number;
  readonly format: DownloadFormat;
  leave(): Promise<void>;
}

function createBody(file: FileHandle, { bytes, stallMs, format, leave }: Sending): Readable {
  const body = format === "gzip" ? createGzip({ level: 6 }) : new PassThrough();
  const stalled = setTimeout(() => body.destroy(new Error(`nothing was taken for ${stallMs / 1000} s`)), stallMs);
  stalled.unref();
  const pieces = piecesOf(file, bytes, () => stalled.refresh());
  pipeline(Readable.from(pieces, { objectMode: false, highWaterMark: pieceBytes }), body)
    // The response has ended then as well: its reader has broken off, or sees it break off.
    .catch(() => undefined)
    .finally(() => {
      clearTimeout(stalled);
      return leave();
    });
  return body;
}

async function* piecesOf(file: FileHandle, bytes: number, onPiece: () => void): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes; ) {
    const { buffer, bytesRead } = await file.read(
      Buffer.allocUnsafe(pieceBytes),
      0,
      Math.min(pieceBytes, bytes - at),
      at,
    );
    if (bytesRead === 0) throw new Error("the file has become shorter");
    at += bytesRead;
    onPiece();
    yield buffer.subarray(0, bytesRead);
  }
}
