import { Command } from "commander";
import type { LabTemplate } from "../../contract/template.js";
import { longDuration } from "../../core/duration.js";
import type { Cli } from "../cli.js";
import { addListOptions, type ListOptions, printOne, printPage } from "../print.js";
import { agree } from "../question.js";
import { textFacts, textTable } from "../text-table.js";
import { shown, unknown } from "../text-value.js";
import { withApi } from "../with-api.js";

interface TemplateOptions {
  readonly from: string;
  readonly title?: string;
  readonly description?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `templates list|get|create|delete`: what experiments are made from. */
export function templatesCommand(cli: Cli): Command {
  const templates = new Command("templates").alias("template").description("templates of experiments");

  addListOptions(
    templates.command("list", { isDefault: true }).description("the built-in ones and the lab's own"),
  ).action(({ limit, cursor, json }: ListOptions) =>
    withApi(cli, async ({ client, lab }) => {
      const page = await client.templates.list({ labId: lab.id, limit: Math.min(limit, 100), cursor });
      printPage(cli, page, { json, table: templatesTable, none: "no templates" });
    }),
  );

  templates
    .command("get <template>")
    .description("one with its parameters, by its name")
    .option("--json", "as JSON")
    .action((ref: string, { json }: TemplateOptions) =>
      withApi(cli, async ({ client, lab }) =>
        printOne(cli, json, await client.templates.get(ref, lab.id), templateText),
      ),
    );

  templates
    .command("create <name>")
    .description("make one of an experiment")
    .requiredOption("--from <id>", "the experiment")
    .option("--title <text>", "default is the experiment's")
    .option("--description <text>", "what it is for")
    .option("--json", "as JSON")
    .action((name: string, { from, json, ...told }: TemplateOptions) =>
      withApi(cli, async (api) => {
        const { _id: fromExperiment } = await api.client.experiments.get(from);
        const made = await api.client.templates.create({ labId: api.lab.id, name, fromExperiment, ...told });
        printOne(cli, json, made, templateText);
      }),
    );

  templates
    .command("delete <template>")
    .description("delete one of the lab's own; experiments that were made from it keep theirs")
    .option("-y, --yes", "do not ask")
    .option("--json", "as JSON")
    .action((ref: string, { yes = false, json }: TemplateOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const { _id: id, name } = await client.templates.get(ref, lab.id);
        await agree(cli, { question: `Delete template ${name}?`, details: [], yes });
        await client.templates.delete(ref, lab.id);
        printOne(cli, json, { id, name, deleted: true }, () => `${name} is deleted`);
      }),
    );
  return templates;
}

const seconds = (value: number | null) => longDuration(value === null ? null : value * 1000);

export const templatesTable = (rows: readonly LabTemplate[]) =>
  textTable(
    ["TEMPLATE", "KIND", "COMPUTE", "TAKES", "PARAMETERS", "TITLE"],
    rows.map(({ name, builtIn, computeMode, estimatedSeconds, parameters, title }) => [
      name,
      builtIn ? "built-in" : "own",
      computeMode,
      seconds(estimatedSeconds),
      String(parameters.length),
      title,
    ]),
  );

export function templateText(template: LabTemplate): string {
  const { name, title, description, computeMode, estimatedSeconds, parameters, program, config } = template;
  const facts = textFacts([
    ["name", name],
    ["title", title],
    ["about", shown(description)],
    ["compute", computeMode],
    ["takes", seconds(estimatedSeconds)],
    program === null ? ["config", JSON.stringify(config)] : ["program", program],
  ]);
  if (parameters.length === 0) return facts;
  const rows = parameters.map((parameter) => [
    parameter.name,
    parameter.options === null ? parameter.type : parameter.options.join("|"),
    parameter.default === null ? unknown : JSON.stringify(parameter.default),
    rangeText(parameter),
    parameter.required ? "yes" : "no",
    parameter.description,
  ]);
  return `${facts}\n\n${textTable(["PARAMETER", "TYPE", "DEFAULT", "RANGE", "REQUIRED", "ABOUT"], rows)}`;
}

function rangeText({ min, max }: LabTemplate["parameters"][number]): string {
  if (min !== null && max !== null) return `${min} to ${max}`;
  if (min !== null) return `≥ ${min}`;
  return max === null ? "any" : `≤ ${max}`;
}
