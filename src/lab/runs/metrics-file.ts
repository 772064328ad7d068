import { open, stat } from "node:fs/promises";
import { z } from "zod";
import { MetricsFileState, noMetricsYet, readMetricsLines } from "../../chain/metrics-jsonl.js";
import type { MetricPoint } from "../../contract/metrics.js";

/** Read of a file at one look. */
const readBytes = 1024 * 1024;
const newline = 10;

/** How far a run's `metrics.jsonl` was read; plain JSON, kept with the run. */
export const MetricsFilePosition = z.object({
  off: z.number(),
  /** Of the file that was read last; another one is read from its beginning. */
  inode: z.number().nullable(),
  /** The line at `off` is longer than a look, and passed over. */
  inLong: z.boolean(),
  reader: MetricsFileState,
});
export type MetricsFilePosition = z.infer<typeof MetricsFilePosition>;

export const startOfMetrics: MetricsFilePosition = { off: 0, inode: null, inLong: false, reader: noMetricsYet };

export interface MetricsFile {
  readonly path: string;
  /** It is a copy that is put in place anew, longer each time: another inode is the same file. */
  readonly isCopy: boolean;
  /** ms; a file that is older, where the run does not have its directory to itself, is read from its end on. */
  readonly newerThan: number | null;
}

export interface FoundMetrics {
  readonly points: readonly MetricPoint[];
  readonly position: MetricsFilePosition;
  readonly drained: boolean;
}

/**
 * What a run has written behind a position: whole lines, and what follows the last newline only when the run is over (`final`). A
 * file that became shorter, or was replaced, is read from its beginning.
 */
export async function readMetricsFile(
  file: MetricsFile,
  before: MetricsFilePosition,
  { at, final }: { readonly at: number; readonly final: boolean },
): Promise<FoundMetrics> {
  const info = await stat(file.path).catch(() => null);
  if (info?.isFile() !== true) return { points: [], position: before, drained: true };
  const from = startIn(file, before, info);
  if (info.size === from.off) return { points: [], position: from, drained: true };
  const chunk = await readAt(file.path, from.off);
  const isAll = from.off + chunk.length >= info.size;
  const used = usedOf(chunk, { isAll, final });
  if (used === 0) return withoutLine(from, chunk);
  const lines = chunk.toString("utf8", 0, used).split("\n");
  if (from.inLong) lines.shift();
  const { points, state } = readMetricsLines(lines, at, from.reader);
  return { points, position: { ...from, off: from.off + used, inLong: false, reader: state }, drained: isAll };
}

/** Where to read on: at the beginning of another file, and behind what stood there before the run. */
function startIn(
  { isCopy, newerThan }: MetricsFile,
  before: MetricsFilePosition,
  { size, ino: inode, mtimeMs }: { readonly size: number; readonly ino: number; readonly mtimeMs: number },
): MetricsFilePosition {
  const anew = { ...before, inode, inLong: false };
  if (before.inode === null) return newerThan !== null && mtimeMs < newerThan ? { ...anew, off: size } : anew;
  const isOther = (before.inode !== inode && !isCopy) || size < before.off;
  return isOther ? { ...anew, off: 0 } : { ...before, inode };
}

/** No line has ended yet; one that fills a whole look is passed over. */
function withoutLine(from: MetricsFilePosition, chunk: Buffer): FoundMetrics {
  const isLong = chunk.length === readBytes;
  const position = isLong ? { ...from, off: from.off + chunk.length, inLong: true } : from;
  return { points: [], position, drained: !isLong };
}

async function readAt(path: string, off: number): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(readBytes);
    const { bytesRead } = await handle.read(buffer, 0, readBytes, off);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Up to the last newline; up to the end where nothing more will come. */
function usedOf(chunk: Buffer, { isAll, final }: { isAll: boolean; final: boolean }): number {
  return isAll && final ? chunk.length : chunk.lastIndexOf(newline) + 1;
}
