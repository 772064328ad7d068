import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";

/** Longest text that is shown as such, bytes. */
const maxTextBytes = 2 ** 20;

/** A file as text; null when it is not (no UTF-8, or with NUL), too large, or gone. */
export async function textOf(file: string, size: number): Promise<string | null> {
  if (size > maxTextBytes) return null;
  const bytes = await readFile(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  });
  return bytes !== null && isUtf8(bytes) && !bytes.includes(0) ? bytes.toString("utf8") : null;
}
