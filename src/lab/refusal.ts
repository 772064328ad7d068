import type { z } from "zod";
import { nearest } from "../core/nearest.js";
import { LabError } from "./lab-error.js";

/** What is wrong with a value, first fields first: `priority: must be one of critical, high, normal, low (was "urgent")`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.slice(0, 3).map(describeIssue).join("; ");
}

/** The value as the schema has it, or a `validation_error` that names the fields; `where` goes before them. */
export function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, value: unknown, where = ""): z.output<Schema> {
  const parsed = schema.safeParse(value, inWords);
  if (parsed.success) return parsed.data;
  throw new LabError("validation_error", `${where}${describeIssues(parsed.error)}`);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${[...path, key].join(".")}: ${issue.message}`).join("; ");
  }
  return path.length === 0 ? issue.message : `${path.join(".")}: ${issue.message}`;
}

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** Words for what a schema itself has none for; what it says wins. */
const inWords: z.core.ParseContext<z.core.$ZodIssue> = {
  error: (issue) => wordsOf(issue),
};

type Words = { readonly [Code in RawIssue["code"]]?: (issue: Extract<RawIssue, { code: Code }>) => string };

const words: Words = {
  invalid_type: (issue) => `must be ${typeWords[issue.expected] ?? issue.expected}${wasWords(issue)}`,
  invalid_value: (issue) => `must be ${oneOf(issue.values)}${wasWords(issue)}`,
  too_small: (issue) =>
    `must ${sizeWords(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum)}${wasWords(issue)}`,
  too_big: (issue) =>
    `must ${sizeWords(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum)}${wasWords(issue)}`,
  invalid_format: (issue) =>
    `must be ${formatWords[issue.format] ?? `of the form ${issue.pattern ?? issue.format}`}${wasWords(issue)}`,
  not_multiple_of: (issue) => `must be a multiple of ${issue.divisor}${wasWords(issue)}`,
  unrecognized_keys: (issue) => unknownWords(issue.keys, issue.inst),
  invalid_union: (issue) => unionWords(issue),
};

const wordsOf = (issue: RawIssue): string | undefined => words[issue.code]?.(issue as never);

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

const formatWords: Readonly<Record<string, string>> = {
  url: "a URL",
  email: "an e-mail address",
  datetime: "a time like 2026-11-22T10:00:00Z",
  date: "a date like 2026-11-22",
  uuid: "a UUID",
  base64: "base64",
};

const oneOf = (values: readonly unknown[]) =>
  values.length === 1 ? JSON.stringify(values[0]) : `one of ${values.map(String).join(", ")}`;

function sizeWords(origin: string, bound: string, size: number | bigint): string {
  const plural = (noun: string) => `have ${bound} ${size} ${noun}${Number(size) === 1 ? "" : "s"}`;
  if (origin === "string") return plural("character");
  if (origin === "array" || origin === "set")
    return plural("entr")
      .replace(/entrs$/, "entries")
      .replace(/entr$/, "entry");
  if (origin === "object" || origin === "map") return plural("field");
  return `be ${bound} ${size}`;
}

/** What a record of secrets holds is never repeated. */
const secretName = /token|key|secret|password|authorization|env/i;
const longestShown = 60;

/** What was given, as far as it can be shown. Short, and nothing of what may be a secret. */
function wasWords({ input, path }: RawIssue): string {
  if (input === undefined) return " (is missing)";
  // A word where a number should stand, in an address: what it was is not known any more.
  if (Number.isNaN(input)) return "";
  const name = path?.map(String).join(".") ?? "";
  if (secretName.test(name)) return "";
  if (typeof input === "object" && input !== null) return ` (was ${Array.isArray(input) ? "a list" : "an object"})`;
  if (typeof input === "string" && input.length > longestShown) return ` (had ${input.length} characters)`;
  if (typeof input === "bigint") return ` (was ${input})`;
  return ` (was ${JSON.stringify(input)})`;
}

function unknownWords(keys: readonly string[], schema: unknown): string {
  const { shape } = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def ?? {};
  const allowed = Object.keys(shape ?? {});
  if (allowed.length === 0) return "unknown; nothing is taken here";
  const meant = keys.length === 1 ? nearest(keys[0] ?? "", allowed) : undefined;
  return `unknown${meant === undefined ? "" : ` (did you mean ${meant}?)`}; allowed are ${allowed.join(", ")}`;
}

/** Of what may be several things: what each would have to be, or the one that came furthest. */
function unionWords(issue: RawIssue & { code: "invalid_union" }): string {
  const first = issue.errors.flatMap(([problem]) => (problem === undefined ? [] : [problem]));
  const deepest = first.find(({ path }) => path.length > 0);
  if (deepest !== undefined) return describeIssue(deepest);
  const kinds = first.map(({ message }) => message.replace(/^must /, "").replace(/ \((?:was|had) [^()]*\)$/, ""));
  return kinds.length === 0
    ? `is none of what is allowed${wasWords(issue)}`
    : `must ${[...new Set(kinds)].join(" or ")}${wasWords(issue)}`;
}
