import { gapKind, type LogChunk } from "./log-chunk.js";

/** What a query asks of one line, worked out once. */
export interface LineTest {
  readonly pattern: RegExp | null;
  /** Position in `logLevels`. */
  readonly minimumKind: number;
  readonly marks: boolean;
}

/**
 * Patterns that see a line feed, or look at what is beside a match, could tell a line in the middle of a block from the same
 * line alone: for these each line is tested by itself. For all others a line that matches alone also starts a match in
 * the block, so that the engine may run over the block at full speed.
 */
const needsLineByLine = /\(\?[=!<]|\[\^|\\[WDsnrtvfpPuxc0]/;

const isPerLine = ({ source, flags }: RegExp) => flags.includes("s") || needsLineByLine.test(source);

/** Lines `from` to `to` (exclusive) of a chunk that match, as numbers counted from `base`. */
export function searchChunk(
  chunk: LogChunk,
  test: LineTest,
  range: { from: number; to: number; base: number },
): Uint32Array {
  const found = new Found(range.base);
  const { from, to } = range;
  if (test.pattern === null) collectByKind(chunk, test, range, found);
  else if (chunk.maxLevel >= test.minimumKind || test.marks) {
    if (chunk.isAscii && !isPerLine(test.pattern)) collectInBlock(chunk, test, range, found);
    else collectByLine(chunk, test, { from, to }, found);
  }
  return found.indexes();
}

class Found {
  private readonly base: number;
  private readonly numbers: number[] = [];

  constructor(base: number) {
    this.base = base;
  }

  add(line: number): void {
    this.numbers.push(this.base + line);
  }

  indexes(): Uint32Array {
    return Uint32Array.from(this.numbers);
  }
}

function passes(kind: number, { minimumKind, marks }: LineTest): boolean {
  return kind >= gapKind ? marks : kind >= minimumKind;
}

function collectByKind(
  chunk: LogChunk,
  test: LineTest,
  { from, to }: { from: number; to: number },
  found: Found,
): void {
  for (let at = from; at < to; at++) if (passes(chunk.kindAt(at), test)) found.add(at);
}

function collectByLine(
  chunk: LogChunk,
  test: LineTest,
  { from, to }: { from: number; to: number },
  found: Found,
): void {
  const pattern = lineTest(test.pattern);
  const text = chunk.text();
  let start = chunk.isAscii ? chunk.startOf(from) : startOfLine(text, from);
  for (let at = from; at < to; at++) {
    const end = text.indexOf("\n", start);
    const kind = chunk.kindAt(at);
    if (passes(kind, test) && (kind >= gapKind || pattern.test(text.slice(start, end)))) found.add(at);
    start = end + 1;
  }
}

function startOfLine(text: string, line: number): number {
  let start = 0;
  for (let at = 0; at < line; at++) start = text.indexOf("\n", start) + 1;
  return start;
}

function collectInBlock(
  chunk: LogChunk,
  test: LineTest,
  { from, to }: { from: number; to: number },
  found: Found,
): void {
  const text = chunk.text();
  const alone = lineTest(test.pattern);
  const inBlock = new RegExp(alone.source, `g${alone.flags}`);
  inBlock.lastIndex = chunk.startOf(from);
  let next = from;
  const marksUpTo = (line: number) => {
    if (test.marks) for (let at = next; at < line; at++) if (chunk.kindAt(at) >= gapKind) found.add(at);
  };
  for (let match = inBlock.exec(text); match !== null; match = inBlock.exec(text)) {
    const line = lineAt(chunk, match.index, next);
    if (line >= to || match.index >= chunk.used) break;
    marksUpTo(line);
    // A class like [\b-~] has the line feed in it without showing it.
    const isInside = match.index + match[0].length < chunk.endOf(line);
    const isHit = isInside || alone.test(text.slice(chunk.startOf(line), chunk.endOf(line) - 1));
    if (isHit && passes(chunk.kindAt(line), test)) found.add(line);
    next = line + 1;
    inBlock.lastIndex = chunk.endOf(line);
  }
  marksUpTo(to);
}

/** The line that holds a byte; not before `from`. */
function lineAt(chunk: LogChunk, offset: number, from: number): number {
  let [low, high] = [from, chunk.count - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (chunk.endOf(middle) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The pattern for one line. `g` and `y` would make a test depend on the one before; `m` is as in a block. */
function lineTest(pattern: RegExp | null): RegExp {
  return new RegExp(pattern?.source ?? "", `m${(pattern?.flags ?? "").replace(/[gymd]/g, "")}`);
}
