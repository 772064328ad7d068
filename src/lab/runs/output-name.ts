import { isAbsolute, join, normalize, sep } from "node:path";

/** Where an output that the config names is kept here, relative to `work/`: one from elsewhere keeps its whole path. */
export function localName(output: string): string {
  const name = normalize(output);
  return isAbsolute(name) || name.startsWith("..")
    ? join("elsewhere", ...name.split(sep).filter((each) => each !== ".."))
    : name;
}
