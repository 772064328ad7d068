import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { commands } from "../../src/app/commands/index.js";
import { keysMarkdown } from "../../src/app/key-table.js";
import type { Cli } from "../../src/cli/cli.js";
import { buildProgram } from "../../src/cli/program.js";
import { Config } from "../../src/config/config.js";

const root = new URL("../..", import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** The text between `<!-- name -->` and `<!-- /name -->` must be what is made here; with UPDATE_DOCS=1 it is written. */
function expectMade(name: string, made: string): void {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const readme = read("README.md");
  const from = readme.indexOf(begin) + begin.length;
  const to = readme.indexOf(end);
  expect(to).toBeGreaterThan(from - 1);
  const text = `\n${made.trim()}\n\n`;
  if (process.env["UPDATE_DOCS"] === "1") {
    writeFileSync(join(root, "README.md"), readme.slice(0, from) + text + readme.slice(to));
  }
  expect(read("README.md")).toContain(begin + text + end);
}

test("the README's table of keys is that of the commands", () => {
  expectMade("keys", keysMarkdown(commands));
});

const Field = z.looseObject({ description: z.string(), default: z.unknown().optional() });
const Fields = z.object({ properties: z.record(z.string(), Field) });

test("the README's table of config fields is that of the schema", () => {
  const { properties } = Fields.parse(z.toJSONSchema(Config, { io: "input" }));
  const rows = Object.entries(properties).flatMap(([name, field]) => {
    const inner = Fields.safeParse(field);
    if (!inner.success || name === "keys") return [row(name, field)];
    return Object.entries(inner.data.properties).map(([key, below]) => row(`${name}.${key}`, below));
  });
  expectMade("config", ["| field | default | |", "|---|---|---|", ...rows].join("\n"));
});

function row(name: string, field: z.infer<typeof Field>): string {
  const preset = field.default === undefined ? "" : `\`${JSON.stringify(field.default)}\``;
  return `| \`${name}\` | ${preset} | ${field.description} |`;
}

test("the README names every command with its subcommands, and none that is not there", () => {
  const program = buildProgram({ version: "" } as Cli, () => Promise.resolve());
  const there = program.commands.flatMap((command) =>
    command.commands.length === 0
      ? [command.name()]
      : command.commands.map((child) => `${command.name()} ${child.name()}`),
  );
  const readme = read("README.md");
  const block = readme.slice(readme.indexOf("## Commands for scripts"), readme.indexOf("`--help` after any"));
  const named = [...block.matchAll(/^hubify-tui ([a-z|]+)(?: ([a-z]+(?:\|[a-z]+)+))?/gm)].flatMap(
    ([, nouns = "", verbs]) =>
      nouns.split("|").flatMap((noun) => verbs?.split("|").map((verb) => `${noun} ${verb}`) ?? [noun]),
  );
  expect(named.sort()).toEqual(there.sort());
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

test.each([
  ["src", "| folder |"],
  ["src/lab", "| folder of `lab/` |"],
])("the map of the code names every folder of %s, and none that is gone", (path, head) => {
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const [table = ""] = read("src/README.md").split(head)[1]?.split("\n\n") ?? [];
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([\w-]+)\/`/g)].map(([, name]) => name));
  expect(named.sort()).toEqual(folders.sort());
});
