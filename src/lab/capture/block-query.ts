import { sql } from "kysely";
import type { LogLevel } from "../../contract/log-entry.js";
import type { LabStore } from "../store/store.js";
import { levelColumns } from "./block-index.js";

/** Rows of one look at the index. */
const blocksPerPage = 256;

/** Output of one attempt, up to the position that is indexed. */
export interface LogSource {
  readonly experimentId: string;
  readonly attempt: number;
  readonly file: string;
  /** Indexed so far: the next byte and the next line. */
  readonly off: number;
  readonly seq: number;
  /** Tracebacks that its next line may continue, as `runs` keeps them. */
  readonly carry: string | null;
}

/** A block of whole lines, and where it ends. */
export interface Span {
  readonly off: number;
  readonly end: number;
  readonly seq: number;
  readonly lines: number;
  /** When it was captured. */
  readonly at: number;
  readonly info_lines: number;
  /** Tracebacks that its first lines may continue, and those that go on behind it. */
  readonly carry: string | null;
  readonly carry_after: string | null;
}

/** The blocks of a source as spans; what was indexed after the source was looked up is not seen. */
function spansOf({ db }: LabStore, { experimentId, attempt, off, carry }: LogSource) {
  const behind = sql`from blocks as next where next.experiment_id = block.experiment_id and next.attempt = block.attempt
    and next.off > block.off and next.off < ${off} order by next.off limit 1`;
  const end = sql<number>`coalesce((select next.off ${behind}), ${off})`;
  const after = sql<string | null>`iif(exists (select 1 ${behind}), (select next.carry ${behind}), ${carry})`;
  return db
    .selectFrom("blocks as block")
    .select(["block.off", "block.seq", "block.lines", "block.at", "block.info_lines", "block.carry"])
    .select([end.as("end"), after.as("carry_after")])
    .where("block.experiment_id", "=", experimentId)
    .where("block.attempt", "=", attempt)
    .where("block.off", "<", off);
}

/** Spans from an offset on, ascending; a page of them. */
export function spansFrom(store: LabStore, source: LogSource, off: number): Promise<Span[]> {
  return spansOf(store, source).where("block.off", ">=", off).orderBy("block.off").limit(blocksPerPage).execute();
}

/** Part of a log by its bytes, and which of its blocks are wanted: those that may hold a line of these levels. */
export interface SpanRange {
  readonly from: number;
  readonly to: number;
  readonly levels: ReadonlySet<LogLevel> | null;
}

/**
 * A page of the spans that start within a range, in the order of reading. Few lines have a level other than info, and an
 * index of its blocks leads to them; each level has its own, so several are asked one by one.
 */
export async function spansWithin(
  store: LabStore,
  source: LogSource,
  { from, to, levels }: SpanRange,
  direction: "forward" | "back",
): Promise<Span[]> {
  const within = () =>
    spansOf(store, source)
      .where("block.off", ">=", from)
      .where("block.off", "<", to)
      .orderBy("block.off", direction === "back" ? "desc" : "asc")
      .limit(blocksPerPage);
  if (levels === null || levels.has("info")) return within().execute();
  const pages = await Promise.all(
    [...levels].map((level) =>
      within()
        .where(sql<boolean>`${sql.ref(`block.${levelColumns[level]}`)} > 0`)
        .execute(),
    ),
  );
  const spans = new Map(pages.flat().map((span) => [span.off, span]));
  const sign = direction === "back" ? -1 : 1;
  return [...spans.values()].sort((a, b) => sign * (a.off - b.off)).slice(0, blocksPerPage);
}

/**
 * Offset of the first block that was captured at this time or later; the log's end when there is none. Times grow with
 * offsets: a dozen looks, however long the log is.
 */
export async function offsetOfTime(store: LabStore, source: LogSource, atMs: number): Promise<number> {
  let [low, high] = [0, source.off];
  while (low < high) {
    const span = await spanAt(store, source, low + Math.floor((high - low - 1) / 2));
    if (span === undefined) return source.off;
    if (span.at >= atMs) high = span.off;
    else low = span.end;
  }
  return low;
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
