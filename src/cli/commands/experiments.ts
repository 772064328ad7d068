import { Command, InvalidArgumentError, Option } from "commander";
import type { Connection, LogEvent } from "../../contract/connection.js";
import type { LogLevel } from "../../contract/log-entry.js";
import { computeModes, experimentStatuses, logLevels, priorities } from "../../contract/vocabulary.js";
import { FailureError } from "../../core/failure.js";
import type { Cli } from "../cli.js";
import { readConfigOption } from "../config-option.js";
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

  experiments
    .command("logs <id>")
    .description("its output")
    .option("-f, --follow", "go on until it ends; no line is lost")
    .addOption(new Option("--level <level>", "this level only").choices(logLevels))
    .option("--limit <n>", "lines from the end", positiveInteger, 100)
    .option("--json", "one JSON object a line")
    .action((id: string, options: LogOptions) =>
      withConnection(cli, (connection) => printLogs(cli, connection, id, options)),
    );

  return experiments;
}

const cancelled = (row: { status: string }) => (row.status === "running" ? "is being stopped" : "is cancelled");

async function withConnection(cli: Cli, work: (connection: Connection) => Promise<void>): Promise<void> {
  const connection = await cli.connect();
  try {
    await work(connection);
  } finally {
    await connection.close();
  }
}

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

interface LogOptions {
  readonly follow?: boolean;
  readonly level?: LogLevel;
  readonly limit: number;
  readonly json?: boolean;
}

async function printLogs(cli: Cli, connection: Connection, id: string, options: LogOptions): Promise<void> {
  const { level } = options;
  const print = (line: { level: LogLevel; message: string }) => {
    if (options.follow === true && level !== undefined && line.level !== level) return;
    cli.out(options.json === true ? JSON.stringify(line) : line.message);
  };
  if (options.follow !== true) {
    const lines = await connection.logs.list(id, { limit: options.limit, ...(level === undefined ? {} : { level }) });
    for (const line of lines) print(line);
    return;
  }
  const { _id } = await connection.experiments.get(id);
  await follow(cli, connection, { id: _id, backlog: options.limit, print });
}

/** Prints until the experiment has ended and its last line is out, or until the person interrupts. */
async function follow(
  cli: Cli,
  connection: Connection,
  log: { id: string; backlog: number; print: (line: { level: LogLevel; message: string }) => void },
): Promise<void> {
  let nextSeq = 0;
  let endedAt: number | null = null;
  await new Promise<void>((resolve, reject) => {
    const finish = () => {
      stopLog();
      stopList();
      resolve();
    };
    const finishWhenAllIsOut = () => {
      if (endedAt !== null && nextSeq >= endedAt) finish();
    };
    const onEvent = (event: LogEvent) => {
      if (event.type === "gap") cli.err(`lines ${event.fromSeq}–${event.toSeq} are missing`);
      if (event.type === "restarted") [nextSeq, endedAt] = [0, null];
      if (event.type === "lines") for (const line of event.lines) log.print(line);
      if (event.type === "lines") nextSeq = (event.lines.at(-1)?.seq ?? nextSeq - 1) + 1;
      finishWhenAllIsOut();
    };
    const stopLog = connection.logs.follow(
      log.id,
      { backlog: log.backlog },
      {
        next: onEvent,
        fail: (failure) => (failure.kind === "network" ? cli.err(failure.message) : reject(new FailureError(failure))),
      },
    );
    const stopList = connection.experiments.watch({
      next: (rows) => {
        const row = rows.find((candidate) => candidate._id === log.id);
        if (row === undefined || (row.status !== "pass" && row.status !== "fail")) return;
        endedAt = row.logLines;
        finishWhenAllIsOut();
      },
      fail: () => undefined,
    });
    cli.interrupted.addEventListener("abort", finish, { once: true });
  });
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError("must be a whole number above 0");
  return value;
}
