import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Context } from "hono";
import { LabError } from "../lab-error.js";
import { rangeOf } from "./range.js";

export interface SentContent {
  /** Where it lies. */
  readonly file: string;
  readonly fileName: string;
  readonly mimeType: string;
  /** Names the content; a reader that has it is answered 304. */
  readonly sha256: string | null;
  /** `inline`: shown where it is asked for. */
  readonly disposition: "attachment" | "inline";
  /** What refusals say when it is not there any more. */
  readonly missing: string;
}

/** Whatever is in it can run nothing, load nothing and reach nothing of ours. */
const harmless = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox";

/** A file as the answer, or the one range of it that was asked for. A reader that stops or never reads costs a file handle. */
export async function sendFile(http: Context, content: SentContent): Promise<Response> {
  const handle = await openOrRefuse(content);
  try {
    const { size } = await handle.stat();
    const etag = content.sha256 === null ? null : `"${content.sha256}"`;
    const headers = headersOf(content, etag);
    if (etag !== null && listed(http.req.header("if-none-match"), etag)) return await bare(handle, 304, headers);
    const range = rangeOf({ range: http.req.header("range"), ifRange: http.req.header("if-range"), etag }, size);
    if (range === "unsatisfiable") return await bare(handle, 416, { ...headers, "Content-Range": `bytes */${size}` });
    const { start, end } = range ?? { start: 0, end: size - 1 };
    const length = Math.max(0, end - start + 1);
    const found = { ...headers, "Content-Length": String(length) };
    const status = range === null ? 200 : 206;
    const part = range === null ? {} : { "Content-Range": `bytes ${start}-${end}/${size}` };
    if (length === 0 || http.req.method === "HEAD") return await bare(handle, status, { ...found, ...part });
    const stream = Readable.toWeb(handle.createReadStream({ start, end })) as ReadableStream;
    return http.body(stream, status, { ...found, ...part });
  } catch (error) {
    await handle.close();
    throw error;
  }

  async function bare(opened: FileHandle, status: 200 | 206 | 304 | 416, headers: Record<string, string>) {
    await opened.close();
    return http.body(null, status, headers);
  }
}

async function openOrRefuse({ file, missing }: SentContent): Promise<FileHandle> {
  try {
    return await open(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new LabError("not_found", missing);
    throw error;
  }
}

function headersOf({ fileName, mimeType, disposition }: SentContent, etag: string | null): Record<string, string> {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(fileName).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return {
    "Content-Type": mimeType,
    "Content-Disposition": `${disposition}; filename="${ascii}"; filename*=UTF-8''${encoded}`,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": harmless,
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-cache",
    ...(etag === null ? {} : { ETag: etag }),
  };
}

const listed = (header: string | undefined, etag: string) =>
  header !== undefined &&
  (header.trim() === "*" || header.split(",").some((each) => each.trim().replace(/^W\//, "") === etag));
