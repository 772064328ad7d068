import type { LogLevel } from "../contract/log-entry.js";
import { headLength, levelOf } from "./level.js";
import { stripEscapes } from "./terminal-line.js";

/** A longer one is no traceback: its further lines are judged by themselves. */
export const maxGroupLines = 1000;
export const maxGroupBytes = 256 * 1024;
/** Ranks whose tracebacks are interleaved; of more than this the oldest is let go. */
const maxOpen = 16;

/** What the line of a traceback may be followed by. */
interface Stage {
  readonly goesOn: RegExp | null;
  /** So many lines of any text may come, as long as they carry no level of their own. */
  readonly free?: number;
  /** Lines that lead to another stage; null ends the group with that line. */
  readonly turns?: readonly (readonly [RegExp, StageName | null])[];
}
type StageName =
  | "message"
  | "python"
  | "raised"
  | "numbered"
  | "julia"
  | "go"
  | "node"
  | "rust"
  | "mpi"
  | "warned"
  | "box";

/** Stack frames of any language that could be nothing else, whatever stood before. */
const frames =
  /^\s+at \S|^\s*\.\.\. \d+ (?:more|common frames)|^\s*(?:Caused by|Suppressed): |^\s+@ +\S|^frame #\d+: |^Exception raised from |^\s*what\(\): |^note: run with |^in expression starting at |^Node\.js v\d|^Calls: /;
