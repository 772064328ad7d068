import { Command } from "commander";
import { noteText } from "../../app/selectors/provider-notes.js";
import type { Experiment } from "../../contract/experiment.js";
import type { Pod } from "../../contract/pod.js";
import type { ProviderState } from "../../contract/provider.js";
import { shortDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import type { Cli } from "../cli.js";
import { textTable } from "../text-table.js";
import { withConnection } from "../with-connection.js";

/** `status`: the same report that `hubify-tui` prints without a terminal. */
export function statusCommand(cli: Cli): Command {
  return new Command("status")
    .description("one report of experiments and pods")
    .option("--json", "as JSON")
    .action(async (options: { json?: boolean }) => {
      const report = await loadReport(cli);
      cli.out(options.json === true ? JSON.stringify(report, null, 2) : reportText(report, cli.nowMs()));
    });
}

export interface Report {
  readonly lab: { readonly id: string; readonly name: string; readonly slug: string };
  readonly counts: Readonly<Record<string, number>>;
  readonly experiments: readonly Experiment[];
  readonly pods: readonly Pod[];
  readonly providers: readonly ProviderState[];
}

/** The newest experiments and all pods of the lab. */
export const loadReport = (cli: Cli): Promise<Report> =>
  withConnection(cli, async ({ experiments, pods: fleet, lab: { id, name, slug } }) => {
    const [page, pods, providers] = await Promise.all([
      experiments.list({ limit: 100 }),
      fleet.list(),
      // A lab that does not tell of them has a report all the same.
      fleet.providers().catch(() => []),
    ]);
    const counts: Record<string, number> = {};
    for (const { status } of page.rows) counts[status] = (counts[status] ?? 0) + 1;
    return { lab: { id, name, slug }, counts, experiments: page.rows, pods, providers };
  });

const shownExperiments = 20;

export function reportText(report: Report, nowMs: number): string {
  const words = Object.entries(report.counts).map(([status, count]) => `${count} ${status}`);
  const head = `${report.lab.name} (${report.lab.slug}): ${words.length === 0 ? "no experiments yet" : words.join(", ")}`;
  const shown = report.experiments.slice(0, shownExperiments);
  const down = report.providers.filter(({ state }) => state === "down");
  const left = report.experiments.length - shown.length;
  return [
    head,
    ...(shown.length === 0 ? [] : ["", experimentsTable(shown, nowMs)]),
    ...(left > 0 ? [`… and ${left} more: hubify-tui experiments list`] : []),
    "",
    podsTable(report.pods),
    ...(down.length === 0 ? [] : ["", ...down.map((provider) => noteText(provider, nowMs))]),
  ].join("\n");
}

export function experimentsTable(rows: readonly Experiment[], nowMs: number): string {
  return textTable(
    ["ID", "STATUS", "PRIORITY", "AGE", "LINES", "TITLE", "RESULT"],
    rows.map((row) => [
      row.experimentId,
      row.status,
      row.priority,
      shortDuration(nowMs - row.createdAt),
      String(row.logLines),
      row.title,
      row.result ?? row.statusReason ?? "",
    ]),
  );
}

export function podsTable(pods: readonly Pod[]): string {
  const percent = (value: number | null | undefined) => (typeof value === "number" ? `${Math.round(value)} %` : "–");
  return textTable(
    ["POD", "KIND", "STATUS", "CPU", "GPU", "SLOTS", "$/H", "EXPERIMENTS"],
    pods.map((pod) => [
      pod.name,
      pod.gpuCount > 0 ? `${pod.gpuCount}×${pod.gpuType}` : pod.gpuType,
      pod.acceptsWork ? pod.status : `${pod.status}, draining`,
      percent(pod.last?.cpuPercent),
      percent(pod.last?.gpuUtilPercent),
      `${pod.slotsUsed}/${pod.slots}`,
      usd(pod.costPerHourUsd),
      pod.experiments.join(" "),
    ]),
  );
}
