import { type Command, Option } from "commander";
import type { Experiment } from "../../../contract/experiment.js";
import { experimentStatuses } from "../../../contract/vocabulary.js";
import { longDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import type { Cli } from "../../cli.js";
import { addListOptions, type ListOptions, printOne, printPage } from "../../print.js";
import { textFacts } from "../../text-table.js";
import { counted, numberText, shareText, shown, timeText, unknown } from "../../text-value.js";
import { withApi } from "../../with-api.js";
import { experimentsTable } from "../status.js";

interface ExperimentListOptions extends ListOptions {
  readonly status?: string;
  readonly project?: string;
}

/** `experiments list|get|children`. */
export function addShowCommands(experiments: Command, cli: Cli): void {
  const table = (rows: readonly Experiment[]) => experimentsTable(rows, cli.nowMs());

  addListOptions(experiments.command("list", { isDefault: true }).description("newest first"))
    .addOption(new Option("--status <status>", "only these").choices(experimentStatuses))
    .option("--project <id>", "only those of a project")
    .action(({ status, project: projectId, limit, cursor, json }: ExperimentListOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const query = { labId: lab.id, status, projectId, limit: Math.min(limit, 100), cursor };
        printPage(cli, await client.experiments.list(query), { json, table, none: "no experiments" });
      }),
    );

  experiments
    .command("get <id>")
    .description("what is known of one; with --json everything")
    .option("--json", "as JSON")
    .action((id: string, { json }: { json?: boolean }) =>
      withApi(cli, async (api) => printOne(cli, json, await api.client.experiments.get(id), experimentText)),
    );

  addListOptions(experiments.command("children <id>").description("those that go on from it, newest first")).action(
    (id: string, { limit, cursor, json }: ListOptions) =>
      withApi(cli, async (api) => {
        const { _id } = await api.client.experiments.get(id);
        const page = await api.client.experiments.children(_id, {
          limit: Math.min(limit, 100),
          ...(cursor === undefined ? {} : { cursor }),
        });
        printPage(cli, page, { json, table, none: "no children" });
      }),
  );
}

export function experimentText(row: Experiment): string {
  const facts: readonly (readonly [string, string] | null)[] = [
    ["id", `${row.experimentId}, ${row._id}`],
    ["title", row.title],
    ["status", row.statusReason === null ? row.status : `${row.status}: ${row.statusReason}`],
    row.result === null ? null : ["result", row.result],
    ["queue", `${row.queue}, ${row.priority}`],
    ["runs", `${row.template ?? "its own program"} on ${row.computeMode}, attempt ${row.attempt}`],
    ["made", timeText(row.createdAt)],
    ["started", timeText(row.startedAt)],
    ["ended", `${timeText(row.endedAt)}${row.exitCode === null ? "" : `, exit code ${row.exitCode}`}`],
    ["took", tookText(row)],
    ["progress", row.etaAt === null ? shareText(row.progress) : `${shareText(row.progress)}, ${etaText(row)}`],
    ["cost", costText(row)],
    ["qc", qcText(row)],
    ["metrics", metricsText(row)],
    ["log", counted(row.logLines, "line")],
    row.parentId === null ? null : ["parent", row.parentId],
    row.batchId === null ? null : ["batch", row.batchId],
    row.notBeforeAt === null ? null : ["not before", timeText(row.notBeforeAt)],
    row.resumeFrom === null ? null : ["resumes", row.resumeFrom],
    ["config", row.config],
  ];
  return textFacts(facts.filter((fact) => fact !== null));
}

const etaText = ({ etaAt, endedAt }: Experiment) => (endedAt === null ? `expected to end ${timeText(etaAt)}` : "ended");

const seconds = (value: number | null) => longDuration(value === null ? null : value * 1000);

const tookText = ({ actualSeconds, estimatedSeconds }: Experiment) =>
  estimatedSeconds === null ? seconds(actualSeconds) : `${seconds(actualSeconds)} of ${seconds(estimatedSeconds)}`;

function costText({ costUsd, costEstimated, projectedCostUsd }: Experiment): string {
  const soFar = usd(costUsd, { estimate: costEstimated && costUsd !== null });
  return projectedCostUsd === null ? soFar : `${soFar}, ${usd(projectedCostUsd, { estimate: true })} in all`;
}

function qcText({ qc }: Experiment): string {
  if (qc === null) return unknown;
  const failed = qc.checks.filter(({ ok }) => !ok).map(({ name, reason }) => `${name}: ${reason}`);
  return [`${qc.verdict}, score ${shown(qc.score)}`, ...failed].join("; ");
}

function metricsText({ metrics }: Experiment): string {
  const all = Object.entries(metrics).map(([name, value]) => `${name}=${numberText(value)}`);
  return all.length === 0 ? unknown : all.join(" ");
}
