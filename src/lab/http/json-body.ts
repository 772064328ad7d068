import { nestsDeeperThan } from "../../core/json-depth.js";
import { LabError } from "../lab-error.js";

/** Deeper than any body of the contract; what walks a value may then be recursive. */
const maxDepth = 64;

/**
 * A body's text as a value. Refused, with the place: what is no JSON, what is nested too deep, NUL characters (SQLite ends a text there) and
 * fields named `__proto__` (a copy of the object would take them for its prototype).
 */
export async function parseJsonBody(text: string): Promise<unknown> {
  // Counted in the text, before anything walks a value that could be as deep as the body is long.
  if (nestsDeeperThan(text, maxDepth)) {
    throw new LabError("validation_error", `body: nested deeper than ${maxDepth} levels`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LabError("validation_error", `body: is no JSON: ${await faultOf(text)}`);
  }
  refuseContent(value, []);
  return value;
}

function refuseContent(value: unknown, path: readonly string[]): void {
  if (typeof value === "string") {
    if (value.includes("\0")) throw refused(path, "has a NUL character");
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    if (name === "__proto__" || name.includes("\0")) throw refused([...path, name], "no field may have this name");
    refuseContent(part, [...path, name]);
  }
}

const refused = (path: readonly string[], what: string) =>
  new LabError("validation_error", `${path.join(".").replaceAll("\0", "\\u0000") || "body"}: ${what}`);

/** The first fault with its place. JSON.parse does not always tell one, and quotes what stands there. */
async function faultOf(text: string): Promise<string> {
  const { parse, printParseErrorCode } = await import("jsonc-parser");
  const errors: import("jsonc-parser").ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const [fault] = errors;
  if (fault === undefined) return "it can't be read";
  const before = text.slice(0, fault.offset).split("\n");
  const words = printParseErrorCode(fault.error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${words}`;
}
