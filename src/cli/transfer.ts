import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FailureError } from "../core/failure.js";
import type { UploadedFile } from "../core/uploaded-file.js";

/** A file of this machine, to be sent as it is read. */
export async function fileToSend(file: string): Promise<UploadedFile> {
  const found = await stat(file).catch((error: unknown) => {
    const { code, message: reason } = error as NodeJS.ErrnoException;
    const message = code === "ENOENT" ? `there is no file ${file}` : `${file} can't be read: ${reason}`;
    throw new FailureError({ kind: "invalid", message }, { cause: error });
  });
  if (!found.isFile()) throw new FailureError({ kind: "invalid", message: `${file} is no file` });
  return { name: basename(file), bytes: createReadStream(file) };
}

/** Whole under its name, or not at all. */
export async function saveAs(file: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const part = `${file}.part`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await pipeline(Readable.from(bytes), createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
