import { readFileSync } from "node:fs";
import { FailureError } from "../core/failure.js";
import type { Config } from "./config.js";

/** What holds without a config file. The same as an empty one, told apart from the schema: see {@link loadConfig}. */
export const defaultConfig: Config = {
  theme: "auto",
  charts: "braille",
  readOnly: false,
  keys: {},
  connection: "lab",
  lab: {},
};

/**
 * Reads the config file; a bad one is a failure that names file, line and field. Without a file nothing has to be checked,
 * and the schema is not loaded: most rooms open without one.
 */
export async function loadConfig(file: string): Promise<Config> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return defaultConfig;
    const message = `${file} cannot be read: ${(error as Error).message}`;
    throw new FailureError({ kind: "invalid", message, hint: "check its permissions" });
  }
  const { parseConfig } = await import("./config.js");
  return parseConfig(file, text);
}
