import { isUtf8 } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import type { LogEntry, LogLevel } from "../../contract/log-entry.js";
import type { LabStore } from "../store/store.js";
import { openOf } from "./block-index.js";
import { type LogSource, type Span, spanOfLine, spansFrom, spansWithin } from "./block-query.js";
import type { LineFilter } from "./line-filter.js";
import { groupSpans, readBytes, readSpans, withFile } from "./log-reader.js";

/** What one search looks at, at most; then it answers what it has and where to go on. */
export interface SearchBounds {
  readonly bytes: number;
  readonly blocks: number;
  readonly ms: number;
}
const usualBounds: SearchBounds = { bytes: 32 * 1024 * 1024, blocks: 8192, ms: 400 };
/** Read and looked through at a time: others get their turn in between. */
const pieceBytes = 256 * 1024;
/** A traceback is looked at as a whole up to this. */
const groupReadBytes = 512 * 1024;

export interface Search {
  readonly direction: "forward" | "back";
  /** Lines from this number on, or before it when it goes back. */
  readonly seq: number;
  /** Bytes of the log that are searched: its times. */
  readonly from: number;
  readonly to: number;
  readonly levels: ReadonlySet<LogLevel> | null;
  readonly filter: LineFilter | null;
  readonly limit: number;
  readonly bounds?: SearchBounds | undefined;
}

export interface Found {
  /** Ascending. */
  readonly rows: readonly LogEntry[];
  /** The same search goes on from this `seq`; null: everything was looked at. */
  readonly next: number | null;
}

/**
 * Lines of the wanted levels whose text, or whose traceback's text, passes the filter. Blocks without such a level are not
 * read at all. It never looks at more than its bounds: where lines are rare an answer may be short, or even empty, and go on.
 */
