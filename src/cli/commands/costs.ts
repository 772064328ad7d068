import { Command } from "commander";
import type { CostRow, Costs } from "../../contract/cost.js";
import { longDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import type { Cli } from "../cli.js";
import { printOne } from "../print.js";
import { textTable } from "../text-table.js";
import { withConnection } from "../with-connection.js";

/** `costs`: what goes out now, what is spent, and where it went. */
export function costsCommand(cli: Cli): Command {
  return new Command("costs")
    .description("burn now, today, month against budget, idle waste; by pod and by experiment")
    .option("--json", "as JSON")
    .action(({ json }: { json?: boolean }) =>
      withConnection(cli, async ({ costs }) => printOne(cli, json, await costs.get(), costsText)),
    );
}

const hourMs = 3_600_000;

/** For pipes: `~` before what is not billed yet, `–` for what nobody knows. */
export function costsText(costs: Costs): string {
  const { summary, budget, balance } = costs;
  const { podCount, hourlyUsd } = summary.liveRunning;
  const amount = (value: number | null) => usd(value, { estimate: costs.estimated });
  const perHour = (value: number | null) => (value === null ? "–" : `${usd(value)}/h`);
  const lines: readonly (readonly [string, string] | null)[] = [
    ["burn now", `${perHour(hourlyUsd)}, ${podCount} pod${podCount === 1 ? "" : "s"}`],
    ["today", amount(costs.todayUsd)],
    [summary.month, `${amount(summary.totalUsd)}${ofBudget(costs)}`],
    ["projected", usd(costs.projectedMonthUsd, { estimate: true })],
    ["idle waste", `${amount(costs.idleTodayUsd)} today, ${amount(costs.idleMonthUsd)} this month`],
    ["stopped disks", perHour(costs.stoppedDiskHourlyUsd)],
    ["balance", balanceText(balance)],
    budget.queuePaused === null ? null : ["queue", budget.queuePaused],
    costs.billedUntil === null ? null : ["billed until", new Date(costs.billedUntil).toISOString().slice(0, 16)],
  ];
  const shown = lines.filter((line) => line !== null);
  const width = Math.max(...shown.map(([label]) => label.length));
  return [
    ...shown.map(([label, text]) => `${label.padEnd(width)}  ${text}`),
    ...table("POD", costs.pods),
    ...table("EXPERIMENT", costs.experiments),
  ].join("\n");
}

function ofBudget({ summary, budget }: Costs): string {
  const limits = [
    budget.monthlyUsd === null ? null : `of ${usd(budget.monthlyUsd)}${percentOf(summary.totalUsd, budget.monthlyUsd)}`,
    budget.hardLimitUsd === null ? null : `the queue pauses at ${usd(budget.hardLimitUsd)}`,
  ].filter((text) => text !== null);
  const word = budget.state === "warn" ? ["near its end"] : budget.state === "over" ? ["used up"] : [];
  if (limits.length === 0) return ", no budget";
  return ` ${[...limits, ...word].join(", ")}`;
}

const percentOf = (spentUsd: number | null, budgetUsd: number) =>
  spentUsd === null ? "" : ` (${Math.floor((100 * spentUsd) / budgetUsd)} %)`;

function balanceText({ usd: left, runwayHours, reason }: Costs["balance"]): string {
  if (left === null) return reason === null ? "–" : `– (${reason})`;
  return runwayHours === null ? usd(left) : `${usd(left)}, lasts ${longDuration(runwayHours * hourMs)}`;
}

function table(noun: string, rows: readonly CostRow[]): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => {
    const amount = (value: number | null) => usd(value, { estimate: row.estimated && value !== null });
    const hours = row.gpuHours === null ? "–" : row.gpuHours.toFixed(1);
    return [row.name, amount(row.todayUsd), amount(row.monthUsd), hours, amount(row.idleUsd), amount(row.diskUsd)];
  });
  return ["", textTable([noun, "TODAY", "MONTH", "GPU-H", "IDLE", "DISK"], cells)];
}
