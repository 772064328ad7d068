import { headLength, jsonHeadLength } from "../../chain/level.js";
import { type GroupedLine, groupLine, noGroups, type OpenGroups } from "../../chain/traceback.js";
import type { LogLevel } from "../../contract/log-entry.js";
import { logLevels } from "../../contract/vocabulary.js";

/** A block closes when another line would take it past this; a longer line is a block of its own. */
export const blockBytes = 64 * 1024;
/** A line may grow to this before it is cut: what never ends must not be held back for ever. */
export const maxLineBytes = 16 * 1024 * 1024;
const newline = 10;
const brace = 0x7b;

/** Whole lines of a run's output: where they start, the number of the first, how many there are of each level. */
export interface Block {
  readonly off: number;
  readonly seq: number;
  readonly lines: number;
  readonly counts: Readonly<Record<LogLevel, number>>;
  /** Tracebacks that its first lines may continue. */
  readonly open: OpenGroups;
}

/**
 * `off`, `seq` and `open` are durable: the next byte and line to index, and the tracebacks it may continue. `long` is a
 * line that has not ended within one chunk, and its head.
 */
export interface IndexState {
  readonly off: number;
  readonly seq: number;
  readonly open: OpenGroups;
  readonly long: { readonly bytes: number; readonly head: string } | null;
}

/** Where every log begins. */
export const indexStart: IndexState = { off: 0, seq: 0, open: noGroups, long: null };

export interface Indexed {
  readonly blocks: readonly Block[];
  readonly state: IndexState;
  /** Bytes of the chunk that need not be shown again. */
  readonly used: number;
}

/** What a level and a traceback are judged by: the rest of a line says nothing about them. May end in half a character. */
export function headOf(bytes: Buffer, from: number, to: number): string {
  return bytes.toString("utf8", from, Math.min(to, from + (bytes[from] === brace ? jsonHeadLength : headLength)));
}

/** Open tracebacks as a column, and back; null is none. */
export const openColumn = (open: OpenGroups): string | null => (open.length === 0 ? null : JSON.stringify(open));
export const openOf = (column: string | null): OpenGroups =>
  column === null ? noGroups : (JSON.parse(column) as OpenGroups);

/**
 * Splits the bytes that follow `state` into blocks of whole lines. The start of an unfinished line is left over (`used`),
 * to be shown again with what follows it, unless the chunk is `full` (as long as a read can be) or `final`: then a longer
 * line begins, or the last line has no newline.
 */
export function indexChunk(chunk: Buffer, state: IndexState, end: { full: boolean; final: boolean }): Indexed {
  const builder = blockBuilder(state);
  let at = state.long === null ? 0 : builder.endLong(chunk, end.final);
  for (let stop = chunk.indexOf(newline, at); stop !== -1; stop = chunk.indexOf(newline, at)) {
    builder.line(stop + 1 - at, headOf(chunk, at, stop));
    at = stop + 1;
  }
  if (at < chunk.length && end.final) {
    builder.line(chunk.length - at, headOf(chunk, at, chunk.length));
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
  let { off, seq, open, long } = start;
  let block = { off, seq, open, lines: 0, bytes: 0, counts: noLines() };

  const close = () => {
    if (block.lines > 0)
      blocks.push({ off: block.off, seq: block.seq, open: block.open, lines: block.lines, counts: block.counts });
    block = { off, seq, open, lines: 0, bytes: 0, counts: noLines() };
  };
  const line = (bytes: number, head: string) => {
    if (block.bytes + bytes > blockBytes) close();
    const judged: GroupedLine = groupLine(open, { seq, text: head, bytes });
    block.lines += 1;
    block.bytes += bytes;
    block.counts[judged.level] += 1;
    open = judged.open;
    off += bytes;
    seq += 1;
  };

  return {
    line,
    beginLong(chunk: Buffer) {
      long = { bytes: chunk.length, head: headOf(chunk, 0, chunk.length) };
    },
    /** Goes on with the long line; answers where in the chunk the next line starts. */
    endLong(chunk: Buffer, final: boolean): number {
      if (long === null) return 0;
      const stop = chunk.indexOf(newline);
      const size = stop === -1 ? chunk.length : stop + 1;
      const { head } = long;
      const bytes = long.bytes + size;
      long = stop !== -1 || final || bytes >= maxLineBytes ? null : { bytes, head };
      if (long === null) line(bytes, head);
      return size;
    },
    done() {
      close();
      return { blocks, state: { off, seq, open, long } satisfies IndexState };
    },
  };
}

/** Column of a level's count in a block's row. */
export const levelColumns = Object.fromEntries(logLevels.map((level) => [level, `${level}_lines`])) as {
  readonly [Level in LogLevel]: `${Level}_lines`;
};
