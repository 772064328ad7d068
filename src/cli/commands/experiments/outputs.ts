import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join, normalize, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Command } from "commander";
import type { Connection } from "../../../contract/connection.js";
import type { OutputFile } from "../../../contract/output.js";
import { FailureError } from "../../../core/failure.js";
import type { Cli } from "../../cli.js";
import { positiveInteger } from "../../option-values.js";
import { textTable } from "../../text-table.js";
import { unknown } from "../../text-value.js";
import { withConnection } from "../../with-connection.js";

interface OutputsOptions {
  readonly output?: string;
  readonly attempt?: number;
  readonly json?: boolean;
}

/** Rows of one request. */
const pageRows = 100;

/** `experiments outputs`: what an attempt left; one file of it, or all of them into a directory. */
export function experimentOutputsCommand(cli: Cli): Command {
  return new Command("outputs")
    .argument("<id>")
    .argument("[path]", "one of its files, to be written here")
    .description("the files that it left")
    .option("--output <dir>", "write the file, or all of them, into this directory")
    .option("--attempt <n>", "another start than the last", positiveInteger)
    .option("--json", "as JSON")
    .action((id: string, path: string | undefined, options: OutputsOptions) =>
      withConnection(cli, async (connection) => {
        const wanted: Wanted = { cli, connection, id, attempt: options.attempt };
        if (path !== undefined) {
          const file = join(options.output ?? ".", basename(path));
          await save(wanted, path, file);
          cli.out(file);
        } else if (options.output !== undefined) await saveAll(wanted, options.output);
        else await print(wanted, options.json === true);
      }),
    );
}

interface Wanted {
  readonly cli: Cli;
  readonly connection: Connection;
  readonly id: string;
  readonly attempt: number | undefined;
}

async function* allOf({ connection, id, attempt }: Wanted): AsyncGenerator<OutputFile> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await connection.outputs.list(id, { attempt, limit: pageRows, cursor });
    yield* page.rows;
    cursor = page.nextCursor;
  }
}

async function print(wanted: Wanted, asJson: boolean): Promise<void> {
  const rows: OutputFile[] = [];
  for await (const row of allOf(wanted)) rows.push(row);
  const { cli } = wanted;
  if (asJson) cli.out(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) cli.out("no files");
  else cli.out(textTable(["SIZE", "KIND", "WHERE", "PATH"], rows.map(cellsOf)));
}

const cellsOf = ({ size, kind, where, path, reason }: OutputFile) => [
  size === null ? unknown : String(size),
  kind,
  where,
  reason === null ? path : `${path} (${reason})`,
];

/** What is still on the pod is named, and left there. */
async function saveAll(wanted: Wanted, dir: string): Promise<void> {
  const { cli } = wanted;
  const root = resolve(dir);
  for await (const { path, where, reason } of allOf(wanted)) {
    const file = resolve(root, normalize(path));
    if (where === "pod") cli.err(`${path} is not here: ${reason ?? "it is on its pod"}`);
    else if (!file.startsWith(root + sep)) throw outside(path);
    else {
      await save(wanted, path, file);
      cli.out(file);
    }
  }
}

/** The server is not believed. */
const outside = (path: string) => new FailureError({ kind: "invalid", message: `${path} would be written elsewhere` });

async function save({ cli, connection, id, attempt }: Wanted, path: string, file: string): Promise<void> {
  const bytes = await connection.outputs.download(id, path, { attempt, signal: cli.interrupted });
  await mkdir(dirname(file), { recursive: true });
  await pipeline(Readable.from(bytes), createWriteStream(file));
}
