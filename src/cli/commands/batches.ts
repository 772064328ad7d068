import { Command } from "commander";
import type { Batch, BatchDetail } from "../../contract/batch.js";
import { longDuration } from "../../core/duration.js";
import type { Cli } from "../cli.js";
import { gridAxis } from "../option-values.js";
import { addListOptions, type ListOptions, printOne, printPage } from "../print.js";
import { agree } from "../question.js";
import { textTable } from "../text-table.js";
import { counted, numberText, shareText, timeText, unknown } from "../text-value.js";
import { withApi } from "../with-api.js";
import { addDraftOptions, completeDraft, type DraftOptions, draftOf } from "./experiments/draft.js";

interface BatchOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `batches list|get|create|cancel`: many experiments over a grid of parameters. */
export function batchesCommand(cli: Cli): Command {
  const batches = new Command("batches").alias("batch").description("sweeps: one experiment for each point of a grid");

  addListOptions(batches.command("list", { isDefault: true }).description("newest first"), 20).action(
    ({ limit, cursor, json }: ListOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const query = { labId: lab.id, limit: Math.min(limit, 100), ...(cursor === undefined ? {} : { cursor }) };
        printPage(cli, await client.batches.list(query), { json, table: batchesTable, none: "no batches" });
      }),
  );

  batches
    .command("get <batch>")
    .description("one, with each of its experiments and the best of each metric")
    .option("--json", "as JSON")
    .action((id: string, { json }: BatchOptions) =>
      withApi(cli, async ({ client }) => printOne(cli, json, await client.batches.get(id), batchText)),
    );

  addDraftOptions(batches.command("create").description("queue one experiment for each combination of the grid"))
    .requiredOption("--grid <name=values>", "seed=1..8 or steps=100,200; may be given more than once", gridAxis)
    .option("--json", "as JSON")
    .action((options: DraftOptions & { readonly grid: Record<string, unknown[]> }) =>
      withApi(cli, async (api) => {
        const draft = await completeDraft(api, await draftOf(options));
        const batch = await api.client.batches.create({ ...draft, grid: options.grid, labId: api.lab.id });
        const text = ({ id, experimentCount }: BatchDetail) => `${id}: ${counted(experimentCount, "experiment")}`;
        printOne(cli, options.json, batch, text);
      }),
    );

  batches
    .command("cancel <batch>")
    .description("cancel all of it that has not ended")
    .option("-y, --yes", "do not ask")
    .option("--json", "as JSON")
    .action((id: string, { yes = false, json }: BatchOptions) =>
      withApi(cli, async ({ client }) => {
        const batch = await client.batches.get(id);
        const { running, queued, blocked, draft } = batch.counts;
        const text = `${running} running are stopped, ${queued + blocked + draft} waiting never start`;
        await agree(cli, { question: `Cancel ${batch.title}?`, details: [{ name: "Effect", text }], yes });
        const answer = await client.batches.cancel(id);
        printOne(cli, json, answer, ({ cancelled }) => `${cancelled} cancelled`);
      }),
    );
  return batches;
}

const gridText = (grid: Batch["grid"]) =>
  Object.entries(grid)
    .map(([path, values]) => `${path}×${values.length}`)
    .join(" ");

export const batchesTable = (rows: readonly Batch[]) =>
  textTable(
    ["BATCH", "MADE", "PROGRESS", "RUNNING", "QUEUED", "PASS", "FAIL", "GRID", "TITLE"],
    rows.map(({ id, createdAt, progress, counts, grid, title }) => [
      id,
      timeText(createdAt),
      shareText(progress),
      String(counts.running),
      String(counts.queued + counts.blocked),
      String(counts.pass),
      String(counts.fail),
      gridText(grid),
      title,
    ]),
  );

/** Columns for so many metrics: a terminal is not wider. */
const shownMetrics = 4;

export function batchText(batch: BatchDetail): string {
  const paths = Object.keys(batch.grid);
  const metrics = Object.keys(batch.best).slice(0, shownMetrics);
  const rows = batch.rows.map(({ experimentId, status, values, metrics: last, progress, actualSeconds }) => [
    experimentId,
    status,
    ...paths.map((path) => (values[path] === undefined ? unknown : JSON.stringify(values[path]))),
    ...metrics.map((name) => numberText(last[name])),
    shareText(progress),
    longDuration(actualSeconds === null ? null : actualSeconds * 1000),
  ]);
  const best = metrics.flatMap((name) => {
    const extremes = batch.best[name];
    return extremes === undefined
      ? []
      : [
          `${name}: ${numberText(extremes.min.value)} in ${extremes.min.experimentId} to ${numberText(extremes.max.value)} in ${extremes.max.experimentId}`,
        ];
  });
  const head = ["ID", "STATUS", ...paths, ...metrics, "PROGRESS", "TOOK"];
  return [batchesTable([batch]), "", textTable(head, rows), ...(best.length === 0 ? [] : ["", ...best])].join("\n");
}
