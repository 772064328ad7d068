import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../../shared/seeds/", import.meta.url);

/** Every curl command of the documents the project was made from, as it stands there; null where they are not at hand. */
export function seedCurls(): readonly string[] | null {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return null;
  }
  return names.sort().flatMap((name) => curlsOf(readFileSync(new URL(name, folder), "utf8")));
}

/** A command goes on while a line ends in a backslash or a quote is open. */
function curlsOf(text: string): string[] {
  const found: string[] = [];
  let command: string | null = null;
  for (const line of text.split("\n")) {
    const follows = line.startsWith("-H ");
    if (command === null && !line.startsWith("curl ")) {
      // The overview wraps a command without saying so.
      const last = found.at(-1);
      if (follows && last !== undefined && !last.includes("-H ")) found[found.length - 1] = `${last} ${line}`;
      continue;
    }
    command = command === null ? line : `${command}\n${line}`;
    const quotes = command.replaceAll(/"[^"']*"/g, "").split("'").length - 1;
    if (line.endsWith("\\") || quotes % 2 === 1) continue;
    found.push(command);
    command = null;
  }
  return found;
}
