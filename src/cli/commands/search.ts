import { Command } from "commander";
import type { SearchResults } from "../../contract/search.js";
import type { Cli } from "../cli.js";
import { positiveInteger } from "../option-values.js";
import { printOne } from "../print.js";
import { textTable } from "../text-table.js";
import { shown } from "../text-value.js";
import { withApi } from "../with-api.js";

/** `search`: words in whatever the lab has. */
export function searchCommand(cli: Cli): Command {
  return new Command("search")
    .description("find experiments, papers, tasks, agents, figures, files, projects and pods by words")
    .argument("<words...>", "each must be found; beginnings of words are enough")
    .option("--limit <n>", "of each kind, at most 20", positiveInteger, 5)
    .option("--json", "as JSON: the documents of each kind")
    .action((words: readonly string[], { limit, json }: { limit: number; json?: boolean }) =>
      withApi(cli, async ({ client, lab }) => {
        const q = words.join(" ");
        const found = await client.search.search({ labId: lab.id, q, limit: Math.min(limit, 20) });
        printOne(cli, json, found, searchText);
      }),
    );
}

type Document = Readonly<Record<string, unknown>>;

/** What each kind is called by where it has a name. */
const nameFields: Readonly<Record<string, string>> = {
  experiments: "experimentId",
  tasks: "taskId",
  papers: "slug",
  projects: "slug",
  knowledge: "path",
  agents: "name",
  pods: "name",
};
const titleFields = ["title", "name", "fileName", "path"];

export function searchText(found: SearchResults): string {
  const rows = Object.entries(found).flatMap(([kind, documents]) =>
    documents.map((document) => [
      kind,
      first(document, [nameFields[kind] ?? "id"]),
      first(document, ["status"]),
      first(document, titleFields),
    ]),
  );
  return rows.length === 0 ? "nothing found" : textTable(["KIND", "ID", "STATUS", "TITLE"], rows);
}

const first = (document: Document, fields: readonly string[]) =>
  shown(fields.map((field) => document[field]).find((value) => typeof value === "string"));
