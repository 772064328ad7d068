import { glob } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Hashed, Reproduction } from "../../../contract/qc.js";
import { expandHome } from "../../runs/command.js";
import type { HashFile } from "./hash-file.js";

export const mostInputs = 1000;
/** Hashing more takes longer than anybody waits; such a file is recorded with size and time, and without a hash. */
const maxInputBytes = 64 * 1024 ** 3;

export type Inputs = Pick<Reproduction, "inputs" | "inputsLeft">;

export interface InputPlaces {
  readonly home: string;
  /** Where relative ones are looked for. */
  readonly dirs: readonly string[];
  readonly hash: HashFile;
}

export const isPattern = (path: string) => /[*?[\]{}]/.test(path);

/** The files that `config.inputs` names, hashed one after the other: a disk is faster that way, and the run needs it too. */
export async function inputFacts(wanted: readonly string[], places: InputPlaces): Promise<Inputs> {
  const inputs: Hashed[] = [];
  let left = 0;
  for (const each of wanted) {
    const paths = await pathsOf(expandHome(each, places.home), places);
    for (const path of paths) {
      if (inputs.some((known) => known.path === path)) continue;
      if (inputs.length < mostInputs) inputs.push(await places.hash(path, maxInputBytes));
      else left += 1;
    }
    if (paths.length === 0) inputs.push(missing(each));
  }
  return { inputs, inputsLeft: left };
}

const missing = (path: string): Hashed => ({
  path,
  bytes: null,
  modifiedAt: null,
  sha256: null,
  reason: isPattern(path) ? "no file matches" : "missing",
});

/** Of the first directory that has any; a pattern that matches more than fits is read a little further, to say so. */
async function pathsOf(wanted: string, { dirs, hash }: InputPlaces): Promise<readonly string[]> {
  for (const place of isAbsolute(wanted) ? [wanted] : dirs.map((dir) => join(dir, wanted))) {
    const found = isPattern(wanted) ? await matches(place) : await exists(place, hash);
    if (found.length > 0) return found;
  }
  return [];
}

async function matches(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of glob(pattern, { withFileTypes: true })) {
    if (entry.isFile() || entry.isSymbolicLink()) found.push(join(entry.parentPath, entry.name));
    if (found.length > 2 * mostInputs) break;
  }
  return found.sort();
}

async function exists(path: string, hash: HashFile): Promise<string[]> {
  const { reason } = await hash(path, 0);
  return reason === "missing" ? [] : [path];
}
