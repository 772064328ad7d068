import { open, stat } from "node:fs/promises";
import { z } from "zod";
import { MetricsFileState, noMetricsYet, readMetricsLine } from "../../chain/metrics-jsonl.js";
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
  { path, isCopy, newerThan }: MetricsFile,
  before: MetricsFilePosition,
  { at, final }: { readonly at: number; readonly final: boolean },
): Promise<FoundMetrics> {
  const nothing = { points: [], position: before, drained: true };
  const info = await stat(path).catch(() => null);
  if (info?.isFile() !== true) return nothing;
  const { size, ino: inode } = info;
  const isNew = before.inode === null;
  const isOther = !isNew && before.inode !== inode && !isCopy;
  const isOld = isNew && newerThan !== null && info.mtimeMs < newerThan;
  const off = isOld ? size : isOther || size < before.off ? 0 : before.off;
  const from = off === before.off ? before : { ...before, off, inLong: false };
  if (size === off) return { ...nothing, position: { ...from, inode } };
  const chunk = await readAt(path, off);
  const isAll = off + chunk.length >= size;
  const used = usedOf(chunk, { isAll, final });
  if (used === 0) {
    const isLong = chunk.length === readBytes;
    const next = isLong ? { ...from, inode, off: off + chunk.length, inLong: true } : { ...from, inode };
    return { points: [], position: next, drained: !isLong };
  }
  const lines = chunk.toString("utf8", 0, used).split("\n");
  if (from.inLong) lines.shift();
  const points: MetricPoint[] = [];
  let reader = from.reader;
  for (const line of lines) {
    const found = readMetricsLine(line, at, reader);
    reader = found.state;
    points.push(...found.points);
  }
  const position = { off: off + used, inode, inLong: false, reader };
  return { points, position, drained: off + used >= size || (isAll && !final) };
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
