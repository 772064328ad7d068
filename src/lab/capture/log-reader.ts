import { isUtf8 } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { colouredLine, displayLine } from "../../chain/terminal-line.js";
import { groupLine, type OpenGroups } from "../../chain/traceback.js";
import type { LogEntry, LogLevel } from "../../contract/log-entry.js";
import type { LabStore } from "../store/store.js";
import { blockBytes, headOf, openOf } from "./block-index.js";
import { type LogSource, type Span, spanAt, spanOfLine, spansFrom } from "./block-query.js";

/** A longer message is cut for display, and says so; the file keeps it whole. */
export const maxMessageBytes = 16 * 1024;
const maxReadBytes = 256 * 1024;
const newline = 10;

/** A line, and the offset behind it in the file. */
export interface ReadLine {
  readonly entry: LogEntry;
  readonly end: number;
}

/** At most `limit` lines from number `from` (included) on, ascending. */
export async function readFrom(store: LabStore, source: LogSource, from: number, limit: number): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  const upTo = Math.min(from + limit, source.seq);
  const first = from < upTo ? await spanOfLine(store, source, from) : undefined;
  if (first === undefined) return entries;
  return withFile(source, async (file) => {
    for (let off = first.off; entries.length < upTo - from; ) {
      const spans = (await spansFrom(store, source, off)).filter(({ seq }) => seq < upTo);
      const last = spans.at(-1);
      if (last === undefined) break;
      const lines = await readSpans(file, source, spans, { from, to: upTo });
      entries.push(...lines.map(({ entry }) => entry));
      off = last.end;
    }
    return entries;
  });
}

/** Whole lines from a byte offset (the start of a line) on: about 64 KiB of them. */
export async function readFrame(store: LabStore, source: LogSource, offset: number): Promise<ReadLine[]> {
  const start = offset < source.off ? await spanAt(store, source, offset) : undefined;
  if (start === undefined) return [];
  const spans = (await spansFrom(store, source, start.off)).filter(({ off }) => off < offset + blockBytes);
  return withFile(source, async (file) => {
    const lines = await readSpans(file, source, spans);
    return lines.filter(({ end }) => end > offset);
  });
}

/** Nothing is there any more when the file is gone: its experiment was deleted meanwhile. */
export async function withFile<T>(source: LogSource, work: (file: FileHandle) => Promise<T[]>): Promise<T[]> {
  let file: FileHandle;
  try {
    file = await open(source.file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Lines by their numbers (`to` not included) and levels: to show a line costs more than to judge it. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
  readonly levels?: ReadonlySet<LogLevel> | null;
}
const everyLine: LineRange = { from: 0, to: Infinity };

/** Lines of spans in their order. Spans that lie together are read together: a slow run has a block for every line. */
export async function readSpans(
  file: FileHandle,
  source: LogSource,
  spans: readonly Span[],
  range: LineRange = everyLine,
): Promise<ReadLine[]> {
  const lines: ReadLine[] = [];
  for (const group of groupSpans(spans)) {
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) continue;
    if (first.lines === 1 && first.end - first.off > blockBytes) {
      if (first.seq >= range.from && first.seq < range.to) lines.push(await readLongLine(file, source, first));
      continue;
    }
    const bytes = await readBytes(file, first.off, last.end - first.off);
    const split = { source, isText: isUtf8(bytes), range };
    for (const span of group) {
      lines.push(...splitSpan(bytes.subarray(span.off - first.off, span.end - first.off), span, split));
    }
  }
  return lines;
}

/** Neighbours together, up to so many bytes; a line longer than a block stands alone. */
export function groupSpans(spans: readonly Span[], mostBytes = maxReadBytes): Span[][] {
  const groups: Span[][] = [];
  for (const span of spans) {
    const group = groups.at(-1);
    const first = group?.[0];
    const isLong = span.end - span.off > blockBytes || (first !== undefined && first.end - first.off > blockBytes);
    if (!isLong && first !== undefined && group?.at(-1)?.end === span.off && span.end - first.off <= mostBytes)
      group.push(span);
    else groups.push([span]);
  }
  return groups;
}

export async function readBytes(file: FileHandle, off: number, size: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size), 0, size, off);
  return buffer.subarray(0, bytesRead);
}

