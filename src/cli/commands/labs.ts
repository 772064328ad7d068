import { Command, Option } from "commander";
import type { Lab } from "../../contract/lab.js";
import { labTemplates } from "../../contract/vocabulary.js";
import type { Cli } from "../cli.js";
import { addListOptions, type ListOptions, printOne, printPage } from "../print.js";
import { agree } from "../question.js";
import { textTable } from "../text-table.js";
import { counted } from "../text-value.js";
import { withApi } from "../with-api.js";

interface LabOptions {
  readonly slug?: string;
  readonly template?: (typeof labTemplates)[number];
  readonly description?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const ofServer: typeof withApi = (cli, work) => withApi(cli, work, { allLabs: true });

/** `labs list|create|delete`: the labs of one server. `lab` is the server itself. */
export function labsCommand(cli: Cli): Command {
  const labs = new Command("labs").description("the labs of this server; --lab before a command chooses one");

  addListOptions(labs.command("list", { isDefault: true }).description("those that you may see")).action(
    ({ limit, cursor, json }: ListOptions) =>
      ofServer(cli, async ({ client, lab }) => {
        const page = await client.labs.list({ limit: Math.min(limit, 100), cursor });
        printPage(cli, page, { json, table: (rows) => labsTable(rows, lab), none: "no labs" });
      }),
  );

  labs
    .command("create <name>")
    .description("make one; it shares this server's machines, and nothing else, with the others")
    .option("--slug <slug>", "its name in addresses and for --lab; default is made from the name")
    .addOption(new Option("--template <kind>", "what it is for").choices(labTemplates))
    .option("--description <text>", "a sentence about it")
    .option("--json", "as JSON")
    .action((name: string, { json, ...told }: LabOptions) =>
      ofServer(cli, async ({ client }) => {
        const made = await client.labs.create({ name, ...told });
        printOne(cli, json, made, ({ slug }) => `${slug} is made; use it with \`hubify-tui --lab ${slug} …\``);
      }),
    );

  labs
    .command("delete <slug>")
    .description("delete a lab with everything in it")
    .option("-y, --yes", "do not ask")
    .option("--json", "as JSON")
    .action((ref: string, { yes = false, json }: LabOptions) =>
      ofServer(cli, async ({ client }) => {
        const { id, name, slug, experiment_count: experiments } = await client.labs.get(ref);
        const text = `${counted(experiments, "experiment")} with their logs and metrics, files, figures, papers, tasks, keys`;
        await agree(cli, { question: `Delete ${name}?`, details: [{ name: "Lost", text }], typed: slug, yes });
        await client.labs.delete(id, slug);
        printOne(cli, json, { id, slug, deleted: true }, () => `${slug} is deleted`);
      }),
    );
  return labs;
}

/** `*`: the one that commands without `--lab` mean. */
export const labsTable = (rows: readonly Lab[], current: Pick<Lab, "id">) =>
  textTable(
    ["LAB", "EXPERIMENTS", "AGENTS", "MADE", "NAME"],
    rows.map(({ id, slug, experiment_count, agent_count, created_at, name }) => [
      id === current.id ? `${slug} *` : slug,
      String(experiment_count),
      String(agent_count),
      created_at.slice(0, 10),
      name,
    ]),
  );
