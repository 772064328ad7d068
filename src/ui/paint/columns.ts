import { clusters, isControl, textWidth } from "../../terminal/glyph-width.js";
import type { Tone } from "../../theme/tones.js";
import type { Paint } from "../panes/pane.js";

/** A piece of a row: what it means and what it says. */
export type Piece = readonly [tone: Tone, text: string];

const plainAscii = /^[\x20-\x7e]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;

/** Text that others wrote, safe on a row: no escape sequence, tabs as blanks to the next eighth column, no control. */
export function printable(text: string): string {
  if (plainAscii.test(text) || !hasControl(text)) return text;
  let out = "";
  let columns = 0;
  for (const part of text.replace(escapes, "").split("\t")) {
    if (out !== "" || columns > 0) {
      const blanks = 8 - (columns % 8);
      out += " ".repeat(blanks);
      columns += blanks;
    }
    const clean = withoutControls(part);
    out += clean;
    columns += textWidth(clean);
  }
  return out;
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (isControl(text.charCodeAt(at))) return true;
  return false;
}

function withoutControls(text: string): string {
  let out = "";
  for (let at = 0; at < text.length; at++) if (!isControl(text.charCodeAt(at))) out += text[at] ?? "";
  return out;
}

/** Columns of text without controls. Most of it is ASCII, which needs no look at each glyph. */
export function columnsOf(text: string): number {
  return plainAscii.test(text) ? text.length : textWidth(text);
}

/** At most `width` columns of plain text from its start; a wide glyph that does not fit is left out. */
export function take(text: string, width: number): string {
  if (width <= 0) return "";
  // No glyph is narrower than a column except marks: a bounded look suffices, however long the text is.
  const head = text.length > width * 4 + 16 ? text.slice(0, width * 4 + 16) : text;
  if (plainAscii.test(head)) return head.slice(0, width);
  if (head.length === text.length && columnsOf(head) <= width) return head;
  let kept = "";
  let used = 0;
  for (const cluster of clusters(head)) {
    used += textWidth(cluster);
    if (used > width) break;
    kept += cluster;
  }
  return kept;
}

export type Align = "left" | "right";

/** Plain text in exactly `width` columns: cut with `…`, padded with blanks. */
export function fit(text: string, width: number, align: Align = "left"): string {
  if (width <= 0) return "";
  const clean = printable(text.length > width * 8 + 64 ? text.slice(0, width * 8 + 64) : text);
  const columns = columnsOf(clean);
  if (columns <= width) {
    const blanks = " ".repeat(width - columns);
    return align === "left" ? clean + blanks : blanks + clean;
  }
  const kept = take(clean, width - 1);
  const short = width - 1 - columnsOf(kept);
  return `${kept}…${" ".repeat(short)}`;
}

/** Pieces in at most `width` columns: the one that crosses the end is cut with `…`, those after it are left out. */
export function clip(pieces: readonly Piece[], width: number): Piece[] {
  const kept: Piece[] = [];
  let left = width;
  for (const piece of pieces) {
    const columns = columnsOf(piece[1]);
    if (columns > left) {
      if (left > 0) kept.push([piece[0], fit(piece[1], left)]);
      break;
    }
    kept.push(piece);
    left -= columns;
  }
  return kept;
}

/** Pieces side by side in exactly `width` columns: cut as by {@link clip}, the rest is blank. */
export function row(paint: Paint, width: number, pieces: readonly Piece[]): string {
  let out = "";
  let left = width;
  for (const [tone, text] of pieces) {
    const columns = columnsOf(text);
    if (columns > left) {
      if (left > 0) out += paint(tone, fit(text, left));
      return out;
    }
    out += paint(tone, text);
    left -= columns;
  }
  return left > 0 ? out + " ".repeat(left) : out;
}

/** Columns the pieces take together. */
export function widthOf(pieces: readonly Piece[]): number {
  let columns = 0;
  for (const [, text] of pieces) columns += columnsOf(text);
  return columns;
}

/** Words in lines of at most `width` columns; a word that is longer is cut. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of printable(text).split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (columnsOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = columnsOf(word) <= width ? word : fit(word, width);
  }
  if (line !== "") lines.push(line);
  return lines;
}
