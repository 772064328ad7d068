import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commands } from "../../src/app/commands/index.js";
import { keysMarkdown } from "../../src/app/key-table.js";

const root = new URL("../..", import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), "utf8");
const begin = "<!-- keys -->\n";
const end = "<!-- /keys -->";

test("the README's table of keys is that of the commands", () => {
  const readme = read("README.md");
  const from = readme.indexOf(begin) + begin.length;
  const to = readme.indexOf(end);
  expect(to).toBeGreaterThan(from - 1);
  const table = `\n${keysMarkdown(commands).trim()}\n\n`;
  if (process.env["UPDATE_DOCS"] === "1") {
    writeFileSync(join(root, "README.md"), readme.slice(0, from) + table + readme.slice(to));
  }
  expect(read("README.md")).toContain(begin + table + end);
});

test("the README names every dependency, and none that is not there", () => {
  const pack = JSON.parse(read("package.json")) as { dependencies?: object; devDependencies: Record<string, string> };
  expect(pack.dependencies).toBeUndefined();
  const readme = read("README.md");
  const section = readme.slice(readme.indexOf("### Dependencies"), readme.indexOf("## Speed"));
  const named = new Set(section.match(/@?[a-z][\w./@-]*[a-z0-9]/gi));
  const wanted = Object.keys(pack.devDependencies).filter((name) => !name.startsWith("@types/"));
  expect(wanted.filter((name) => !named.has(name))).toEqual([]);
  const rows = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| package"));
  const inTable = rows.flatMap((row) => (row.split("|")[1] ?? "").split(",").map((name) => name.trim()));
  expect(inTable.filter((name) => pack.devDependencies[name] === undefined)).toEqual([]);
});

test("the map of the code names every folder of src, and none that is gone", () => {
  const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const map = read("src/README.md");
  const table = map.split("\n").filter((line) => line.startsWith("| `"));
  const named = table.flatMap((line) =>
    [...(line.split("|")[1] ?? "").matchAll(/`([\w-]+)\/`/g)].map((match) => match[1]),
  );
  for (const { name } of folders) expect(named, `${name} is missing in the map`).toContain(name);
  for (const name of named.slice(0, folders.length)) expect(folders.map((folder) => folder.name)).toContain(name);
});
