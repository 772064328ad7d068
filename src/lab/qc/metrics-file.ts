import { readFile } from "node:fs/promises";

const maxBytes = 1024 * 1024;

/** Python writes NaN and Infinity, which JSON does not know; as values they become strings and are told apart later. */
const bareWord = /(?<=[:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g;

/**
 * Numbers of `metrics.json`: an object of numbers, nested ones with dotted names. null stays out; NaN and infinity stay in,
 * as what they are. An answer of null: there is no such file; a string: why it can't be read.
 */
export async function readMetricsFile(file: string): Promise<Readonly<Record<string, number>> | null | string> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? null : message;
  }
  if (text.length > maxBytes) return "metrics.json is larger than 1 MiB";
  return parseMetrics(text);
}

export function parseMetrics(text: string): Readonly<Record<string, number>> | string {
  try {
    const value: unknown = JSON.parse(text.replace(bareWord, '"$1"'));
    return Object.fromEntries(flatten(value, ""));
  } catch (error) {
    return `metrics.json is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function flatten(value: unknown, name: string): [string, number][] {
  if (typeof value === "number") return [[name, value]];
  if (typeof value === "string" && /^(NaN|-?Infinity)$/.test(value)) return [[name, Number(value)]];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, name === "" ? key : `${name}.${key}`));
}
