import { findNodeAtLocation, getNodeValue, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { z } from "zod";
import { FailureError } from "../core/failure.js";
import { nearest } from "../core/nearest.js";

/** The config file `config.json` (JSON with comments). Every field has a default; flags win over the environment over the file. */
export const Config = z.strictObject({
  $schema: z.string().optional(),
  /** Theme by file name in `themes/`; `auto` follows the terminal's background. */
  theme: z.string().default("auto"),
  charts: z.enum(["braille", "block", "ascii"]).default("braille"),
  readOnly: z.boolean().default(false),
  /** Command id → keys, e.g. `{"experiment.cancel": ["X"]}`. */
  keys: z.record(z.string(), z.array(z.string())).default({}),
  lab: z
    .strictObject({
      /** Experiments of one slot that may run at once; default is the number of CPUs. */
      cpuSlots: z.number().int().positive().optional(),
      /** What this machine costs per hour; unknown when absent. */
      costPerHourUsd: z.number().nonnegative().optional(),
      /** Let experiments that ask for a GPU run here without one. */
      acceptGpuJobs: z.boolean().optional(),
      telemetrySeconds: z.number().positive().optional(),
      /** Requests per minute the lab takes per token. */
      requestsPerMinute: z.number().int().positive().optional(),
    })
    .prefault({}),
});
export type Config = z.infer<typeof Config>;

/** Checks the text of a config file. A bad one is a failure that names file, line and field. */
export function parseConfig(file: string, text: string): Config {
  const errors: ParseError[] = [];
  const tree = text.trim() === "" ? undefined : parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    const where = `${file}:${lineOf(text, error.offset)}`;
    throw invalid(`${where}: ${printParseErrorCode(error.error)}`, "mend the file or move it away");
  }
  const parsed = Config.safeParse(tree === undefined ? {} : getNodeValue(tree));
  if (parsed.success) return parsed.data;
  const problem = problemOf(parsed.error);
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, problem.path);
  const line = lineOf(text, node?.parent?.offset ?? node?.offset ?? 0);
  throw invalid(`${file}:${line}: ${problem.path.join(".")}: ${problem.what}`, problem.hint);
}

const invalid = (message: string, hint: string) => new FailureError({ kind: "invalid", message, hint });

const lineOf = (text: string, offset: number) => text.slice(0, offset).split("\n").length;

/** The first thing that is wrong: where, what, and what was probably meant. */
function problemOf(error: z.ZodError): { path: (string | number)[]; what: string; hint: string } {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map((key) => (typeof key === "symbol" ? String(key) : key));
  if (issue?.code !== "unrecognized_keys") {
    return { path, what: issue?.message ?? "invalid", hint: "mend the field or remove it" };
  }
  const [key = ""] = issue.keys;
  const known = path[0] === "lab" ? Object.keys(Config.shape.lab.unwrap().shape) : Object.keys(Config.shape);
  const near = nearest(key, known);
  const hint = near === undefined ? "remove it" : `did you mean "${near}"?`;
  return { path: [...path, key], what: "there is no such field", hint };
}
