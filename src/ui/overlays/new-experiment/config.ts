import { findNodeAtLocation, getNodeValue, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { ExperimentConfig } from "../../../contract/experiment.js";

/** What is wrong with a config, where it is; `offset` is into the text. */
export interface ConfigProblem {
  readonly message: string;
  readonly offset: number;
}

export type ParsedConfig =
  | { readonly value: Record<string, unknown>; readonly problem: null }
  | { readonly value: null; readonly problem: ConfigProblem };

/**
 * The config as the server gets it. Comments and trailing commas are allowed. Fields that the lab reads must fit the
 * contract; all others are the template's own and are kept as they are.
 */
export function parseConfig(text: string): ParsedConfig {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined && text.trim() !== "") return wrong(inWords(error), error.offset);
  if (tree === undefined) return { value: {}, problem: null };
  if (tree.type !== "object") return wrong("must be an object: { … }", tree.offset);
  const value = getNodeValue(tree) as Record<string, unknown>;
  const checked = ExperimentConfig.safeParse(value);
  const issue = checked.error?.issues[0];
  if (issue === undefined) return { value, problem: null };
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  const node = path.length === 0 ? tree : findNodeAtLocation(tree, path);
  return wrong(`${path.join(".")}: ${inPlainWords(issue.message)}`, node?.offset ?? tree.offset);
}

/** `line:column`, both from one. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** zod speaks of types; a person wants to know what to write. */
function inPlainWords(message: string): string {
  return message
    .replace(/^Invalid input: /, "")
    .replace(/^Too small: expected (?:string|array) to have >=1 (?:characters|items)$/, "must not be empty")
    .replace(/^Too (?:small|big): expected (?:number|int|bigint) to be (<=?|>=?)\s*/, "must be $1 ");
}

const wrong = (message: string, offset: number): ParsedConfig => ({ value: null, problem: { message, offset } });

function inWords(error: ParseError): string {
  return printParseErrorCode(error.error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();
}
