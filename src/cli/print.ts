import type { Command } from "commander";
import type { Cli } from "./cli.js";
import { positiveInteger } from "./option-values.js";

/** What every list takes. */
export interface ListOptions {
  readonly limit: number;
  readonly cursor?: string;
  readonly json?: boolean;
}

/** A part of a list, as the lab answers it. */
export interface ListPage<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
  readonly more: boolean;
}

/** Adds `--limit`, `--cursor` and `--json`. */
export const addListOptions = (command: Command, limit = 50): Command =>
  command
    .option("--limit <n>", "rows, at most 100", positiveInteger, limit)
    .option("--cursor <id>", "go on where a page before ended")
    .option("--json", "as JSON: rows, nextCursor, more");

/** A page as JSON, or as a table; what is left is told on standard error, so that a script's table stays one. */
export function printPage<Row>(
  cli: Cli,
  page: ListPage<Row>,
  { json, table, none }: { json: boolean | undefined; table: (rows: readonly Row[]) => string; none: string },
): void {
  if (json === true) {
    cli.out(JSON.stringify(page, null, 2));
    return;
  }
  cli.out(page.rows.length === 0 ? none : table(page.rows));
  if (page.more && page.nextCursor !== null) cli.err(`there are more: --cursor ${page.nextCursor}`);
}

/** One thing as JSON, or in words. */
export const printOne = <T>(cli: Cli, json: boolean | undefined, value: T, text: (value: T) => string): void =>
  cli.out(json === true ? JSON.stringify(value, null, 2) : text(value));
