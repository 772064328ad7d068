import type { Failure } from "../../core/failure.js";
import type { Look, PaneSize } from "../panes/pane.js";
import { type Piece, row, widthOf, wrapWords } from "./columns.js";

/** A line of a designed state: pieces, a sentence that is wrapped, or a key and what it does. `""` is a blank line. */
export type NoticeLine = readonly Piece[] | Piece | KeyLine | "";

interface KeyLine {
  readonly key: string;
  readonly does: string;
  readonly keyColumns: number;
}

/**
 * What a pane says instead of rows: a block of lines in the middle. Where room is short the block keeps its start.
 * The lines stay aligned with each other.
 */
export function noticeRows(lines: readonly NoticeLine[], size: PaneSize, look: Look): string[] {
  const { width, height } = size;
  const inner = Math.max(1, Math.min(width - 4, 72));
  const pieces = lines.flatMap((line) => broken(line, inner));
  const block = Math.min(inner, Math.max(1, ...pieces.map(widthOf)));
  const indent = " ".repeat(Math.max(1, Math.floor((width - block) / 2)));
  const above = Math.max(0, Math.floor((height - pieces.length) / 2.4));
  const rows: string[] = Array.from({ length: above }, () => " ".repeat(width));
  for (const line of pieces) rows.push(row(look.paint, width, [["text.primary", indent], ...line]));
  return rows.slice(0, height);
}

function broken(line: NoticeLine, width: number): (readonly Piece[])[] {
  if (line === "") return [[]];
  if ("key" in line) {
    const { key, does, keyColumns } = line;
    return wrapWords(does, width - keyColumns).map((part, index): readonly Piece[] => [
      ["key", (index === 0 ? key : "").padEnd(keyColumns)],
      ["text.muted", part],
    ]);
  }
  if (typeof line[0] !== "string") return [line as readonly Piece[]];
  const [tone, text] = line as Piece;
  return wrapWords(text, width).map((part): readonly Piece[] => [[tone, part]]);
}

/** A key and what it does, keys aligned: `Enter  launches the samples`. */
export const keyLine = (key: string, does: string, keyColumns = 8): NoticeLine => ({ key, does, keyColumns });

/** What failed, why, and what to do now. What is not offered here has not failed: then only the reason is said. */
export function failureLines(what: string, { kind, message, hint, requestId }: Failure): NoticeLine[] {
  if (kind === "unsupported") {
    const why: NoticeLine = ["text.muted", message];
    return hint === undefined
      ? [["text.strong", "Not here."], why]
      : [["text.strong", "Not here."], why, ["text.muted", hint]];
  }
  const lines: NoticeLine[] = [["notice.bad", what], "", ["text.primary", message]];
  if (hint !== undefined) lines.push(["text.muted", hint]);
  if (requestId !== undefined) lines.push(["text.muted", `request ${requestId}`]);
  return lines;
}
