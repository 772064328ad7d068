import { isUtf8 } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import type { LogEntry, LogLevel } from "../../contract/log-entry.js";
import type { LabStore } from "../store/store.js";
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
  const isBack = direction === "back";
  if (isBack ? seq <= 0 : seq >= source.seq) return null;
  const border =
    isBack && seq >= source.seq ? null : await spanOfLine(store, source, isBack ? seq - 1 : Math.max(0, seq));
  if (border === undefined) return null;
  const range = isBack
    ? { from, to: Math.min(to, border?.end ?? source.off) }
    : { from: Math.max(from, border?.off ?? 0), to };
  return range.from < range.to ? range : null;
}

interface Seeking {
  readonly store: LabStore;
  readonly source: LogSource;
  readonly search: Search;
  readonly file: FileHandle;
}

function createSeeker(seeking: Seeking) {
  const { store, source, search } = seeking;
  const most = search.bounds ?? usualBounds;
  const isBack = search.direction === "back";
  const found: LogEntry[][] = [];
  const startedAt = performance.now();
  const groups = createGroupLook(seeking);
  let [count, bytes, blocks] = [0, 0, 0];
  const isSpent = () => bytes >= most.bytes || blocks >= most.blocks || performance.now() - startedAt > most.ms;

  /** Lines of one piece, in order; cut to what is wanted. Answers where to go on when that was reached. */
  const take = async (piece: readonly Span[]): Promise<number | null> => {
    const fitting = await linesOf(seeking, groups, piece);
    // Of a longer line only its ends are read.
    bytes += Math.min(pieceBytes, (piece.at(-1)?.end ?? 0) - (piece[0]?.off ?? 0));
    const room = search.limit - count;
    const kept = isBack ? fitting.slice(-room) : fitting.slice(0, room);
    found.push(kept);
    count += kept.length;
    if (count < search.limit) return null;
    return isBack ? (kept[0]?.seq ?? 0) : (kept.at(-1)?.seq ?? 0) + 1;
  };

  return {
    async run(range: Range): Promise<number | null> {
      let { from, to } = range;
      while (from < to) {
        const spans = await spansWithin(store, source, { from, to, levels: search.levels }, search.direction);
        const [nearest, farthest] = [spans[0], spans.at(-1)];
        if (nearest === undefined || farthest === undefined) return null;
        blocks += spans.length;
        const ascending = isBack ? spans.toReversed() : spans;
        const pieces = groupSpans(
          ascending.filter((span) => mayHold(search, span)),
          pieceBytes,
        );
        for (const piece of isBack ? pieces.reverse() : pieces) {
          const next = await take(piece);
          if (next !== null) return next;
          if (isSpent()) return isBack ? (piece[0]?.seq ?? 0) : seqAfter(piece.at(-1) ?? farthest);
        }
        if (isBack) to = farthest.off;
        else from = farthest.end;
        if (isSpent()) return isBack ? farthest.seq : seqAfter(farthest);
      }
      return null;
    },
    rows: () => (isBack ? found.reverse() : found).flat(),
  };
}

const seqAfter = ({ seq, lines }: Span) => seq + lines;

/** The index knows of the other levels; `info` alone is asked here. */
const mayHold = ({ levels }: Search, span: Span) =>
  levels === null || levels.size > 1 || !levels.has("info") || span.info_lines > 0;

async function linesOf(
  { source, search, file }: Seeking,
  groups: GroupLook,
  piece: readonly Span[],
): Promise<LogEntry[]> {
  const { filter, levels, direction, seq } = search;
  if (filter !== null && (await isHopeless(file, filter, piece))) return [];
  const isInside = direction === "back" ? (entry: LogEntry) => entry.seq < seq : (entry: LogEntry) => entry.seq >= seq;
  const lines = (await readSpans(file, source, piece, { from: 0, to: Infinity, levels })).map(({ entry }) => entry);
  const passes = filter === null ? null : await groups.passing(filter, lines, piece);
  return lines.filter(
    (entry, index) =>
      isInside(entry) && (levels === null || levels.has(entry.level)) && (passes === null || passes[index]),
  );
}

// What a line shows differs from its bytes where these are.
const anyControl = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

/** Whether plain text shows at once that no line of it passes. A traceback over its border may hold the hit elsewhere. */
async function isHopeless(file: FileHandle, filter: LineFilter, piece: readonly Span[]): Promise<boolean> {
  const [first, last] = [piece[0], piece.at(-1)];
  if (first === undefined || last === undefined || first.carry !== null || last.carry_after !== null) return false;
  if (last.end - first.off > pieceBytes) return false;
  const raw = await readBytes(file, first.off, last.end - first.off);
  if (!isUtf8(raw)) return false;
  const text = raw.toString();
  return !anyControl.test(text) && !filter.mayMatch(text);
}

interface GroupLook {
  /** Which lines pass, with all lines of a traceback when one of it does. */
  passing(filter: LineFilter, lines: readonly LogEntry[], piece: readonly Span[]): Promise<boolean[]>;
}

const groupOf = ({ group, seq }: LogEntry) => group ?? seq;

/** Tracebacks that reach over the border of a piece are looked at as a whole, each once in a search. */
function createGroupLook({ store, source, file }: Seeking): GroupLook {
  const known = new Map<number, boolean>();

  const reaching = (lines: readonly LogEntry[], piece: readonly Span[]): number[] => {
    const open = `${piece[0]?.carry ?? ""}${piece.at(-1)?.carry_after ?? ""}`;
    if (open === "") return [];
    const heads = new Set([...open.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq)));
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
