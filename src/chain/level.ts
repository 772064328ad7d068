import type { LogLevel } from "../contract/log-entry.js";
import { stripEscapes } from "./terminal-line.js";

/** Only the head of a line is looked at: a word like "error" far inside a message says nothing about its level. */
const headLength = 80;

const hint = /trace|debug|warn|err|crit|fatal|exception/i;
const named: Readonly<Record<string, LogLevel>> = {
  trace: "debug",
  debug: "debug",
  warn: "warn",
  warning: "warn",
  err: "error",
  error: "error",
  critical: "error",
  fatal: "error",
};
const words = "trace|debug|warn(?:ing)?|err(?:or)?|critical|fatal";

/** What may stand before the level: a launcher's or logger's tag in brackets, a time, a `name - ` field. */
const lead = [
  String.raw`\[(?!\s*(?:${words})\s*\])[^\]]{0,40}\](?:<std(?:out|err)>:)?`,
  String.raw`\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?`,
  String.raw`\d\d:\d\d:\d\d(?:[.,]\d+)?`,
  String.raw`\d{1,4}:(?= )`,
  String.raw`[\w.]{1,40} - (?=(?:${words})\b)`,
  String.raw`[-|:](?= )`,
].join("|");

const marked = new RegExp(String.raw`^\s*(?:(?:${lead})\s*)*[*\[(<]?\s*(${words})(?:\s*[*\])>]|:|\s+[-|]|\s|$)`, "i");
const raised = new RegExp(
  String.raw`^\s*(?:(?:${lead})\s*)*(?:Traceback \(most recent call last\)|Traceback\b|[\w.]*(?:Error|Exception)(?::|$))`,
);

/**
 * Level of a line of output, by the word at its start (after tags and times): `debug` for TRACE and DEBUG, `warn`,
 * `error` also for CRITICAL, FATAL and the first and last line of a traceback, `info` for everything unmarked.
 */
export function levelOf(line: string): LogLevel {
  const head = line.slice(0, headLength);
  if (!hint.test(head) && !head.includes("Traceback")) return "info";
  const text = stripEscapes(head);
  const word = marked.exec(text)?.[1];
  if (word !== undefined) return named[word.toLowerCase()] ?? "info";
  return raised.test(text) ? "error" : "info";
}
