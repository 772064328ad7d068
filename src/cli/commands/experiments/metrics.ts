import { Command } from "commander";
import type { MetricsAnswer } from "../../../contract/metrics.js";
import type { Cli } from "../../cli.js";
import { positiveInteger } from "../../option-values.js";
import { textTable } from "../../text-table.js";
import { numberText } from "../../text-value.js";
import { withConnection } from "../../with-connection.js";

interface MetricsOptions {
  readonly name?: string;
  readonly attempt?: number;
  readonly points?: number;
  readonly json?: boolean;
}

/** `experiments metrics`: the newest of each number, or as JSON with the points of a chart. */
export function experimentMetricsCommand(cli: Cli): Command {
  return new Command("metrics")
    .argument("<id>")
    .description("the newest of each number that it printed or wrote")
    .option("--name <name>", "this one only")
    .option("--attempt <n>", "another start than the last", positiveInteger)
    .option("--points <n>", "of each line at most, with --json", positiveInteger)
    .option("--json", "as JSON, with the points")
    .action((id: string, { name, attempt, points, json }: MetricsOptions) =>
      withConnection(cli, async (connection) => {
        const answer = await connection.metrics.read(id, { name, attempt, points });
        cli.out(json === true ? JSON.stringify(answer, null, 2) : metricsTable(answer, name));
      }),
    );
}

function metricsTable({ last, names }: MetricsAnswer, only: string | undefined): string {
  const rows = names
    .filter(({ name }) => only === undefined || name === only)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, count, ranks }) => {
      const newest = last[name];
      return [name, numberText(newest?.value), numberText(newest?.step), String(count), String(ranks)];
    });
  return rows.length === 0 ? "no numbers" : textTable(["NAME", "LAST", "STEP", "POINTS", "RANKS"], rows);
}
