import { eastAsianWidth } from "get-east-asian-width";
import { displayLine } from "../../chain/terminal-line.js";
import { grouped } from "../../core/grouped.js";
import type { HeldLine, LogBuffer } from "../log-buffer.js";

/** No more than this of one line is laid out on the screen; saving and searching take all of it. */
const shownBytes = 16_384;

/** Columns of the time before each line, its blank included: `09:40:12 `. */
export const timeColumns = 9;

/** A line as it is laid out. */
export interface ShownLine {
  readonly line: HeldLine;
  /** What a terminal would show of it; empty for marks. */
  readonly text: string;
}

/** One line of the buffer, ready for the screen; undefined when it is not held. */
export function shownLine(buffer: LogBuffer, index: number): ShownLine | undefined {
  const line = buffer.line(index, shownBytes);
  if (line === undefined) return undefined;
  if (line.kind !== "line") return { line, text: "" };
  const omitted = line.omittedBytes === undefined ? "" : ` … ${grouped(line.omittedBytes)} more bytes`;
  return { line, text: displayLine(line.text) + omitted };
}

const plain = /^[\x20-\x7e]*$/;
const zeroWidth = /^[\p{M}\p{Cf}\p{Cc}]/u;
/** Made when the first line needs it, not on the way to the first frame. */
const lazy: { segmenter?: Intl.Segmenter } = {};

/** Where the rows of a text start (UTF-16 offsets, first is 0) when it is broken at `width` columns. */
export function wrapOffsets(text: string, width: number): readonly number[] {
  const columns = Math.max(1, width);
  if (plain.test(text)) {
    return Array.from({ length: Math.max(1, Math.ceil(text.length / columns)) }, (_, row) => row * columns);
  }
  const offsets = [0];
  let used = 0;
  for (const { segment, index } of (lazy.segmenter ??= new Intl.Segmenter()).segment(text)) {
    const wide = clusterColumns(segment);
    if (used + wide > columns && used > 0) {
      offsets.push(index);
      used = 0;
    }
    used += wide;
  }
  return offsets;
}

function clusterColumns(cluster: string): number {
  if (zeroWidth.test(cluster)) return 0;
  if (cluster.includes("\ufe0f")) return 2;
  return eastAsianWidth(cluster.codePointAt(0) ?? 0);
}

/** The UTF-16 offset at which a text is `columns` wide: where a row starts that is scrolled to the right. */
export function offsetAtColumn(text: string, columns: number): number {
  if (columns <= 0) return 0;
  return plain.test(text) ? Math.min(columns, text.length) : (wrapOffsets(text, columns)[1] ?? text.length);
}
