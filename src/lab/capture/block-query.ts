import { sql } from "kysely";
import type { LogLevel } from "../../contract/log-entry.js";
import type { LabStore } from "../store/store.js";
import { levelColumns } from "./block-index.js";

const blocksPerPage = 500;

/** Output of one attempt, up to the position that is indexed. */
export interface LogSource {
  readonly experimentId: string;
  readonly attempt: number;
  readonly file: string;
  /** Indexed so far: the next byte and the next line. */
  readonly off: number;
  readonly seq: number;
}

/** A block of whole lines, and where it ends. */
export interface Span {
  readonly off: number;
  readonly end: number;
  readonly seq: number;
  readonly lines: number;
  /** When it was captured. */
  readonly at: number;
}

/** The blocks of a source as spans; what was indexed after the source was looked up is not seen. */
function spansOf({ db }: LabStore, { experimentId, attempt, off }: LogSource) {
  const end = sql<number>`coalesce((select min(next.off) from blocks as next where next.experiment_id = block.experiment_id
    and next.attempt = block.attempt and next.off > block.off), ${off})`;
  return db
    .selectFrom("blocks as block")
    .select(["block.off", "block.seq", "block.lines", "block.at", end.as("end")])
    .where("block.experiment_id", "=", experimentId)
    .where("block.attempt", "=", attempt)
    .where("block.off", "<", off);
}

/** Spans from an offset on, ascending; a page of them. */
export function spansFrom(store: LabStore, source: LogSource, off: number): Promise<Span[]> {
  return spansOf(store, source).where("block.off", ">=", off).orderBy("block.off").limit(blocksPerPage).execute();
}

/** Spans before an offset that hold a line of the level, newest first. */
export function spansOfLevel(store: LabStore, source: LogSource, level: LogLevel, before: number): Promise<Span[]> {
  return spansOf(store, source)
    .where("block.off", "<", before)
    .where(`block.${levelColumns[level]}`, ">", 0)
    .orderBy("block.off", "desc")
    .limit(50)
    .execute();
}

/** The span that holds the byte at this offset. */
export function spanAt(store: LabStore, source: LogSource, off: number): Promise<Span | undefined> {
  return spansOf(store, source).where("block.off", "<=", off).orderBy("block.off", "desc").limit(1).executeTakeFirst();
}

/**
 * The span that holds a line. Line numbers grow with offsets, so the offset is guessed from the number, and every wrong
 * guess narrows the range: no index on line numbers is needed, and a run's log of a million blocks costs a dozen looks.
 */
export async function spanOfLine(store: LabStore, source: LogSource, seq: number): Promise<Span | undefined> {
  let low = { off: 0, seq: 0 };
  let high = { off: source.off, seq: source.seq };
  for (let step = 0; low.off < high.off; step++) {
    const share = step % 2 === 0 ? (seq - low.seq) / Math.max(1, high.seq - low.seq) : 0.5;
    const span = await spanAt(store, source, low.off + Math.floor((high.off - low.off - 1) * share));
    if (span === undefined) return undefined;
    if (seq < span.seq) high = { off: span.off, seq: span.seq };
    else if (seq >= span.seq + span.lines) low = { off: span.end, seq: span.seq + span.lines };
    else return span;
  }
  return undefined;
}
