/** CSI, OSC/DCS/APC/PM/SOS strings and two-byte escapes, 7-bit and 8-bit forms; also one cut off by the end of the line. */
// biome-ignore format: one alternative a line
const escapes = new RegExp(
  [
    String.raw`(?:\x1b\[|\x9b)[0-9:;<=>?]*[ -/]*(?:[@-~]|$)`,
    String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)`,
    String.raw`\x1b[ -/]*(?:[0-~]|$)`,
  ].join("|"),
  "g",
);
// The text of a line can hold anything: these are meant to match control characters.
const anyControl = /[\x00-\x1f\x7f-\x9f]/;
const controls = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;
/** What moves the cursor inside a line, or erases in it. */
const moves = /[\r\b]|(?:\x1b\[|\x9b)\d*[CDGK]/;
const rowMoves = /(?:\x1b\[|\x9b)\d*[ABEF]/;
const colour = /(?:\x1b\[|\x9b)[0-9:;]+m/;
const tabWidth = 8;

/** Text without terminal escape sequences; carriage returns and tabs stay. */
export function stripEscapes(text: string): string {
  return text.includes("\x1b") || text.includes("\x9b") ? text.replace(escapes, "") : text;
}

/**
 * One line of output as a terminal would show it in the end: the last state of a progress bar, tabs as blanks, no
 * escape sequences or control characters. Never contains anything that could move a cursor.
 */
export function displayLine(raw: string | Uint8Array): string {
  const text = typeof raw === "string" ? raw : decodeVisibly(raw);
  if (!anyControl.test(text)) return text;
  const flat = moves.test(text) ? textOf(replay(text)) : text.replace(escapes, "");
  return expandTabs(flat).replace(controls, "");
}

/**
 * The same line with its colours: {@link displayLine} with SGR sequences between its characters and nothing else that a
 * terminal could obey, reset at the end. null where the line has no colours.
 */
export function colouredLine(raw: string | Uint8Array): string | null {
  const text = typeof raw === "string" ? raw : decodeVisibly(raw);
  if (!colour.test(text)) return null;
  let [line, style, column] = ["", "", 0];
  const cells = replay(text);
  const end = moves.test(text) ? lastText(cells) + 1 : cells.length;
  for (const cell of cells.slice(0, end)) {
    const shown = cell.text === "\t" ? " ".repeat(tabWidth - (column % tabWidth)) : cell.text.replace(controls, "");
    if (shown === "") continue;
    if (cell.style !== style) line += `${style === "" ? "" : reset}${cell.style}`;
    style = cell.style;
    line += shown;
    column += shown.length;
  }
  if (style !== "") line += reset;
  return line.includes("\x1b") ? line : null;
}

const reset = "\x1b[0m";

/** UTF-8 as text; each byte that is not UTF-8 is shown as `\xNN`, so that binary output is seen and not swallowed. */
export function decodeVisibly(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return decodeByParts(bytes);
  }
}

function decodeByParts(bytes: Uint8Array): string {
  const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const end = Math.max(asciiEnd(bytes, at), at + sequenceLength(bytes[at] ?? 0));
    const piece = lenient.decode(bytes.subarray(at, end));
    if (isWellFormed(piece, bytes, at)) {
      text += piece;
      at = end;
    } else {
      text += `\\x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}`;
      at += 1;
    }
  }
  return text;
}

function asciiEnd(bytes: Uint8Array, from: number): number {
  const end = bytes.subarray(from).findIndex((byte) => byte >= 0x80);
  return end === -1 ? bytes.length : from + end;
}

/** How many bytes a UTF-8 character has that starts with this one. */
function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc2 ? 2 : 1;
}

/** Broken bytes decode to U+FFFD, which may also stand in the text itself (EF BF BD). */
function isWellFormed(piece: string, bytes: Uint8Array, at: number): boolean {
  return !piece.includes("\ufffd") || (piece === "\ufffd" && bytes[at] === 0xef && bytes[at + 2] === 0xbd);
}

/** A cursor sent further right than this stays here: nobody's line is that wide, and the row must not fill memory. */
const maxColumn = 4096;

/** One place of a row: its character, and the colours it was written in. */
interface Cell {
  readonly text: string;
  readonly style: string;
}

/**
 * Plays carriage return, backspace, cursor and erase-in-line on a row of cells. A cursor that leaves the row (nested bars
 * go up and down again) begins an empty one: the last row with anything in it is what stays.
 */
function replay(text: string): Cell[] {
  const row: Row = { cells: [], shown: [], column: 0, style: "" };
  const hasRows = text.includes("\r");
  const isKnown = (escape: string) => moves.test(escape) || isColour(escape) || (hasRows && rowMoves.test(escape));
  const known = text.replace(escapes, (escape) => (isKnown(escape) ? escape : ""));
  for (const [whole, count, command] of known.matchAll(played)) {
    if (command !== undefined) obey(row, command, count ?? "");
    else if (whole === "\r" || whole === "\b") row.column = columnAfter(row.column, whole, count);
    else for (const character of whole) row.cells[row.column++] = { text: character, style: row.style };
  }
  return Array.from(hasText(row.cells) ? row.cells : row.shown, (cell: Cell | undefined) => cell ?? blank);
}

const played = /(?:\x1b\[|\x9b)([0-9:;]*)([A-GKm])|[\r\b]|[^\x1b\x9b\r\b]+/g;

interface Row {
  cells: Cell[];
  /** The last row before this one with anything in it. */
  shown: Cell[];
  column: number;
  style: string;
}

function obey(row: Row, command: string, parameters: string): void {
  if (command === "m") row.style = styleAfter(row.style, parameters);
  else if (command === "K") erase(row.cells, row.column, parameters);
  else if ("ABEF".includes(command)) {
    if (hasText(row.cells)) row.shown = row.cells;
    row.cells = [];
    if (command === "E" || command === "F") row.column = 0;
  } else row.column = columnAfter(row.column, command, parameters);
}

const blank: Cell = { text: " ", style: "" };
/** Index of the last cell that is not blank; -1 when all are. Cells may be missing where the cursor jumped. */
const lastText = (cells: readonly (Cell | undefined)[]) =>
  cells.findLastIndex((cell) => (cell?.text.trim() ?? "") !== "");
const hasText = (cells: readonly Cell[]) => lastText(cells) !== -1;
const textOf = (cells: readonly Cell[]) =>
  cells
    .map(({ text }) => text)
    .join("")
    .trimEnd();
const isColour = (escape: string) =>
  escape.endsWith("m") && !/[^0-9:;]/.test(escape.slice(escape.startsWith("\x9b") ? 1 : 2, -1));

/** Colours add up until they are reset; of what never resets them only the newest is kept. */
function styleAfter(before: string, parameters: string): string {
  if (/^[0;]*$/.test(parameters) || parameters.length > 64) return "";
  const own = `\x1b[${parameters}m`;
  const style = /^0+;/.test(parameters) || before.endsWith(own) ? own : before + own;
  return style.length > 128 ? own : style;
}

/** Erase in line: 0 or nothing is to the end, 1 is from the start, 2 is everything. */
function erase(cells: Cell[], column: number, part: string): void {
  if (part === "1") cells.fill(blank, 0, Math.min(column + 1, cells.length));
  else cells.length = part === "2" ? 0 : Math.min(cells.length, column);
}

function columnAfter(column: number, command: string, countText: string | undefined): number {
  const count = Math.max(1, Number(countText === "" || countText === undefined ? 1 : countText));
  const target = { C: column + count, D: column - count, G: count - 1, "\b": column - 1 }[command] ?? 0;
  return Math.max(0, command === "C" || command === "G" ? Math.min(target, Math.max(column, maxColumn)) : target);
}

function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  let line = "";
  for (const part of text.split(/(\t)/)) line += part === "\t" ? " ".repeat(tabWidth - (line.length % tabWidth)) : part;
  return line;
}
