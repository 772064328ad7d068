import { clusters } from "../../terminal/glyph-width.js";

/** A line that is being typed. `cursor` is a UTF-16 index that always lies between two grapheme clusters. */
export interface TextFieldState {
  readonly text: string;
  readonly cursor: number;
}

export type TextEdit =
  | { readonly type: "insert"; readonly text: string }
  | { readonly type: "left" | "right" | "wordLeft" | "wordRight" | "lineStart" | "lineEnd" }
  | { readonly type: "backspace" | "delete" | "deleteWord" | "deleteToStart" | "deleteToEnd" };

/** The field with `text` in it and the cursor behind the last letter. */
export function textField(text: string): TextFieldState {
  return { text, cursor: text.length };
}

const editOfKey: Readonly<Record<string, TextEdit["type"]>> = {
  left: "left",
  right: "right",
  "ctrl-b": "left",
  "ctrl-f": "right",
  "ctrl-left": "wordLeft",
  "ctrl-right": "wordRight",
  "alt-left": "wordLeft",
  "alt-right": "wordRight",
  "alt-b": "wordLeft",
  "alt-f": "wordRight",
  home: "lineStart",
  end: "lineEnd",
  "ctrl-a": "lineStart",
  "ctrl-e": "lineEnd",
  backspace: "backspace",
  delete: "delete",
  "ctrl-d": "delete",
  "ctrl-w": "deleteWord",
  "alt-backspace": "deleteWord",
  "ctrl-u": "deleteToStart",
  "ctrl-k": "deleteToEnd",
};

/** What a key does in a text; null when it does nothing there. `typed` is the text the key stands for, empty if none. */
export function textEditOf(name: string, typed: string): TextEdit | null {
  if (typed !== "") return { type: "insert", text: typed };
  const type = editOfKey[name];
  return type === undefined || type === "insert" ? null : { type };
}

/** Pure. Line breaks and tabs of a paste become spaces; other control characters are dropped. */
export function editTextField(state: TextFieldState, edit: TextEdit): TextFieldState {
  return editText(state, edit.type === "insert" ? { ...edit, text: oneLine(edit.text) } : edit, {
    start: 0,
    end: state.text.length,
  });
}

/** Where the line of the cursor starts and ends; the text area gives one of many, the field its only one. */
export interface LineSpan {
  readonly start: number;
  readonly end: number;
}

export function editText(state: TextFieldState, edit: TextEdit, line: LineSpan): TextFieldState {
  const { text, cursor } = state;
  switch (edit.type) {
    case "insert":
      return { text: text.slice(0, cursor) + edit.text + text.slice(cursor), cursor: cursor + edit.text.length };
    case "backspace":
      return cut(text, before(text, cursor), cursor);
    case "delete":
      return cut(text, cursor, after(text, cursor));
    case "deleteWord":
      return cut(text, wordBefore(text, cursor), cursor);
    case "deleteToStart":
      return cut(text, line.start, cursor);
    case "deleteToEnd":
      return cut(text, cursor, line.end);
    default:
      return { text, cursor: target(state, edit.type, line) };
  }
}

type Move = "left" | "right" | "wordLeft" | "wordRight" | "lineStart" | "lineEnd";

function target({ text, cursor }: TextFieldState, move: Move, line: LineSpan): number {
  switch (move) {
    case "left":
      return before(text, cursor);
    case "right":
      return after(text, cursor);
    case "wordLeft":
      return wordBefore(text, cursor);
    case "wordRight":
      return wordAfter(text, cursor);
    case "lineStart":
      return line.start;
    case "lineEnd":
      return line.end;
  }
}

/** Text as one line: a break or a tab becomes a space, other controls are dropped. */
export function oneLine(text: string): string {
  return withoutControls(text.replace(/\r\n?|\n|\t/g, " "));
}

/** Without control characters; line feeds stay. */
export function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, "");
}

const cut = (text: string, from: number, to: number): TextFieldState => ({
  text: text.slice(0, from) + text.slice(to),
  cursor: from,
});

/** Far enough back for the longest cluster in practice (a family emoji has 11 units, a stack of marks a few dozen). */
const reach = 64;

function before(text: string, cursor: number): number {
  const last = clusters(text.slice(Math.max(0, cursor - reach), cursor)).at(-1);
  return cursor - (last?.length ?? 0);
}

function after(text: string, cursor: number): number {
  const [first] = clusters(text.slice(cursor, cursor + reach));
  return cursor + (first?.length ?? 0);
}

const wordBefore = (text: string, cursor: number) =>
  text.slice(0, cursor).replace(/[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u, "").length;

function wordAfter(text: string, cursor: number): number {
  const word = /^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(text.slice(cursor));
  return cursor + (word?.[0].length ?? 0);
}
