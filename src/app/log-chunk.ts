import type { LogLevel } from "../contract/log-entry.js";
import { logLevels } from "../contract/vocabulary.js";
import type { HeldLine } from "./log-buffer.js";

/** Kinds of lines: a level's position in `logLevels`, or one of these marks. */
export const gapKind = 254;
export const restartKind = 255;

/** What a line costs besides its text: end, seq, time, kind, and the line feed. */
export const lineOverheadBytes = 4 + 4 + 8 + 1 + 1;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const lineFeed = 10;
const firstLines = 256;

/** One line to be written: `seq` and `at` mean what `kind` says (gap: from and to; restart: the attempt). */
export interface ChunkLine {
  readonly kind: number;
  readonly seq: number;
  readonly at: number;
  readonly text: string;
}

/**
 * Lines in one block of bytes, each ended by a line feed, with their numbers in columns beside it. Written to the end once,
 * then only read.
 */
export class LogChunk {
  /** Lines held. */
  count = 0;
  /** Bytes of text used, line feeds included. */
  used = 0;
  /** Every character is one byte, so that offsets in bytes and in the decoded text are the same. */
  isAscii = true;
  /** Highest level in it; -1 without a line of output. */
  maxLevel = -1;
  private bytes: Uint8Array;
  private ends = new Uint32Array(firstLines);
  private seqs = new Uint32Array(firstLines);
  private times = new Float64Array(firstLines);
  private kinds = new Uint8Array(firstLines);

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  get heldBytes(): number {
    return this.used + this.count * (lineOverheadBytes - 1);
  }

  /** False if there is no room for it. */
  push(line: ChunkLine): boolean {
    // encodeInto stops at the last whole character that fits; only a text that might not fit is measured first.
    const room = this.bytes.length - this.used - 1;
    if (room < line.text.length * 3 && byteLength(line.text) > room) return false;
    if (this.count === this.ends.length) this.resizeColumns(this.count * 2);
    const { written } = encoder.encodeInto(line.text, this.bytes.subarray(this.used));
    if (written !== line.text.length) this.isAscii = false;
    this.used += written;
    this.bytes[this.used++] = lineFeed;
    this.ends[this.count] = this.used;
    this.seqs[this.count] = line.seq;
    this.times[this.count] = line.at;
    this.kinds[this.count] = line.kind;
    if (line.kind < gapKind && line.kind > this.maxLevel) this.maxLevel = line.kind;
    this.count++;
    return true;
  }

  /** No more lines will come: gives back what is not used. */
  seal(): void {
    this.resizeColumns(this.count);
    if (this.bytes.length - this.used > this.bytes.length / 16) this.bytes = this.bytes.slice(0, this.used);
  }

  line(at: number, maxBytes: number): HeldLine {
    const kind = this.kinds[at] ?? 0;
    const seq = this.seqs[at] ?? 0;
    const time = this.times[at] ?? 0;
    if (kind === gapKind) return { kind: "gap", fromSeq: seq, toSeq: time };
    if (kind === restartKind) return { kind: "restart", attempt: seq };
    const start = this.startOf(at);
    const end = (this.ends[at] ?? 0) - 1;
    const level: LogLevel = logLevels[kind] ?? "info";
    if (end - start <= maxBytes) return { kind: "line", seq, at: time, level, text: this.decode(start, end) };
    // A character cut in two at the end would be shown as a replacement character.
    const text = this.decode(start, start + maxBytes).replace(/\ufffd$/, "");
    return { kind: "line", seq, at: time, level, text, omittedBytes: end - start - maxBytes };
  }

  kindAt(at: number): number {
    return this.kinds[at] ?? 0;
  }

  timeAt(at: number): number {
    return this.times[at] ?? 0;
  }

  /** The whole text, a line feed after each line. */
  text(): string {
    return this.decode(0, this.used);
  }

  /** Where a line starts, in bytes. */
  startOf(at: number): number {
    return at === 0 ? 0 : (this.ends[at - 1] ?? 0);
  }

  /** Just after a line's line feed, in bytes. */
  endOf(at: number): number {
    return this.ends[at] ?? 0;
  }

  private decode(start: number, end: number): string {
    return decoder.decode(this.bytes.subarray(start, end));
  }

  private resizeColumns(lines: number): void {
    const resized = <T extends Uint32Array | Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from.subarray(0, this.count));
      return to;
    };
    this.ends = resized(this.ends, new Uint32Array(lines));
    this.seqs = resized(this.seqs, new Uint32Array(lines));
    this.times = resized(this.times, new Float64Array(lines));
    this.kinds = resized(this.kinds, new Uint8Array(lines));
  }
}

/** Bytes of a text in UTF-8; a lone surrogate becomes a replacement character of three. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    const next = text.charCodeAt(at + 1);
    const isPair = unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff;
    // A pair is two units and four bytes.
    bytes += isPair ? 2 : unit < 0x800 ? 1 : 2;
    if (isPair) at++;
  }
  return bytes;
}
