import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FailureError } from "../core/failure.js";
import { nearest } from "../core/nearest.js";
import { builtInTheme, builtInThemes } from "../theme/built-in.js";
import { plainTheme, type Theme } from "../theme/theme.js";

/** The theme of that name: the person's own in `directory`, else a built-in one; `none` is without colours. */
export async function readTheme(name: string, directory: string): Promise<Theme> {
  if (name === "none") return plainTheme;
  const file = join(directory, `${name}.json`);
  if (/^[\w-]+$/.test(name) && existsSync(file)) {
    const { loadTheme } = await import("../theme/theme-file.js");
    return loadTheme(parse(file), file);
  }
  const theme = builtInTheme(name);
  if (theme !== undefined) return theme;
  const known = [...new Set([...namesIn(directory), ...builtInThemes])];
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
