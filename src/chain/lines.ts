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

const needles = withoutCovered(formats.flatMap((format) => format.needles).filter((needle) => needle !== "/"));

/** Without those that hold another one: `loss:` is found by `loss`. */
function withoutCovered(all: readonly string[]): readonly string[] {
  return [...new Set(all)].filter((needle) => !all.some((other) => other !== needle && needle.includes(other)));
}

/** Whether a line may hold anything the parser knows. Never false for one that parses; may be true for one that does not. */
export function mightMatter(line: string): boolean {
  return needles.some((needle) => line.includes(needle)) || hasCounter(line, (at) => line.charCodeAt(at));
}

/** The same of a chunk of many lines as it was read: decoding it first would cost as much as the search. */
export function mightMatterIn(chunk: Buffer): boolean {
  return needles.some((needle) => chunk.includes(needle)) || hasCounter(chunk, (at) => chunk[at] ?? 0);
}

/** `k/N`, blanks allowed: paths have many slashes, few of them between digits. */
function hasCounter(text: { indexOf(what: string, from?: number): number }, codeAt: (at: number) => number): boolean {
  for (let at = text.indexOf("/"); at !== -1; at = text.indexOf("/", at + 1)) {
    if (isDigitOrBlank(codeAt(at - 1)) && isDigitOrBlank(codeAt(at + 1))) return true;
  }
  return false;
}

const isDigitOrBlank = (code: number) => (code >= 48 && code <= 57) || code === 32;

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
