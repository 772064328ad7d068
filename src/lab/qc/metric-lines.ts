import { open } from "node:fs/promises";

const chunkBytes = 1024 * 1024;
/** Further than this nobody writes metrics. */
const mostBytes = 4 * 1024 ** 3;
const shownAround = 200;
const asValue = /(?:"([^"]*)"\s*:|[[,])\s*(NaN|-?Infinity)\s*[,}\]]/;

export interface NotFiniteLine {
  readonly line: number;
  /** Its field; null: it is in a list. */
  readonly name: string | null;
  readonly value: string;
}

/**
 * The first NaN or infinity of a file with one JSON object a line. Searched as bytes, since such a file may have millions of
 * lines and nearly none has one.
 */
export async function firstNotFinite(file: string): Promise<NotFiniteLine | null> {
  const handle = await open(file, "r").catch(() => null);
  if (handle === null) return null;
  try {
    const buffer = Buffer.alloc(chunkBytes);
    let line = 1;
    /** What is read again, so that no word falls between two pieces. */
    let kept = 0;
    for (let off = 0; off < mostBytes; ) {
      const { bytesRead } = await handle.read(buffer, kept, chunkBytes - kept, off);
      if (bytesRead === 0) return null;
      off += bytesRead;
      const chunk = buffer.subarray(0, kept + bytesRead);
      const hit = hitIn(chunk);
      if (hit !== null) return { line: line + linesIn(chunk, hit.at), name: hit.name, value: hit.value };
      kept = Math.min(shownAround, chunk.length);
      line += linesIn(chunk, chunk.length - kept);
      buffer.copy(buffer, 0, chunk.length - kept, chunk.length);
    }
    return null;
  } finally {
    await handle.close();
  }
}

/** Only as a value: the words may stand in a text as well. */
function hitIn(chunk: Buffer): (Omit<NotFiniteLine, "line"> & { readonly at: number }) | null {
  for (const word of ["NaN", "Infinity"]) {
    for (let at = chunk.indexOf(word); at >= 0; at = chunk.indexOf(word, at + word.length)) {
      const from = Math.max(at - shownAround, chunk.lastIndexOf(10, at) + 1);
      const end = chunk.indexOf(10, at);
      const to = Math.min(at + shownAround, end < 0 ? chunk.length : end);
      const hit = asValue.exec(chunk.toString("utf8", from, to));
      if (hit !== null) return { at, name: hit[1] ?? null, value: hit[2] ?? word };
    }
  }
  return null;
}

function linesIn(chunk: Buffer, end: number): number {
  let lines = 0;
  for (let at = chunk.indexOf(10); at >= 0 && at < end; at = chunk.indexOf(10, at + 1)) lines += 1;
  return lines;
}
