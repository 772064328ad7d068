import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FailureError } from "../core/failure.js";
import { nearest } from "../core/nearest.js";
import { loadTheme, plainTheme, type Theme } from "../theme/theme.js";

/** The theme of that name from the first directory that has it; `none` is without colours. */
export function readTheme(name: string, directories: readonly string[]): Theme {
  if (name === "none") return plainTheme;
  for (const directory of directories) {
    const file = join(directory, `${name}.json`);
    if (/^[\w-]+$/.test(name) && existsSync(file)) return loadTheme(parse(file), file);
  }
  const known = directories.flatMap(namesIn);
  const near = nearest(name, known);
  const hint = near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`;
  throw new FailureError({ kind: "invalid", message: `there is no theme "${name}"`, hint });
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FailureError({
      kind: "invalid",
      message: `${file}: ${why}`,
      hint: "mend the file or choose another theme",
    });
  }
}

function namesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -".json".length)] : []));
}
