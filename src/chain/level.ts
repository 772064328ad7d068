import type { LogLevel } from "../contract/log-entry.js";
import { stripEscapes } from "./terminal-line.js";

/** Only the head of a line is looked at: a word like "error" far inside a message says nothing about its level. */
export const headLength = 200;
/** An object of JSON has its level in a field that may come late. */
export const jsonHeadLength = 1024;

/** Without one of these no shape below can match: nearly every line is done here. */
const hint =
  /trace|debug|warn|err|crit|fatal|exception|panic|abort|terminat|kill|fault|severe|alert|emerg|process received|npm |┌/i;
/** The shapes without such a word; they stand at the start. */
const startHint =
  /^(?:<\d|\s*\{|\s*(?:\[[^\]]{0,40}\]:?\s*)?\[?[IWEFD]\d{4} |(?:\d{4}-\d\d-\d\d [\d:.]+: |\[)[IWEF] |(?:node:|file:|\/)\S*[jt]s:\d+$)/;

const named: Readonly<Record<string, LogLevel>> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  notice: "info",
  warn: "warn",
  warning: "warn",
  err: "error",
  error: "error",
  critical: "error",
  crit: "error",
  fatal: "error",
  severe: "error",
  alert: "error",
  emergency: "error",
  panic: "error",
  i: "info",
  w: "warn",
  e: "error",
  f: "error",
  d: "debug",
};
const words = "trace|debug|warn(?:ing)?|err(?:or)?|critical|fatal|severe";
const shouted = "TRACE|DEBUG|INFO|WARN(?:ING)?|ERR(?:OR)?|CRITICAL|FATAL";

/** What may stand before the level: a launcher's or logger's tag in brackets, a time, a `name - ` or `prog: ` field. */
const lead = [
  String.raw`\[(?!\s*(?:${words})\s*\])[^\]]{0,40}\](?:<std(?:out|err)>:|:(?= ))?`,
  String.raw`\(\w[^)]{0,30}pid=[^)]{0,40}\)`,
  String.raw`\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?:?`,
  String.raw`\d\d:\d\d:\d\d(?:[.,]\d+)?`,
  String.raw`\d{1,4}:(?= )`,
  String.raw`[\w.]{1,40} - (?=(?:${words})\b)`,
  String.raw`[\w.]{1,80}:? (?=\[(?:${words})\])`,
  String.raw`[-|:](?= )`,
].join("|");
const start = String.raw`^\s*(?:(?:${lead})\s*)*`;

const marked = new RegExp(String.raw`${start}[*\[(<]?\s*(${words})(?:\s*[*\])>]|:|\s+[-|]|\s|\[|$)`, "i");

/** How tools mark a level otherwise. Group 1 is a word or letter of `named`. */
const shapes: readonly RegExp[] = [
  // A time and a name before it, in capitals: `2026-01-01 12:00:00,123 root ERROR failed`.
  new RegExp(String.raw`^\s*\[?\d{4}-\d\d-\d\d[T ]\S+ +[\w.:/\-[\]]{1,60} +(${shouted})\b`),
  // env_logger and tini: the level inside the brackets.
  new RegExp(String.raw`^\s*\[(?:\d{4}-\d\d-\d\dT\S+ +)?(${shouted}) [^\]]{0,80}\]`),
  // glog, absl, torch: `E0101 12:00:00.123 77 file.cc:12]`, also behind `[rank0]:[`.
  /^\s*(?:\[[^\]]{0,40}\]:?\s*)?\[?([IWEFD])\d{4} \d\d:\d\d:\d\d/,
  // TensorFlow and c10: `2026-01-01 12:00:00.123: W path/file.cc:64]`, `[E file.cpp:828]`.
  /^(?:\d{4}-\d\d-\d\d [\d:.]+: |\[)([IWEF]) [\w./-]{1,80}\.(?:cc|cpp|cu|h|py):\d+\]/,
  // A program says who it is: `slurmstepd: error:`, `foo.c:3:5: warning:`, `train.py: error:`.
  /^\s*[\w./+-]{1,100}(?:\[\d+\])?(?::\d+){0,2}: (debug|warning|error|fatal|fatal error)(?=\d?:)/i,
  // Python's warnings: `/path/file.py:12: UserWarning: …`, `foo:3: DeprecationWarning: …`.
  /^\s*\S{1,160}:\d+: \w{0,40}(Warning): /,
  /\[\d+\] NCCL (WARN|INFO) /,
  /^npm (ERR|WARN)!? /,
  /^(?:ts|time|level)=.{0,100}?\blevel="?(\w+)|^level="?(\w+)/i,
  // Julia's logger draws a box.
  /^┌ (Warning|Error|Debug):/,
];

/** What raises no doubt without any word of level. */
const raised = new RegExp(
  [
    String.raw`${start}(?:Traceback \(most recent call last\)|Traceback\b|\+ Exception Group Traceback|(?:Uncaught )?[\w.$]*(?:Error|Exception)(?:: |:?$)|Exception in thread )`,
    String.raw`^\s*(?:[\w./-]+: line \d+: +\d+ )?(?:Segmentation fault|Aborted|Killed|Bus error|Floating point exception|Illegal instruction)(?: +\(core dumped\)| {3,}\S|$)`,
    String.raw`^terminate called |^thread '[^']{0,60}' (?:\(\d+\) )?panicked at |^panic: |^goroutine \d+ \[running\]`,
    String.raw`^==\d+==\s*ERROR: |^forrtl: severe |^Fortran runtime error|^Program received signal SIG|^Execution halted$`,
    String.raw`^(?:node:internal/|file://|/)\S*\.?[cm]?[jt]?s?:\d+$`,
    String.raw`\*\*\* Process received signal \*\*\*|^MPI_ABORT was invoked|^Abort\(\d+\) on node |^application called MPI_Abort|^Fatal error in \w*MPI_|^mpi(?:run|exec) (?:detected|noticed) that|BAD TERMINATION OF ONE OF YOUR`,
  ].join("|"),
);

/**
 * Level of a line of output, by the word at its start (after tags and times), by the field of a line of JSON or by a syslog
 * priority: `debug` for TRACE and DEBUG, `warn`, `error` also for CRITICAL, FATAL and the first and last line of a
 * traceback, `info` for everything unmarked.
 */
export function levelOf(line: string): LogLevel {
  const head = line.slice(0, headLength);
  if (!hint.test(head) && !startHint.test(head)) return "info";
  if (/^\s*\{/.test(head)) return levelOfJson(line.slice(0, jsonHeadLength)) ?? "info";
  const text = stripEscapes(head);
  return levelOfPriority(text) ?? levelOfWord(text) ?? (raised.test(text) ? "error" : "info");
}

function levelOfWord(text: string): LogLevel | undefined {
  const word = marked.exec(text)?.[1] ?? wordOf(text);
  return word === undefined ? undefined : (named[word.toLowerCase().split(" ")[0] ?? ""] ?? "info");
}

function wordOf(text: string): string | undefined {
  for (const shape of shapes) {
    const found = shape.exec(text);
    if (found !== null) return found[1] ?? found[2];
  }
  return undefined;
}

/** Syslog's severity is the priority modulo 8. */
function levelOfPriority(text: string): LogLevel | undefined {
  const priority = /^<(\d{1,3})>/.exec(text)?.[1];
  if (priority === undefined) return undefined;
  const severity = Number(priority) % 8;
  if (severity <= 3) return "error";
  if (severity === 4) return "warn";
  return severity === 7 ? "debug" : "info";
}

const jsonField = /"(?:level|levelname|level_name|severity|lvl|log\.level|loglevel)"\s*:\s*(?:"(\w+)"|(\d{1,2})\b)/i;

/** A field by name, not by parsing: the line may be cut, and there may be millions. Numbers are those of pino and bunyan. */
function levelOfJson(text: string): LogLevel | undefined {
  const [, word, number] = jsonField.exec(text) ?? [];
  if (word !== undefined) return named[word.toLowerCase()];
  if (number === undefined) return undefined;
  const rank = Number(number);
  if (rank >= 50) return "error";
  if (rank >= 40) return "warn";
  return rank >= 30 ? "info" : "debug";
}
