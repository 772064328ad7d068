import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import type { Host } from "./command.js";

const problemMark = "// not saved: ";

/**
 * Lets the person edit a config in their editor until it is a JSON object (comments are allowed). null when they leave it
 * unchanged, which is also how to give up: what was typed is never thrown away before that.
 */
export async function editedConfig(
  host: Pick<Host, "edit">,
  config: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown> | null> {
  let text = `${JSON.stringify(config, null, 2)}\n`;
  for (;;) {
    const edited = await host.edit(text, ".json");
    if (edited === null) return null;
    const plain = withoutProblem(edited);
    const errors: ParseError[] = [];
    const value: unknown = parse(plain, errors, { allowTrailingComma: true });
    const problem = problemOf(plain, value, errors[0]);
    if (problem === null) return { ...(value as Record<string, unknown>) };
    text = `${problemMark}${problem}\n${plain}`;
  }
}

function withoutProblem(text: string): string {
  return text.startsWith(problemMark) ? text.slice(text.indexOf("\n") + 1) : text;
}

function problemOf(text: string, value: unknown, error: ParseError | undefined): string | null {
  if (error !== undefined) {
    const line = text.slice(0, error.offset).split("\n").length;
    const words = printParseErrorCode(error.error)
      .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
      .toLowerCase();
    return `line ${line}: ${words}`;
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? null : "must be an object: { … }";
}
