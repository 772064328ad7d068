import type { ChainEvent } from "./event.js";
import type { Format } from "./format.js";
import { formats } from "./formats/index.js";
import { stripEscapes } from "./terminal-line.js";

/** Of a line with many carriage returns (a progress bar of hours) only the last states are read. */
const statesRead = 8;

/** `[rank : logger] *LEVEL* message`, anywhere in a line: mpirun and srun put tags of their own before it. */
const prefix = /\[(?:(\d+) : )?([\w.\- ]+)\] (?:\*(?:WARNING|ERROR)\* )?(.*)$/;

/** The start of another rank's line inside this one: two ranks wrote at once and a newline came late. */
const nextRank = /(?!^)(?=\[\d+ : [\w.\- ]+\] )/;

/** Tags that launchers put first: `mpirun --tag-output` and `srun -l`. Group 1 or 2 is the rank. */
const launcherTag = /^(?:\[\d+,(\d+)\]<std(?:out|err)>:|\s*(\d+): )/;

const needles = withoutCovered(
  formats.flatMap((format) => format.needles).filter((needle) => needle !== "/" && needle !== "="),
);

/** Without those that hold another one: `loss:` is found by `loss`. */
function withoutCovered(all: readonly string[]): readonly string[] {
  return [...new Set(all)].filter((needle) => !all.some((other) => other !== needle && needle.includes(other)));
}

/** Whether a line may hold anything the parser knows. Never false for one that parses; may be true for one that does not. */
export function mightMatter(line: string): boolean {
  const codeAt = (at: number) => line.charCodeAt(at);
  return needles.some((needle) => line.includes(needle)) || hasCounter(line, codeAt) || hasPair(line, codeAt);
}

/** The same of a chunk of many lines as it was read: decoding it first would cost as much as the search. */
export function mightMatterIn(chunk: Buffer): boolean {
  const codeAt = (at: number) => chunk[at] ?? 0;
  return needles.some((needle) => chunk.includes(needle)) || hasCounter(chunk, codeAt) || hasPair(chunk, codeAt);
}

interface Searched {
  indexOf(what: string, from?: number): number;
}

/** `name=1` or `name: 1`. */
function hasPair(text: Searched, codeAt: (at: number) => number): boolean {
  for (let at = text.indexOf("="); at !== -1; at = text.indexOf("=", at + 1)) {
    if (isWordCode(codeAt(at - 1)) && isNumberCode(codeAt(at + 1))) return true;
  }
  for (let at = text.indexOf(": "); at !== -1; at = text.indexOf(": ", at + 2)) {
    if (isWordCode(codeAt(at - 1)) && isNumberOrBlank(codeAt(at + 2))) return true;
  }
  return false;
}

/** Letters, digits and _; also signs between the two cases, which no name ends with. */
const isWordCode = (code: number) => (code >= 65 && code <= 122) || isDigit(code);
const isDigit = (code: number) => code >= 48 && code <= 57;
/** A number begins with a digit, a sign or a point. */
const isNumberCode = (code: number) => isDigit(code) || code === 43 || code === 45 || code === 46;
const isNumberOrBlank = (code: number) => isNumberCode(code) || code === 32;

/** `k/N`, blanks allowed: paths have many slashes, few of them between digits. */
function hasCounter(text: Searched, codeAt: (at: number) => number): boolean {
  for (let at = text.indexOf("/"); at !== -1; at = text.indexOf("/", at + 1)) {
    if (isDigitOrBlank(codeAt(at - 1)) && isDigitOrBlank(codeAt(at + 1))) return true;
  }
  return false;
}

const isDigitOrBlank = (code: number) => isDigit(code) || code === 32;

/**
 * What one line of output says; nothing for a line of no interest. The line may carry ANSI codes, carriage returns and
 * launcher tags, and may hold the glued lines of several ranks.
 */
export function parseLine(text: string): readonly ChainEvent[] {
  if (!mightMatter(text)) return [];
  const states = text.includes("\r") ? text.split("\r").filter((state) => state.trim() !== "") : [text];
  return states.slice(-statesRead).flatMap((state) => stripEscapes(state).split(nextRank).flatMap(parsePiece));
}

function parsePiece(piece: string): readonly ChainEvent[] {
  const { rank, line, message } = anatomy(piece);
  const events: ChainEvent[] = [];
  const spoken = new Set<Format["family"]>();
  for (const format of formats) {
    const body = format.reads === "line" ? line : message;
    if (body === null || spoken.has(format.family)) continue;
    const found = parseFormat(format, body, rank);
    if (found.length > 0) spoken.add(format.family);
    events.push(...found);
  }
  return events;
}

/** Who speaks: Cobaya's own rank, else the launcher's; what stands behind the launcher's tag, and behind Cobaya's prefix. */
function anatomy(piece: string) {
  const [tag = "", mpirunRank, srunRank] = launcherTag.exec(piece) ?? [];
  const [, cobayaRank, , message = null] = prefix.exec(piece) ?? [];
  return { rank: Number(cobayaRank ?? mpirunRank ?? srunRank ?? 0), line: piece.slice(tag.length), message };
}

function parseFormat(format: Format, body: string, rank: number): readonly ChainEvent[] {
  for (const { re, events } of format.patterns) {
    const groups = re.exec(body);
    if (groups !== null) return events(groups, rank);
  }
  return [];
}