export async function searchLines(store: LabStore, source: LogSource, search: Search): Promise<Found> {
  const range = await byteRange(store, source, search);
  if (range === null) return { rows: [], next: null };
  let next: number | null = null;
  const rows = await withFile(source, async (file) => {
    const seeker = createSeeker({ store, source, search, file });
    next = await seeker.run(range);
    return seeker.rows();
  });
  return { rows, next };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where blocks start that may hold lines of the search; null: there are none. */
async function byteRange(
  store: LabStore,
  source: LogSource,
  { direction, seq, from, to }: Search,
): Promise<Range | null> {
  const first = direction === "back" ? Math.min(seq, source.seq) - 1 : seq;
  const border = first < 0 || first >= source.seq ? undefined : await spanOfLine(store, source, first);
  if (border === undefined) return null;
  const range =
    direction === "back" ? { from, to: Math.min(to, border.end) } : { from: Math.max(from, border.off), to };
  return range.from < range.to ? range : null;
}

/** What going back and going forward do differently. */
interface Way {
  /** Ascending to nearest first, and back. */
  turn<T>(items: readonly T[]): readonly T[];
  /** The nearest of some lines. */
  nearest(lines: readonly LogEntry[], count: number): readonly LogEntry[];
  /** Where to go on behind lines, and behind a span. */
  afterLines(lines: readonly LogEntry[]): number;
  afterSpan(span: Span): number;
  rangeAfter(range: Range, span: Span): Range;
  isAhead(line: LogEntry, seq: number): boolean;
}

const ways: Readonly<Record<Search["direction"], Way>> = {
  forward: {
    turn: (items) => items,
    nearest: (lines, count) => lines.slice(0, count),
    afterLines: (lines) => (lines.at(-1)?.seq ?? -1) + 1,
    afterSpan: ({ seq, lines }) => seq + lines,
    rangeAfter: ({ to }, { end }) => ({ from: end, to }),
    isAhead: (line, seq) => line.seq >= seq,
  },
  back: {
    turn: (items) => items.toReversed(),
    nearest: (lines, count) => lines.slice(-count),
    afterLines: (lines) => lines[0]?.seq ?? 0,
    afterSpan: ({ seq }) => seq,
    rangeAfter: ({ from }, { off }) => ({ from, to: off }),
    isAhead: (line, seq) => line.seq < seq,
  },
};

interface Seeking {
  readonly store: LabStore;
  readonly source: LogSource;
  readonly search: Search;
  readonly file: FileHandle;
}

function createSeeker(seeking: Seeking) {
  const { store, source, search } = seeking;
  const { limit, levels, direction, bounds: most = usualBounds } = search;
  const way = ways[direction];
  const found: (readonly LogEntry[])[] = [];
  const startedAt = performance.now();
  const groups = createGroupLook(seeking);
  let [count, bytes, blocks] = [0, 0, 0];
  const isSpent = () => bytes >= most.bytes || blocks >= most.blocks || performance.now() - startedAt > most.ms;

  /** Lines of one piece, cut to what is wanted. Answers where to go on when it must end here. */
  const take = async (piece: Piece): Promise<number | null> => {
    const kept = way.nearest(await linesOf(seeking, groups, piece), limit - count);
    // Of a longer line only its ends are read.
    bytes += Math.min(pieceBytes, piece.last.end - piece.first.off);
    found.push(kept);
    count += kept.length;
    if (count >= limit) return way.afterLines(kept);
    return isSpent() ? way.afterSpan(way.turn([piece.first, piece.last])[1] ?? piece.last) : null;
  };

  return {
    /** Answers where to go on; null when everything was looked at. */
    async run(whole: Range): Promise<number | null> {
      for (let range = whole; range.from < range.to; ) {
        const spans = await spansWithin(store, source, { ...range, levels }, direction);
        const farthest = spans.at(-1);
        if (farthest === undefined) return null;
        blocks += spans.length;
        const holding = way.turn(spans).filter((span) => mayHold(search, span));
        for (const piece of way.turn(piecesOf(holding))) {
          const next = await take(piece);
          if (next !== null) return next;
        }
        range = way.rangeAfter(range, farthest);
        if (isSpent()) return way.afterSpan(farthest);
      }
      return null;
    },
    rows: () => way.turn(found).flat(),
  };
}

/** Neighbours that are read together, ascending. */
interface Piece {
  readonly spans: readonly Span[];
  readonly first: Span;
  readonly last: Span;
}

function piecesOf(spans: readonly Span[]): Piece[] {
  return groupSpans(spans, pieceBytes).flatMap((group) => {
    const [first, last] = [group[0], group.at(-1)];
    return first === undefined || last === undefined ? [] : [{ spans: group, first, last }];
  });
}

/** The index knows of the other levels; `info` alone is asked here. */
const mayHold = ({ levels }: Search, span: Span) =>
  levels === null || levels.size > 1 || !levels.has("info") || span.info_lines > 0;

async function linesOf({ source, search, file }: Seeking, groups: GroupLook, piece: Piece): Promise<LogEntry[]> {
  const { filter, levels, direction, seq } = search;
  if (filter !== null && (await isHopeless(file, filter, piece))) return [];
  const range = { from: 0, to: Infinity, levels };
  const lines = (await readSpans(file, source, piece.spans, range)).map(({ entry }) => entry);
  const passes = filter === null ? null : await groups.passing(filter, lines, piece);
  return lines.filter((line, index) => ways[direction].isAhead(line, seq) && (passes === null || passes[index]));
}

// What a line shows differs from its bytes where these are.
const anyControl = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

/** Whether plain text shows at once that no line of it passes. A traceback over its border may hold the hit elsewhere. */
async function isHopeless(file: FileHandle, filter: LineFilter, { first, last }: Piece): Promise<boolean> {
  const size = last.end - first.off;
  if (first.carry !== null || last.carry_after !== null || size > pieceBytes) return false;
  const raw = await readBytes(file, first.off, size);
  if (!isUtf8(raw)) return false;
  const text = raw.toString();
  return !anyControl.test(text) && !filter.mayMatch(text);
}

interface GroupLook {
  /** Which lines pass, with all lines of a traceback when one of it does. */
  passing(filter: LineFilter, lines: readonly LogEntry[], piece: Piece): Promise<boolean[]>;
}

const groupOf = ({ group, seq }: LogEntry) => group ?? seq;

/** Tracebacks that reach over the border of a piece are looked at as a whole, each once in a search. */
function createGroupLook({ store, source, file }: Seeking): GroupLook {
  const known = new Map<number, boolean>();

  const reaching = (lines: readonly LogEntry[], { first, last }: Piece): number[] => {
    const heads = new Set([first.carry, last.carry_after].flatMap(openOf).map(({ seq }) => seq));
    if (heads.size === 0) return [];
    return [...new Set(lines.map(groupOf))].filter((group) => heads.has(group));
  };

  return {
    async passing(filter, lines, piece) {
      const hits = filter.matches(lines.map(({ message }) => message));
      const passed = new Set(lines.filter((_, index) => hits[index]).map(groupOf));
      for (const group of reaching(lines, piece)) {
        if (passed.has(group)) continue;
        const passes =
          known.get(group) ?? filter.matches(await membersOf({ store, source, file }, group)).includes(true);
        known.set(group, passes);
        if (passes) passed.add(group);
      }
      // A marked line that stands alone is a group of its own, so this is the line's own hit as well.
      return lines.map((line) => passed.has(groupOf(line)));
    },
  };
}

async function membersOf({ store, source, file }: Omit<Seeking, "search">, group: number): Promise<string[]> {
  const head = await spanOfLine(store, source, group);
  if (head === undefined) return [];
  const spans = await spansFrom(store, source, head.off);
  const near = spans.filter(({ end }) => end - head.off <= groupReadBytes);
  const lines = await readSpans(file, source, near.length === 0 ? [head] : near);
  return lines.filter(({ entry }) => groupOf(entry) === group).map(({ entry }) => entry.message);
}
