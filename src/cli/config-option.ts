import { readFileSync } from "node:fs";
import { FailureError } from "../core/failure.js";

/** The value of `--config`: `{"seed": 1}` or `@config.json`. What is wrong with it is told with file, line and column. */
export async function readConfigOption(option: string): Promise<Record<string, unknown>> {
  const file = option.startsWith("@") ? option.slice(1) : null;
  const text = file === null ? option : readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(file, await faultOf(text));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(file, 'must be a JSON object, for example {"script": "run.py"}');
  }
  return { ...value };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message : String(error));
  }
}

/** The first fault with its place: JSON.parse does not always tell one. */
async function faultOf(text: string): Promise<string> {
  const { parse, printParseErrorCode } = await import("jsonc-parser");
  const errors: import("jsonc-parser").ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const [fault] = errors;
  if (fault === undefined) return "is not JSON";
  const before = text.slice(0, fault.offset).split("\n");
  const words = printParseErrorCode(fault.error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${words}`;
}

function invalid(file: string | null, what: string): FailureError {
  return new FailureError({ kind: "invalid", message: `--config${file === null ? "" : ` ${file}`}: ${what}` });
}