interface Split {
  readonly source: LogSource;
  /** UTF-8 throughout. */
  readonly isText: boolean;
  readonly range: LineRange;
}

/** The wanted lines of a span. Those before them are only judged: a traceback may begin there. */
function splitSpan(bytes: Buffer, span: Span, { source, isText, range }: Split): ReadLine[] {
  const lines: ReadLine[] = [];
  let open: OpenGroups = openOf(span.carry);
  const last = Math.min(span.lines, range.to - span.seq);
  for (let index = 0, at = 0; index < last; index++) {
    const stop = bytes.indexOf(newline, at);
    const to = stop === -1 ? bytes.length : stop;
    const next = Math.min(to + 1, bytes.length);
    const seq = span.seq + index;
    const judged = groupLine(open, { seq, text: headOf(bytes, at, to), bytes: next - at });
    open = judged.open;
    if (seq >= range.from && (range.levels?.has(judged.level) ?? true)) {
      const line = { index, level: judged.level, group: judged.group, ...shownLine(bytes.subarray(at, to), isText) };
      lines.push({ entry: entryOf(source, span, line), end: span.off + next });
    }
    at = next;
  }
  return lines;
}

const escape = 0x1b;

/** What is shown of a line: its text, and its colours where it has any. */
function shownLine(raw: Buffer, isText: boolean): Pick<Line, "message" | "ansi"> {
  if (raw.length > maxMessageBytes) return { message: cutLine(raw, raw.length), ansi: null };
  const text = isText ? raw.toString() : raw;
  return { message: displayLine(text), ansi: raw.includes(escape) ? colouredLine(text) : null };
}

/** A line of megabytes: its beginning is enough, or its end when it is a progress bar that was drawn over and over. */
async function readLongLine(file: FileHandle, source: LogSource, span: Span): Promise<ReadLine> {
  const head = await readBytes(file, span.off, blockBytes);
  const isBar = head.includes("\r");
  const shown = isBar ? await readBytes(file, span.end - blockBytes, blockBytes) : head;
  const message = cutLine(shown, span.end - span.off - 1);
  const text = headOf(head, 0, head.length);
  const { level, group } = groupLine(openOf(span.carry), { seq: span.seq, text, bytes: span.end - span.off });
  return { entry: entryOf(source, span, { index: 0, level, group, message, ansi: null }), end: span.end };
}

/** What of a long line is shown: 16 KiB from its start with an honest mark, or the last state of a progress bar. */
function cutLine(raw: Buffer, lineBytes: number): string {
  if (raw.includes("\r")) return displayLine(wholeCharacters(raw.subarray(-maxMessageBytes)));
  const size = lineBytes < 1e6 ? `${Math.round(lineBytes / 1e3)} kB` : `${(lineBytes / 1e6).toFixed(1)} MB`;
  return `${displayLine(wholeCharacters(raw.subarray(0, maxMessageBytes)))}… [${size} line cut]`;
}

/** Without the bytes at either end that belong to a character cut in two. */
function wholeCharacters(bytes: Buffer): Buffer {
  const inside = (index: number) => ((bytes[index] ?? 0) & 0xc0) === 0x80;
  let [from, to] = [0, bytes.length];
  while (from < 3 && inside(from)) from++;
  for (let back = 1; back <= 4 && back <= to; back++) {
    const lead = bytes[to - back] ?? 0;
    if ((lead & 0xc0) === 0x80) continue;
    const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (size > back) to -= back;
    break;
  }
  return bytes.subarray(from, to);
}

interface Line {
  readonly index: number;
  readonly level: LogLevel;
  readonly group: number | null;
  readonly message: string;
  readonly ansi: string | null;
}

/** `_creationTime` is the block's time plus less than a millisecond by line number: it orders lines as they were written. */
function entryOf(source: LogSource, span: Span, { index, level, message, ansi, group }: Line): LogEntry {
  const seq = span.seq + index;
  return {
    _id: `${source.experimentId}:${source.attempt}:${seq}`,
    _creationTime: span.at + (seq % 1e6) / 1e6,
    experimentId: source.experimentId,
    seq,
    level,
    message,
    timestamp: span.at,
    ...(ansi === null ? {} : { ansi }),
    ...(group === null ? {} : { group }),
  };
}
