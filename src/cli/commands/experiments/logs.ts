import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Command, Option } from "commander";
import type { Connection, LogEvent } from "../../../contract/connection.js";
import type { LogEntry, LogLevel } from "../../../contract/log-entry.js";
import type { LogFilter } from "../../../contract/log-query.js";
import { logLevels } from "../../../contract/vocabulary.js";
import { FailureError } from "../../../core/failure.js";
import type { Cli } from "../../cli.js";
import { positiveInteger } from "../../option-values.js";
import { withConnection } from "../../with-connection.js";

interface LogOptions {
  readonly follow?: boolean;
  readonly level?: LogLevel;
  readonly minLevel?: LogLevel;
  readonly grep?: string;
  readonly regex?: string;
  readonly since?: string;
  readonly until?: string;
  readonly attempt?: number;
  readonly output?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** `experiments logs`: the last lines, those that a query wants, all that follows, or the whole output into a file. */
export function experimentLogsCommand(cli: Cli): Command {
  return new Command("logs")
    .argument("<id>")
    .description("its output")
    .option("-f, --follow", "go on until it ends; no line is lost")
    .addOption(new Option("--level <level>", "this level only").choices(logLevels))
    .addOption(new Option("--min-level <level>", "this level and above").choices(logLevels))
    .option("--grep <text>", "lines that hold this; case matters when it has a capital")
    .option("--regex <pattern>", "lines that match this regular expression")
    .option("--since <time>", "2026-01-31T12:00, ms since 1970 or how long ago: -15m")
    .option("--until <time>", "as --since")
    .option("--attempt <n>", "another start than the last", positiveInteger)
    .option("--limit <n>", "lines from the end", positiveInteger, 100)
    .option("--output <file>", "write the whole output to a file; gzip when its name ends with .gz")
    .option("--json", "one JSON object a line")
    .action((id: string, options: LogOptions) =>
      withConnection(cli, async (connection) => {
        if (options.output !== undefined) await download(cli, connection, id, { ...options, output: options.output });
        else if (options.follow === true) await followLines(cli, connection, id, options);
        else await printLines(cli, connection, id, options);
      }),
    );
}

/** Most rows of one request. */
const pageRows = 1000;

async function printLines(cli: Cli, connection: Connection, id: string, options: LogOptions): Promise<void> {
  const { level, minLevel, grep: q, regex, since, until, attempt, limit } = options;
  const filter: LogFilter = { level, minLevel, q, regex, since, until, attempt };
  const pages: (readonly LogEntry[])[] = [];
  let count = 0;
  for (let cursor: string | null | undefined; count < limit && cursor !== null; ) {
    if (cli.interrupted.aborted) break;
    const query = { ...filter, limit: Math.min(pageRows, limit - count), cursor };
    const page = await connection.logs.page(id, query);
    pages.push(page.rows);
    count += page.rows.length;
    cursor = page.nextCursor;
  }
  const print = printer(cli, options);
  for (const line of pages.reverse().flat()) print(line);
}

const printer =
  (cli: Cli, { json }: LogOptions) =>
  (line: LogEntry) =>
    cli.out(json === true ? JSON.stringify(line) : line.message);

async function download(
  cli: Cli,
  connection: Connection,
  id: string,
  { output, attempt, ...options }: LogOptions & { readonly output: string },
): Promise<void> {
  const { follow, level, minLevel, grep, regex, since, until, json } = options;
  refuse("--output", "writes the whole log", { follow, level, minLevel, grep, regex, since, until, json });
  const format = output.endsWith(".gz") ? "gzip" : "text";
  const bytes = await connection.logs.download(id, { format, attempt, signal: cli.interrupted });
  await pipeline(Readable.from(bytes), createWriteStream(output));
}

async function followLines(cli: Cli, connection: Connection, id: string, options: LogOptions): Promise<void> {
  const { level, minLevel, grep, limit, regex, since, until, attempt } = options;
  refuse("--follow", "shows the log as it grows", { regex, since, until, attempt });
  const { _id } = await connection.experiments.get(id);
  // It comes with zod, which no other command should wait for.
  const { textTest } = await import("../../../contract/log-query.js");
  const holds = grep === undefined ? () => true : textTest(grep);
  const lowest = logLevels.indexOf(minLevel ?? logLevels[0]);
  const print = printer(cli, options);
  await followAll(cli, connection, {
    id: _id,
    backlog: limit,
    print: (line) => {
      const fits = level === undefined ? logLevels.indexOf(line.level) >= lowest : line.level === level;
      if (fits && holds(line.message)) print(line);
    },
  });
}

/** Options that do not go with another one. */
function refuse(option: string, does: string, others: Readonly<Record<string, unknown>>): void {
  const given = Object.entries(others).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  const name = given[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new FailureError({
    kind: "invalid",
    message: `--${name} with ${option}`,
    hint: `${option} ${does}; leave one out`,
  });
}

/** Prints until the experiment has ended and its last line is out, or until the person interrupts. */
async function followAll(
  cli: Cli,
  connection: Connection,
  log: { id: string; backlog: number; print: (line: LogEntry) => void },
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
