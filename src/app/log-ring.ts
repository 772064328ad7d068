import type { LogEntry, LogLevel } from "../contract/log-entry.js";
import { logLevels } from "../contract/vocabulary.js";
import { searchChunk } from "./chunk-search.js";
import { IndexList } from "./index-list.js";
import type { HeldLine, LogBuffer, LogQuery, SearchResult } from "./log-buffer.js";
import { byteLength, type ChunkLine, gapKind, LogChunk, lineOverheadBytes, restartKind } from "./log-chunk.js";

export interface LogRingOptions {
  /** Text and bookkeeping together; whole chunks are dropped above it. */
  readonly capBytes?: number;
  readonly chunkBytes?: number;
}

const usualCapBytes = 64 * 1024 * 1024;
const usualChunkBytes = 256 * 1024;
/** Where the first line goes: room for a billion older ones, as indexes are unsigned. */
const originIndex = 2 ** 30;
/** Searches that are kept up to date: hits, what is shown, and one more. */
const keptSearches = 3;

interface Placed {
  readonly chunk: LogChunk;
  /** Index of its first line. */
  readonly first: number;
}

/** How far a query has looked: every line in [from, to) of the ring. */
interface Search {
  readonly key: string;
  readonly hits: IndexList;
  from: number;
  to: number;
}

const kindOf = (level: LogLevel) => logLevels.indexOf(level);

/** A byte-capped log in chunks of UTF-8: a million lines are a few hundred objects, and the oldest chunk goes first. */
export function createLogRing({
  capBytes = usualCapBytes,
  chunkBytes = usualChunkBytes,
}: LogRingOptions = {}): LogBuffer {
  return new LogRing(capBytes, Math.min(chunkBytes, Math.max(64, Math.floor(capBytes / 4))));
}

class LogRing implements LogBuffer {
  private readonly capBytes: number;
  private readonly chunkBytes: number;
  private chunks: Placed[] = [];
  private searches: Search[] = [];
  private sealedBytes = 0;
  endIndex = originIndex;
  droppedLines = 0;
  missingLines = 0;

  constructor(capBytes: number, chunkBytes: number) {
    this.capBytes = capBytes;
    this.chunkBytes = chunkBytes;
  }

  get firstIndex(): number {
    return this.chunks[0]?.first ?? this.endIndex;
  }

  get heldBytes(): number {
    return this.sealedBytes + (this.chunks.at(-1)?.chunk.heldBytes ?? 0);
  }

  clear(): void {
    this.chunks = [];
    this.searches = [];
    this.sealedBytes = 0;
    this.endIndex = originIndex;
    this.droppedLines = 0;
    this.missingLines = 0;
  }

  append(lines: readonly LogEntry[]): void {
    for (const line of lines) {
      const kind = kindOf(line.level);
      // A message with line feeds in it is several lines on the screen, and here.
      if (line.message.includes("\n")) for (const part of partsOf(line)) this.push(part);
      else this.push({ kind, seq: line.seq, at: line.timestamp, text: line.message });
    }
    this.dropOldest();
  }

  gap(fromSeq: number, toSeq: number): void {
    this.missingLines += toSeq - fromSeq + 1;
    this.push({ kind: gapKind, seq: fromSeq, at: toSeq, text: "" });
    this.dropOldest();
  }

  restart(attempt: number): void {
    this.push({ kind: restartKind, seq: attempt, at: 0, text: "" });
    this.dropOldest();
  }

  prepend(lines: readonly LogEntry[]): void {
    const parts = lines.flatMap(partsOf);
    const sizes = parts.map((part) => byteLength(part.text) + lineOverheadBytes);
    let room = this.capBytes - this.heldBytes;
    let start = parts.length;
    while (start > 0 && room >= (sizes[start - 1] ?? 0)) room -= sizes[--start] ?? 0;
    for (let end = parts.length; end > start; ) {
      let from = end - 1;
      let bytes = sizes[from] ?? 0;
      while (from > start && bytes + (sizes[from - 1] ?? 0) <= this.chunkBytes) bytes += sizes[--from] ?? 0;
      this.putInFront(parts.slice(from, end), bytes);
      end = from;
    }
  }

  line(index: number, maxBytes = Infinity): HeldLine | undefined {
    const placed = this.placedAt(index);
    return placed?.chunk.line(index - placed.first, maxBytes);
  }

  find(pattern: RegExp, minimum: LogLevel): Uint32Array {
    return this.search({ pattern, minimum }, Infinity).indexes;
  }

