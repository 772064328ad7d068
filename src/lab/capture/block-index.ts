import { levelOf } from "../../chain/level.js";
import type { LogLevel } from "../../contract/log-entry.js";
import { logLevels } from "../../contract/vocabulary.js";

/** A block closes when another line would take it past this; a longer line is a block of its own. */
export const blockBytes = 64 * 1024;
/** A line may grow to this before it is cut: what never ends must not be held back for ever. */
export const maxLineBytes = 16 * 1024 * 1024;
/** What a level is judged by: the rest of a line says nothing about it. */
const headBytes = 80;
const newline = 10;

/** Whole lines of a run's output: where they start, the number of the first, how many there are of each level. */
export interface Block {
  readonly off: number;
  readonly seq: number;
  readonly lines: number;
  readonly counts: Readonly<Record<LogLevel, number>>;
}

/** `off` and `seq` are durable: the next byte and line to index. `long` is a line that has not ended within one chunk. */
export interface IndexState {
  readonly off: number;
  readonly seq: number;
  readonly long: { readonly bytes: number; readonly level: LogLevel } | null;
}

export interface Indexed {
  readonly blocks: readonly Block[];
  readonly state: IndexState;
  /** Bytes of the chunk that need not be shown again. */
  readonly used: number;
}

/** Level of a line, from bytes: UTF-8 is not decoded, and does not have to be whole. */
export function levelOfBytes(bytes: Buffer, from: number, to: number): LogLevel {
  return levelOf(bytes.toString("latin1", from, Math.min(to, from + headBytes)));
}

/**
 * Splits the bytes that follow `state` into blocks of whole lines. The start of an unfinished line is left over (`used`),
 * to be shown again with what follows it, unless the chunk is `full` (as long as a read can be) or `final`: then a longer
 * line begins, or the last line has no newline.
 */
export function indexChunk(chunk: Buffer, state: IndexState, end: { full: boolean; final: boolean }): Indexed {
  const builder = blockBuilder(state);
  let at = state.long === null ? 0 : builder.endLong(chunk, end.final);
  for (let stop = chunk.indexOf(newline, at); stop !== -1; stop = chunk.indexOf(newline, at)) {
    builder.line(stop + 1 - at, levelOfBytes(chunk, at, stop));
    at = stop + 1;
  }
  if (at < chunk.length && end.final) {
    builder.line(chunk.length - at, levelOfBytes(chunk, at, chunk.length));
    at = chunk.length;
  } else if (at === 0 && end.full) {
    builder.beginLong(chunk);
    at = chunk.length;
  }
  return { ...builder.done(), used: at };
}

const noLines = (): Record<LogLevel, number> => ({ debug: 0, info: 0, warn: 0, error: 0 });

function blockBuilder(start: IndexState) {
  const blocks: Block[] = [];
  let { off, seq, long } = start;
  let open = { off, seq, lines: 0, bytes: 0, counts: noLines() };

  const close = () => {
    if (open.lines > 0) blocks.push({ off: open.off, seq: open.seq, lines: open.lines, counts: open.counts });
    open = { off, seq, lines: 0, bytes: 0, counts: noLines() };
  };
  const line = (bytes: number, level: LogLevel) => {
    if (open.bytes + bytes > blockBytes) close();
    open.lines += 1;
    open.bytes += bytes;
    open.counts[level] += 1;
    off += bytes;
    seq += 1;
  };
  const endLine = (bytes: number, level: LogLevel) => {
    long = null;
    line(bytes, level);
  };

  return {
    line,
    beginLong(chunk: Buffer) {
      long = { bytes: chunk.length, level: levelOfBytes(chunk, 0, chunk.length) };
    },
    /** Goes on with the long line; answers where in the chunk the next line starts. */
    endLong(chunk: Buffer, final: boolean): number {
      if (long === null) return 0;
      const stop = chunk.indexOf(newline);
      const size = stop === -1 ? chunk.length : stop + 1;
      const bytes = long.bytes + size;
      if (stop !== -1 || final || bytes >= maxLineBytes) endLine(bytes, long.level);
      else long = { ...long, bytes };
      return size;
    },
    done() {
      close();
      return { blocks, state: { off, seq, long } satisfies IndexState };
    },
  };
}

/** Column of a level's count in a block's row. */
export const levelColumns = Object.fromEntries(logLevels.map((level) => [level, `${level}_lines`])) as {
  readonly [Level in LogLevel]: `${Level}_lines`;
};
