import { Command, Option } from "commander";
import type { LabApi } from "../connections/lab-api.js";
import type { Cli } from "./cli.js";
import { addListOptions, type ListOptions, type ListPage, printOne, printPage } from "./print.js";
import { textFacts, textTable } from "./text-table.js";
import { bytesText, shown, timeText, unknown } from "./text-value.js";
import { withApi } from "./with-api.js";

/** An option that leaves rows out; its name is that of the query's field. */
export interface Filter {
  readonly field: string;
  readonly option: string;
  readonly about: string;
  readonly choices?: readonly string[];
}

export interface ListQuery {
  readonly labId: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly [field: string]: string | number | undefined;
}

/** A noun that is listed and looked at the way all small nouns are. */
export interface Noun<Row> {
  /** Plural, as in the API; `singular` is an alias. */
  readonly name: string;
  readonly singular: string;
  readonly about: string;
  /** What names one of them. */
  readonly ref: string;
  readonly filters?: readonly Filter[];
  readonly list: (api: LabApi, query: ListQuery) => Promise<ListPage<Row>>;
  readonly get: (api: LabApi, ref: string) => Promise<Row>;
  readonly columns: Readonly<Record<string, (row: Row) => string>>;
}

/** The command of a noun with `list` and `get`; what else it can do is added to it. */
export function nounCommand<Row extends object>(cli: Cli, noun: Noun<Row>): Command {
  const { name, singular, about, ref, filters = [], columns } = noun;
  const table = (rows: readonly Row[]) =>
    textTable(
      Object.keys(columns),
      rows.map((row) => Object.values(columns).map((cell) => cell(row))),
    );
  const command = new Command(name).alias(singular).description(about);

  const list = addListOptions(command.command("list", { isDefault: true }).description("newest first"));
  for (const { option, about: words, choices } of filters) {
    const made = new Option(option, words);
    list.addOption(choices === undefined ? made : made.choices(choices));
  }
  list.action(({ limit, cursor, json, ...given }: ListOptions & Readonly<Record<string, string>>) =>
    withApi(cli, async (api) => {
      const wanted = filters.map(({ field, option }) => [field, given[new Option(option).attributeName()]] as const);
      const query = { ...Object.fromEntries(wanted), labId: api.lab.id, limit: Math.min(limit, 100), cursor };
      printPage(cli, await noun.list(api, query), { json, table, none: `no ${name}` });
    }),
  );

  command
    .command(`get <${singular}>`)
    .description(`what is known of one, by its ${ref}`)
    .option("--json", "as JSON")
    .action((wanted: string, { json }: { json?: boolean }) =>
      withApi(cli, async (api) => printOne(cli, json, await noun.get(api, wanted), factsOf)),
    );
  return command;
}

/** The same under another spelling, what a person has no use for, and what is too long for a line. */
const hidden = new Set(["_id", "_creationTime", "labId", "content"]);

/** Every field under its name, times and sizes in words. */
export const factsOf = (row: object): string =>
  textFacts(
    Object.entries(row)
      .filter(([field]) => !hidden.has(field))
      .map(([field, value]) => [field, fieldText(field, value)]),
  );

function fieldText(field: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return unknown;
  if (typeof value === "number") {
    if (field.endsWith("At") || field.endsWith("Date")) return timeText(value);
    return /^size|Bytes$/.test(field) ? bytesText(value) : String(value);
  }
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return shown(value.join(", "));
  return JSON.stringify(value);
}