  search({ pattern, minimum, marks = false }: LogQuery, maxBytes: number): SearchResult {
    const test = { pattern, minimumKind: kindOf(minimum), marks };
    const search = this.searchFor(
      `${pattern?.flags ?? ""}/${pattern?.source ?? ""}/${minimum}/${marks ? "marks" : ""}`,
    );
    const look = (placed: Placed, from: number, to: number) => {
      const range = { from: from - placed.first, to: to - placed.first, base: placed.first };
      return searchChunk(placed.chunk, test, range);
    };
    let left = maxBytes;
    // What has come since the last time first: it is little, and it is what a person looks at.
    for (const placed of this.chunks.slice(this.chunkNumberAt(search.to))) {
      const end = placed.first + placed.chunk.count;
      search.hits.push(look(placed, Math.max(search.to, placed.first), end));
      search.to = end;
      left -= placed.chunk.used;
    }
    while (search.from > this.firstIndex && left > 0) {
      const placed = this.placedAt(search.from - 1);
      if (placed === undefined) break;
      search.hits.unshift(look(placed, placed.first, search.from));
      search.from = placed.first;
      left -= placed.chunk.used;
    }
    return { indexes: search.hits.view(), complete: search.from <= this.firstIndex };
  }

  nextOfLevel(from: number, direction: 1 | -1, minimum: LogLevel): number | undefined {
    const kind = kindOf(minimum);
    let index = direction === 1 ? Math.max(from, this.firstIndex) : Math.min(from, this.endIndex - 1);
    for (let placed = this.placedAt(index); placed !== undefined; placed = this.placedAt(index)) {
      const { chunk, first } = placed;
      const outside = direction === 1 ? first + chunk.count : first - 1;
      for (; chunk.maxLevel >= kind && index !== outside; index += direction) {
        const found = chunk.kindAt(index - first);
        if (found < gapKind && found >= kind) return index;
      }
      index = outside;
    }
    return undefined;
  }

  indexAt(atMs: number): number {
    let [low, high] = [this.firstIndex, this.endIndex];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timeNear(middle) < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** When a line came; for a mark, when the line before it did. */
  private timeNear(index: number): number {
    for (let at = index; at >= this.firstIndex; at--) {
      const placed = this.placedAt(at);
      if (placed !== undefined && placed.chunk.kindAt(at - placed.first) < gapKind) {
        return placed.chunk.timeAt(at - placed.first);
      }
    }
    return -Infinity;
  }

  private push(line: ChunkLine): void {
    const last = this.chunks.at(-1)?.chunk;
    if (last?.push(line) !== true) {
      if (last !== undefined) {
        last.seal();
        this.sealedBytes += last.heldBytes;
      }
      const chunk = new LogChunk(Math.max(this.chunkBytes, byteLength(line.text) + 1));
      chunk.push(line);
      this.chunks.push({ chunk, first: this.endIndex });
    }
    this.endIndex++;
  }

  private putInFront(lines: readonly ChunkLine[], bytes: number): void {
    const chunk = new LogChunk(bytes);
    for (const line of lines) chunk.push(line);
    chunk.seal();
    const isOnly = this.chunks.length === 0;
    this.chunks.unshift({ chunk, first: this.firstIndex - lines.length });
    if (!isOnly) this.sealedBytes += chunk.heldBytes;
  }

  /** The newest chunk stays, however large. */
  private dropOldest(): void {
    while (this.heldBytes > this.capBytes && this.chunks.length > 1) {
      const chunk = this.chunks.shift()?.chunk;
      if (chunk === undefined) return;
      this.sealedBytes -= chunk.heldBytes;
      for (let at = 0; at < chunk.count; at++) if (chunk.kindAt(at) < gapKind) this.droppedLines++;
    }
  }

  private searchFor(key: string): Search {
    const known = this.searches.find((search) => search.key === key);
    const search = known ?? { key, hits: new IndexList(), from: this.endIndex, to: this.endIndex };
    this.searches = [search, ...this.searches.filter((other) => other !== search)].slice(0, keptSearches);
    if (search.to < this.firstIndex) search.from = search.to = this.firstIndex;
    search.from = Math.max(search.from, this.firstIndex);
    search.hits.dropBelow(this.firstIndex);
    return search;
  }

  /** Number of the chunk that holds the index; the number of chunks if none does. */
  private chunkNumberAt(index: number): number {
    let [low, high] = [0, this.chunks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const placed = this.chunks[middle];
      if (placed !== undefined && placed.first + placed.chunk.count <= index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private placedAt(index: number): Placed | undefined {
    const placed = this.chunks[this.chunkNumberAt(index)];
    return placed !== undefined && index >= placed.first ? placed : undefined;
  }
}

function partsOf({ seq, timestamp, level, message }: LogEntry): readonly ChunkLine[] {
  const kind = kindOf(level);
  return message.split("\n").map((text) => ({ kind, seq, at: timestamp, text }));
}
