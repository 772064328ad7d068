import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";

const maxBytes = 1024 * 1024;

/** Python writes NaN and Infinity, which JSON does not know; as values they become strings and are told apart later. */
const bareWord = /(?<=[:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g;

/**
 * A JSON file of results, with NaN and infinity as Python writes them. null: there is no such file; a string: why it can't be
 * read.
 */
export async function readResultFile(file: string): Promise<{ readonly value: unknown } | null | string> {
  try {
    const { size } = await stat(file);
    if (size > maxBytes) return `${basename(file)} is larger than 1 MiB`;
    return parseResult(await readFile(file, "utf8"), basename(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? null : message;
  }
}

function parseResult(text: string, name: string): { readonly value: unknown } | string {
  try {
    return { value: JSON.parse(text.replace(bareWord, '"$1"')) as unknown };
  } catch (error) {
    return `${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Numbers of `metrics.json`; a string: why it can't be read. */
export function parseMetrics(text: string): Readonly<Record<string, number>> | string {
  const parsed = parseResult(text, "metrics.json");
  return typeof parsed === "string" ? parsed : numbersOf(parsed.value);
}

/** An object of numbers: nested ones get dotted names, null and lists stay out, NaN and infinity stay in as what they are. */
export function numbersOf(value: unknown): Readonly<Record<string, number>> {
  const numbers: [string, number][] = [];
  for (const [name, leaf, inList] of leaves(value)) {
    const number = numberOf(leaf);
    if (number !== null && !inList) numbers.push([name, number]);
  }
  return Object.fromEntries(numbers);
}

/** Where a result file says NaN or infinity, in lists too: `loss`, `chain.3`. */
export function notFiniteIn(value: unknown): readonly { readonly name: string; readonly value: string }[] {
  const found: { name: string; value: string }[] = [];
  for (const [name, leaf] of leaves(value)) {
    const number = numberOf(leaf);
    if (number !== null && !Number.isFinite(number))
      found.push({ name: name === "" ? "the file" : name, value: String(number) });
  }
  return found;
}

const numberOf = (leaf: unknown): number | null => {
  if (typeof leaf === "number") return leaf;
  return typeof leaf === "string" && /^(NaN|-?Infinity)$/.test(leaf) ? Number(leaf) : null;
};

/** Everything that holds nothing itself, with its dotted name; without recursion, since a file may be deeper than any stack. */
function* leaves(root: unknown): Generator<readonly [name: string, leaf: unknown, inList: boolean]> {
  const open: (readonly [string, unknown, boolean])[] = [["", root, false]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [name, value, inList] = next;
    if (typeof value !== "object" || value === null) {
      yield next;
      continue;
    }
    const isList = inList || Array.isArray(value);
    const entries = Object.entries(value).map(
      ([key, inner]) => [name === "" ? key : `${name}.${key}`, inner, isList] as const,
    );
    open.push(...entries.reverse());
  }
}