const numbered = /^\s*(?:#\d+|\[\d+\]|\d+:)\s+\S|^\s{2,}\S/;
const python: readonly [RegExp, StageName] = [
  /^(?: *\+ Exception Group )?Traceback \(most recent call last\)/i,
  "python",
];
const listed: readonly [RegExp, StageName] = [
  /^(?:=+ )?(?:Stacktrace|Stack ?trace|stack backtrace|Call stack|Backtrace|Traceback)\b/i,
  "numbered",
];
const chained =
  /^During handling of the above exception|^The above exception was the direct cause|^CUDA kernel errors might|^For debugging consider passing CUDA|^Compile with `TORCH_USE|^Device-side assertion/;

const stages: Readonly<Record<StageName, Stage>> = {
  /** Any line of level warn or error. */
  message: { goesOn: frames, turns: [python, listed, [/^goroutine \d+ \[/, "go"], [/^Execution halted/, null]] },
  python: { goesOn: /^\s+\S|^> File /, turns: [[/^[A-Za-z_][\w.]*(?::|$)/, "raised"]] },
  raised: { goesOn: chained, turns: [python, [frames, "message"]] },
  numbered: { goesOn: numbered, turns: [[frames, "numbered"], listed] },
  julia: { goesOn: frames, free: 10, turns: [listed] },
  go: { goesOn: /^\s+\S|^[\w./*()$]+\(.*\)$|^created by |^goroutine \d+ \[|^exit status \d/ },
  node: { goesOn: frames, free: 3, turns: [[/^(?:Uncaught )?[\w.$]*Error\b/, "message"]] },
  rust: { goesOn: frames, free: 1, turns: [listed] },
  mpi: { goesOn: null, free: 14, turns: [[/^[-=]{10,}/, null]] },
  warned: { goesOn: null, turns: [[/^ {2}\S/, null]] },
  box: { goesOn: /^│/, turns: [[/^└/, null]] },
};

/** How a group that is not just a marked line begins. */
const heads: readonly (readonly [RegExp, StageName])[] = [
  python,
  listed,
  [/^┌ /, "box"],
  [/^ERROR: (?:LoadError: )?\w*(?:Error|Exception)\b/, "julia"],
  [/^(?:node:internal\/|file:\/\/|\/)\S*:\d+$/, "node"],
  [/^thread '/, "rust"],
  [/^panic: |^goroutine \d+ \[/, "go"],
  [/^==\d+==|^Program received signal|\*\*\* Process received signal/, "numbered"],
  [/^MPI_ABORT was|^mpi(?:run|exec) |BAD TERMINATION/, "mpi"],
  [/^\S+:\d+: \w*Warning: /, "warned"],
];

/** A traceback that may go on. */
export interface OpenGroup {
  /** Tag of the rank that speaks; each has its own. */
  readonly tag: string;
  /** Number of its first line. */
  readonly seq: number;
  readonly level: LogLevel;
  readonly stage: StageName;
  readonly free: number;
  readonly bytes: number;
  /** The line before was empty. */
  readonly gap: boolean;
}

/** What the next line may belong to; as JSON it goes with blocks and runs, so that reading may begin anywhere. */
export type OpenGroups = readonly OpenGroup[];
export const noGroups: OpenGroups = [];

export interface GroupedLine {
  readonly level: LogLevel;
  /** Number of the line that this one continues; null for a line that stands for itself. */
  readonly group: number | null;
  readonly open: OpenGroups;
}

export interface LineHead {
  readonly seq: number;
  /** Its beginning: `headLength` characters are enough. */
  readonly text: string;
  /** Of the whole line. */
  readonly bytes: number;
}

/**
 * Level of a line, and the traceback that it continues: such a line carries the level of its head. An empty line belongs
 * to none and ends none; two do.
 */
export function groupLine(open: OpenGroups, line: LineHead): GroupedLine {
  const level = levelOf(line.text);
  const isMarked = level === "warn" || level === "error";
  if (open.length === 0 && !isMarked) return { level, group: null, open };
  const said = partsOf(line.text);
  if (said.body.trim() === "") return { level: "info", group: null, open: afterEmpty(open, said.tag) };
  const going = open.filter((group) => line.seq - group.seq < maxGroupLines);
  const continued = continueGroup(going, said, { level, bytes: line.bytes });
  if (continued !== null) return continued;
  const others = going.filter((group) => group.tag !== said.tag);
  if (!isMarked) return { level, group: null, open: others.length === 0 ? noGroups : others };
  const stage = heads.find(([head]) => head.test(said.body))?.[1] ?? "message";
  const { seq, bytes } = line;
  const fresh: OpenGroup = { tag: said.tag, seq, level, stage, free: freeOf(stage), bytes, gap: false };
  return { level, group: null, open: [...others, fresh].slice(-maxOpen) };
}

interface Said {
  readonly text: string;
  readonly tag: string;
  /** Behind the tag. */
  readonly body: string;
}

function partsOf(head: string): Said {
  const text = stripEscapes(head.slice(0, headLength)).replace(/[\r\n]+$/, "");
  const tag = launcher.exec(text)?.[0] ?? "";
  return { text, tag, body: text.slice(tag.length) };
}

/** The line in the group that it continues; null when it continues none. */
function continueGroup(
  going: OpenGroups,
  { text, tag, body }: Said,
  line: { level: LogLevel; bytes: number },
): GroupedLine | null {
  for (const group of going) {
    if (group.tag !== "" && group.tag !== tag) continue;
    const next = follow(group, group.tag === "" ? text.trimEnd() : body, line);
    if (next === undefined) continue;
    const rest = going.filter((each) => each !== group);
    return { level: group.level, group: group.seq, open: next === null ? rest : [...rest, next] };
  }
  return null;
}

/** Tags that launchers put before each line: `mpirun --tag-output`, `srun -l`, torchrun, Ray, and Open MPI's own. */
const launcher =
  /^(?:\[\d+,\d+\]<std(?:out|err)>: ?|\[(?:default|rank)\d+\]: ?|\s{0,3}\d{1,5}: (?=\S|\s*$| {2})|\[[\w.-]{1,40}:\d+\] |\([\w.]{1,40} pid=[^)]{1,40}\) )/;

const freeOf = (stage: StageName): number => stages[stage].free ?? 0;

function afterEmpty(open: OpenGroups, tag: string): OpenGroups {
  if (open.length === 0) return open;
  const own = (group: OpenGroup) => group.tag.trim() === tag.trim();
  return open
    .filter((group) => !own(group) || !group.gap)
    .map((group) => (own(group) ? { ...group, gap: true } : group));
}

/** The group behind this line; null when the line ends it, undefined when it is not of this group. */
function follow(
  group: OpenGroup,
  body: string,
  line: { level: LogLevel; bytes: number },
): OpenGroup | null | undefined {
  const bytes = group.bytes + line.bytes;
  // An error is never hidden under a warning that happened to stand before it.
  if (bytes > maxGroupBytes || (line.level === "error" && group.level !== "error")) return undefined;
  const grown = { ...group, bytes, gap: false };
  const { goesOn, turns = [] } = stages[group.stage];
  for (const [turn, stage] of turns) {
    if (turn.test(body)) return stage === null ? null : { ...grown, stage, free: freeOf(stage) };
  }
  if (goesOn?.test(body) === true) return grown;
  if (group.free > 0 && line.level === "info") return { ...grown, free: group.free - 1 };
  return undefined;
}
