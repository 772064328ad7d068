import { clusters, textWidth } from "../../terminal/glyph-width.js";
import { editText, type LineSpan, type TextEdit, type TextFieldState, withoutControls } from "./line-editor.js";

/** Several lines that are being typed. */
export interface TextAreaState extends TextFieldState {
  /** First visible line. */
  readonly top: number;
  /** The column (cells) that up and down keep to, over shorter lines; null after any other edit. */
  readonly goal: number | null;
}

export type AreaEdit =
  | TextEdit
  | { readonly type: "newline" | "up" | "down" | "pageUp" | "pageDown" | "start" | "end" };

const indent = "  ";

/** The area with `text` in it and the cursor at its beginning. */
export function textArea(text: string): TextAreaState {
  return { text: tidy(text), cursor: 0, top: 0, goal: null };
}

const editOfKey: Readonly<Record<string, AreaEdit["type"]>> = {
  enter: "newline",
  up: "up",
  down: "down",
  pgup: "pageUp",
  pgdn: "pageDown",
  "ctrl-home": "start",
  "ctrl-end": "end",
};

/** What a key does here beyond a text field's edits; null when nothing. */
export function areaEditOf(name: string): AreaEdit | null {
  const type = editOfKey[name];
  return type === undefined || type === "insert" ? null : { type };
}

/** Pure. `height` is how many lines are seen: it decides the page and what must scroll. */
export function editTextArea(state: TextAreaState, edit: AreaEdit, height: number): TextAreaState {
  const next = applied(state, edit, height);
  return { ...next, top: visibleTop(next, height) };
}

function applied(state: TextAreaState, edit: AreaEdit, height: number): TextAreaState {
  switch (edit.type) {
    case "newline":
      return { ...state, ...withNewline(state), goal: null };
    case "up":
      return moved(state, -1);
    case "down":
      return moved(state, 1);
    case "pageUp":
      return moved(state, -Math.max(1, height - 1));
    case "pageDown":
      return moved(state, Math.max(1, height - 1));
    case "start":
      return { ...state, cursor: 0, goal: null };
    case "end":
      return { ...state, cursor: state.text.length, goal: null };
    case "insert":
      return { ...state, ...editText(state, { type: "insert", text: tidy(edit.text) }, lineSpan(state)), goal: null };
    default:
      return { ...state, ...editText(state, edit, lineSpan(state)), goal: null };
  }
}

/** Zero-based line and column (in cells) of the cursor. */
export function cursorPlace(state: TextFieldState): { readonly line: number; readonly column: number } {
  const { start } = lineSpan(state);
  const line = state.text.slice(0, start).split("\n").length - 1;
  return { line, column: textWidth(state.text.slice(start, state.cursor)) };
}

/** The first line to show so that the cursor is seen and no space is wasted below the last line. */
export function visibleTop(state: TextAreaState, height: number): number {
  const { line } = cursorPlace(state);
  const last = state.text.split("\n").length - 1;
  const top = Math.min(state.top, Math.max(0, last - height + 1));
  return Math.max(line - height + 1, Math.min(top, line));
}

/** The cursor at the start of a line (zero-based), e.g. where an error is. */
export function atOffset(state: TextAreaState, offset: number, height: number): TextAreaState {
  const next = { ...state, cursor: Math.min(Math.max(0, offset), state.text.length), goal: null };
  return { ...next, top: visibleTop(next, height) };
}

function lineSpan({ text, cursor }: TextFieldState): LineSpan {
  const start = text.lastIndexOf("\n", cursor - 1) + 1;
  const end = text.indexOf("\n", cursor);
  return { start: cursor === 0 ? 0 : start, end: end < 0 ? text.length : end };
}

/** Keeps the indent of the line, one step more behind an opening bracket; a closing one goes to a line of its own. */
function withNewline(state: TextFieldState): TextFieldState {
  const { text, cursor } = state;
  const line = text.slice(lineSpan(state).start, cursor);
  const base = /^[ ]*/.exec(line)?.[0] ?? "";
  const opens = /[[{]\s*$/.test(line);
  const closes = opens && /^\s*[\]}]/.test(text.slice(cursor));
  const inserted = `\n${base}${opens ? indent : ""}`;
  const behind = closes ? `\n${base}` : "";
  return { text: text.slice(0, cursor) + inserted + behind + text.slice(cursor), cursor: cursor + inserted.length };
}

function moved(state: TextAreaState, by: number): TextAreaState {
  const lines = state.text.split("\n");
  const place = cursorPlace(state);
  const goal = state.goal ?? place.column;
  const target = Math.min(Math.max(0, place.line + by), lines.length - 1);
  const start = lines.slice(0, target).reduce((sum, line) => sum + line.length + 1, 0);
  return { ...state, cursor: start + lengthWithin(lines[target] ?? "", goal), goal };
}

/** How many units of a line fit into `columns` cells. */
function lengthWithin(line: string, columns: number): number {
  let used = 0;
  let length = 0;
  for (const cluster of clusters(line)) {
    used += textWidth(cluster);
    if (used > columns) break;
    length += cluster.length;
  }
  return length;
}

/** Line feeds only, tabs as spaces, no other control characters. */
function tidy(text: string): string {
  return withoutControls(text.replace(/\r\n?/g, "\n").replaceAll("\t", indent));
}
