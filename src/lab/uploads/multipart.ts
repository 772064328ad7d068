import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyFileStream } from "@fastify/busboy";
import { LabError } from "../lab-error.js";
import { shortBytes } from "../runs/disk-reason.js";
import type { Blobs, Staged } from "./blobs.js";

/** A multipart body: its fields as text, and the one file in it. Whoever gets it keeps or discards what is staged. */
export interface Upload {
  readonly fields: Readonly<Record<string, string>>;
  readonly fileName: string;
  /** As the client says. */
  readonly mimeType: string;
  readonly staged: Staged;
}

/** Fields, and what is around them, beside the file. */
const maxOtherBytes = 2 ** 20;
const limits = { fields: 20, fieldSize: 64 * 1024, files: 1, parts: 21, headerPairs: 50, headerSize: 16 * 1024 };

interface Part {
  readonly stream: BusboyFileStream;
  readonly fileName: string;
  readonly mimeType: string;
  readonly staged: Promise<Staged>;
}

/**
 * Reads `multipart/form-data` with a file in the part `file`. The file goes to the disk as it comes. A body that breaks off, is too
 * large or is not what it should be is refused, and leaves nothing behind.
 */
export async function readUpload(request: Request, blobs: Blobs, maxBytes: number): Promise<Upload> {
  const busboy = openBusboy(request, maxBytes);
  const fields: Record<string, string> = {};
  const broken = new AbortController();
  let part: Part | undefined;
  const refuse = (code: "validation_error" | "payload_too_large", message: string) => {
    broken.abort(new LabError(code, message));
  };

  busboy.on("field", (name, value, nameCut, valueCut) => {
    if (nameCut || valueCut) refuse("payload_too_large", `${name}: longer than ${shortBytes(limits.fieldSize)}`);
    else if (Object.hasOwn(fields, name)) refuse("validation_error", `${name}: sent twice`);
    else fields[name] = value;
  });
  busboy.on("file", (...[name, stream, fileName, , mimeType]) => {
    // It is destroyed when the rest of the body is refused; nobody else listens for that.
    stream.on("error", () => undefined);
    if (name !== "file") {
      stream.resume();
      refuse("validation_error", `${name}: unknown; the part with the bytes is \`file\``);
      return;
    }
    const staged = blobs.stage(stream, { maxBytes, field: "file" });
    staged.catch((error: unknown) => broken.abort(error));
    part = { stream, fileName, mimeType, staged };
  });
  busboy.on("filesLimit", () => refuse("validation_error", "file: one at a time"));
  busboy.on("fieldsLimit", () => refuse("validation_error", `body: more than ${limits.fields} fields`));
  busboy.on("partsLimit", () => refuse("validation_error", `body: more than ${limits.parts} parts`));

  try {
    const source = request.body === null ? Readable.from([]) : Readable.fromWeb(request.body);
    await pipeline(source, bounded(maxBytes + maxOtherBytes), busboy, { signal: broken.signal });
    if (part === undefined) throw new LabError("validation_error", "file: missing; send it as the part `file`");
    const { fileName, mimeType, staged } = part;
    return { fields, fileName, mimeType, staged: await staged };
  } catch (error) {
    await throwAway(part, blobs);
    const cause: unknown = broken.signal.aborted ? broken.signal.reason : error;
    if (cause instanceof LabError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LabError("validation_error", `body: breaks off or is no multipart/form-data (${why})`, { cause });
  }
}

async function throwAway(part: Part | undefined, blobs: Blobs): Promise<void> {
  if (part === undefined) return;
  part.stream.destroy(new Error("refused"));
  const staged = await part.staged.catch(() => null);
  if (staged !== null) await blobs.discard(staged);
}

function openBusboy({ headers }: Request, maxBytes: number) {
  const contentType = headers.get("content-type") ?? "";
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new LabError("unsupported_media_type", "body: send multipart/form-data with the part `file`");
  }
  if (Number(headers.get("content-length") ?? 0) > maxBytes + maxOtherBytes) throw tooLarge(maxBytes);
  try {
    return new Busboy({ headers: { "content-type": contentType }, limits });
  } catch (error) {
    throw new LabError("validation_error", `body: ${(error as Error).message}`, { cause: error });
  }
}

const tooLarge = (maxBytes: number) =>
  new LabError("payload_too_large", `file: larger than ${shortBytes(maxBytes)}, the most this lab takes`);

/** A step of a pipeline that passes everything on and refuses a body that is too large in all. */
function bounded(maxBytes: number) {
  return async function* (source: AsyncIterable<Uint8Array>) {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes - maxOtherBytes);
      yield chunk;
    }
  };
}
