import { type FileHandle, open } from "node:fs/promises";
import { mightMatterIn } from "../../chain/lines.js";
import { type ChainReader, ChainReaderState, createChainReader } from "../../chain/reader.js";
import type { OpenGroups } from "../../chain/traceback.js";
import type { MetricPoint } from "../../contract/metrics.js";
import { type Block, type IndexState, indexChunk, openOf } from "./block-index.js";
import type { PatternReader } from "./pattern-reader.js";

const readBytes = 256 * 1024;
const readsPerPoll = 8;

/** What one poll found. Nothing of it counts until `accept` is called: then it is in the database. */
export interface Harvest {
  readonly blocks: readonly Block[];
  readonly points: readonly MetricPoint[];
  readonly off: number;
  readonly seq: number;
  /** Tracebacks that the next line may continue. */
  readonly open: OpenGroups;
  /** State of the chain reader as JSON; undefined when it did not change. */
  readonly reader: string | undefined;
  /** Everything that is in the file now was seen (up to its last newline, unless the poll was final). */
  readonly drained: boolean;
}

export interface OutTail {
  /** Reads on, at most 2 MiB. `final` says that nothing more will be written: the last line may lack its newline. */
  poll(at: number, final: boolean): Promise<Harvest>;
  accept(harvest: Harvest): void;
  close(): Promise<void>;
}

export interface TailStart {
  readonly file: string;
  readonly off: number;
  readonly seq: number;
  readonly reader: string | null;
  /** Open tracebacks at this position, as `runs` keeps them. */
  readonly carry?: string | null;
  /** Finds what the parsers do not know; it sees every line. */
  readonly patterns?: PatternReader | undefined;
}

/**
 * Follows one run's output from a durable position. A poll whose result could not be stored is simply repeated: position
 * and chain reader go back to what was last accepted.
 */
export function openTail(start: TailStart): OutTail {
  const buffer = Buffer.allocUnsafe(readBytes);
  let handle: FileHandle | null = null;
  let state: IndexState = { off: start.off, seq: start.seq, open: openOf(start.carry ?? null), long: null };
  let savedReader = start.reader;
  let polled: { harvest: Harvest; state: IndexState } | null = null;
  /** Where the bytes end that the chain reader was shown: what is left of a line is read again, but heard once. */
  let heardTo = start.off;
  let reader = restoreReader(savedReader);

  const readAt = async (position: number): Promise<number> => {
    handle ??= await openIfThere(start.file);
    if (handle === null) return 0;
    const { bytesRead } = await handle.read(buffer, 0, readBytes, position);
    return bytesRead;
  };

  return {
    async poll(at, final) {
      if (polled !== null) {
        reader = restoreReader(savedReader);
        heardTo = state.off;
      }
      const blocks: Block[] = [];
      const points: MetricPoint[] = [];
      let next = state;
      let drained = false;
      for (let reads = 0; reads < readsPerPoll && !drained; reads++) {
        const from = next.off + (next.long?.bytes ?? 0);
        const size = await readAt(from);
        const chunk = buffer.subarray(0, size);
        const full = size === readBytes;
        const indexed = indexChunk(chunk, next, { full, final: final && !full });
        blocks.push(...indexed.blocks);
        if (from + size > heardTo) {
          points.push(
            ...readPoints(
              { reader, patterns: start.patterns },
              { chunk, used: indexed.used, inLong: next.long !== null, at },
            ),
          );
          heardTo = from + size;
        }
        next = indexed.state;
        drained = !full;
      }
      if (final && drained) points.push(...reader.flush());
      const harvest: Harvest = {
        blocks,
        points,
        off: next.off,
        seq: next.seq,
        open: next.open,
        reader: points.length > 0 ? JSON.stringify(reader.state()) : undefined,
        drained,
      };
      polled = { harvest, state: next };
      return harvest;
    },

    accept(harvest) {
      if (polled?.harvest !== harvest) return;
      state = polled.state;
      savedReader = harvest.reader ?? savedReader;
      polled = null;
    },

    async close() {
      await handle?.close();
      handle = null;
    },
  };
}

async function openIfThere(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function restoreReader(saved: string | null): ChainReader {
  const parsed = saved === null ? undefined : ChainReaderState.safeParse(JSON.parse(saved));
  return createChainReader(parsed?.data);
}

interface Readers {
  readonly reader: ChainReader;
  readonly patterns: PatternReader | undefined;
}

interface Piece {
  readonly chunk: Buffer;
  readonly used: number;
  /** The chunk starts inside a long line, whose text is not looked at. */
  readonly inLong: boolean;
  readonly at: number;
}

/**
 * Points of the whole lines of a chunk, and of a progress bar that has no newline yet. Decoding and splitting cost more
 * than indexing, so a chunk that holds nothing the parsers know is passed over at once.
 */
function readPoints({ reader, patterns }: Readers, { chunk, used, inLong, at }: Piece): MetricPoint[] {
  if (chunk.length === 0 || (patterns === undefined && !mightMatterIn(chunk))) return [];
  const lines = chunk.toString("utf8", 0, used).split("\n");
  if (inLong) lines.shift();
  const rest = chunk.subarray(Math.max(used, chunk.length - 4096)).toString("utf8");
  if (rest.includes("\r")) lines.push(rest);
  const said = lines.filter((line) => line !== "");
  const points = said.flatMap((line) => reader.read(line, at));
  return patterns === undefined ? points : [...points, ...reader.take(patterns(said), at)];
}
