import { z } from "zod";
import { Refusal } from "./answer.js";

/** The value, or a 422 whose `errors` read like the real service's: a path and what is wrong there. */
export function validated<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refusal(422, "Request validation failed.", {
    errors: parsed.error.issues.flatMap((issue) => words(issue, value)),
  });
}

function words(issue: z.core.$ZodIssue, root: unknown): string[] {
  const parent = issue.path.slice(0, -1);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => `${at(issue.path)}: additional properties '${key}' not allowed`);
    case "invalid_type":
      return valueAt(root, issue.path) === undefined
        ? [`${at(parent)}: missing property '${String(issue.path.at(-1) ?? "body")}'`]
        : [`${at(issue.path)}: got ${kind(valueAt(root, issue.path))}, want ${issue.expected}`];
    case "invalid_value":
      return [`${at(issue.path)}: value must be one of ${issue.values.map((one) => `'${String(one)}'`).join(", ")}`];
    case "too_small":
      return [`${at(issue.path)}: minimum: got ${show(valueAt(root, issue.path))}, want ${issue.minimum}`];
    case "too_big":
      return [`${at(issue.path)}: maximum: got ${show(valueAt(root, issue.path))}, want ${issue.maximum}`];
    default:
      return [`${at(issue.path)}: ${issue.message}`];
  }
}

const at = (path: readonly PropertyKey[]): string => ["$", ...path.map(String)].join(".");

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    root,
  );
}

const kind = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
const show = (value: unknown): string => (typeof value === "number" ? String(value) : JSON.stringify(value));

/** Query values arrive as text; numbers among them are checked as numbers. */
export const wholeNumber = (options: { min: number; max?: number }) =>
  z.coerce
    .number()
    .int()
    .min(options.min)
    .max(options.max ?? Number.MAX_SAFE_INTEGER);

/** `a,b` and `a&key=b` alike. */
export const listed = (query: URLSearchParams, name: string): readonly string[] | undefined =>
  query.has(name)
    ? query
        .getAll(name)
        .flatMap((value) => value.split(","))
        .filter((value) => value !== "")
    : undefined;
