import { Command, Option } from "commander";
import type { Connection } from "../../contract/connection.js";
import { computeModes, experimentStatuses, priorities } from "../../contract/vocabulary.js";
import { FailureError } from "../../core/failure.js";
import type { Cli } from "../cli.js";
import { readConfigOption } from "../config-option.js";
import { positiveInteger } from "../positive-integer.js";
import { withConnection } from "../with-connection.js";
import { experimentLogsCommand } from "./experiment-logs.js";
import { experimentMetricsCommand } from "./experiment-metrics.js";
import { experimentOutputsCommand } from "./experiment-outputs.js";
import { experimentsTable } from "./status.js";

interface CreateOptions {
  readonly title?: string;
  readonly template?: string;
  readonly priority?: (typeof priorities)[number];
  readonly compute?: (typeof computeModes)[number];
  readonly config?: string;
  readonly json?: boolean;
}

/** `experiments list|get|create|cancel|logs`: the queue for scripts. */
export function experimentsCommand(cli: Cli): Command {
  const experiments = new Command("experiments").alias("experiment").description("the experiment queue, for scripts");

  experiments
    .command("list", { isDefault: true })
    .description("newest first")
    .addOption(new Option("--status <status>", "only these").choices(experimentStatuses))
    .option("--project <id>", "only those of a project")
    .option("--limit <n>", "rows, at most 100", positiveInteger, 50)
    .option("--cursor <id>", "go on after this experiment")
    .option("--json", "as JSON")
    .action((options: { status?: string; project?: string; limit: number; cursor?: string; json?: boolean }) =>
      withConnection(cli, async (connection) => {
        const { status, project: projectId, limit, cursor } = options;
        const page = await connection.experiments.list({ status, projectId, limit: Math.min(limit, 100), cursor });
        if (options.json === true) cli.out(JSON.stringify(page, null, 2));
        else cli.out(page.rows.length === 0 ? "no experiments" : experimentsTable(page.rows, cli.nowMs()));
      }),
    );

  experiments
    .command("get <id>")
    .description("everything known of one, as JSON")
    .option("--json", "as JSON (it always is)")
    .action((id: string) =>
      withConnection(cli, async (connection) => cli.out(JSON.stringify(await connection.experiments.get(id), null, 2))),
    );

  experiments
    .command("create")
    .description("queue an experiment")
    .option("--title <text>", "its title; default is the template's")
    .option("--template <name>", "mcmc, fisher-forecast, anomaly-sweep")
    .addOption(new Option("--priority <priority>", "place in the queue").choices(priorities).default("normal"))
    .addOption(new Option("--compute <mode>", "where it runs").choices(computeModes).default("CPU"))
    .option("--config <json>", "its config as JSON, or @FILE")
    .option("--json", "print the created experiment as JSON")
    .action(async (options: CreateOptions) => {
      const config = options.config === undefined ? {} : await readConfigOption(options.config);
      await withConnection(cli, (connection) => create(cli, connection, { ...options, config }));
    });

  experiments
    .command("cancel <id>")
    .description("take it from the queue, or stop its processes")
    .option("--json", "as JSON")
    .action((id: string, options: { json?: boolean }) =>
      withConnection(cli, async (connection) => {
        const row = await connection.experiments.cancel(id);
        cli.out(options.json === true ? JSON.stringify(row, null, 2) : `${row.experimentId} ${cancelled(row)}`);
      }),
    );

  experiments.addCommand(experimentLogsCommand(cli));
  experiments.addCommand(experimentMetricsCommand(cli));
  experiments.addCommand(experimentOutputsCommand(cli));
  return experiments;
}

const cancelled = (row: { status: string }) => (row.status === "running" ? "is being stopped" : "is cancelled");

type Creation = Omit<CreateOptions, "config"> & { readonly config: Record<string, unknown> };

async function create(cli: Cli, connection: Connection, options: Creation): Promise<void> {
  const templates = await connection.templates.list();
  const title = options.title ?? templates.find((template) => template.name === options.template)?.title;
  if (title === undefined) {
    throw new FailureError({
      kind: "invalid",
      message: "no title",
      hint: "give --title, or a --template that has one",
    });
  }
  const row = await connection.experiments.create({
    title,
    ...(options.template === undefined ? {} : { template: options.template }),
    priority: options.priority ?? "normal",
    computeMode: options.compute ?? "CPU",
    config: options.config,
  });
  cli.out(options.json === true ? JSON.stringify(row, null, 2) : `${row.experimentId} ${row.status}: ${row.title}`);
}
