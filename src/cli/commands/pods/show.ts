import type { Command } from "commander";
import { sshCommand } from "../../../app/ssh-command.js";
import type { Pod, StockRow } from "../../../contract/pod.js";
import { longDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import type { Cli } from "../../cli.js";
import { textTable } from "../../text-table.js";
import { withConnection } from "../../with-connection.js";
import { providerWords } from "../provider-words.js";
import { findPod, ofProvider, type PodOptions } from "./find.js";

const percent = (value: number | null | undefined) => (typeof value === "number" ? `${Math.round(value)} %` : "–");

/** What a script or a person wants to see of a fleet: load, money, idleness, and what is wrong. */
export function fleetTable(pods: readonly Pod[]): string {
  return textTable(
    ["POD", "KIND", "STATUS", "GPU", "$/H", "TODAY", "IDLE", "EXPERIMENTS", "REASON"],
    pods.map((pod) => [
      pod.name,
      pod.gpuCount > 0 ? `${pod.gpuCount}×${pod.gpuType}` : pod.gpuType,
      pod.acceptsWork ? pod.status : `${pod.status}, draining`,
      percent(pod.last?.gpuUtilPercent),
      usd(pod.costPerHourUsd),
      usd(pod.costTodayUsd, { estimate: pod.costEstimated }),
      pod.idleMinutes === null || pod.idleMinutes === 0 ? "–" : longDuration(pod.idleMinutes * 60_000),
      pod.experiments.join(" "),
      pod.trouble?.message ?? pod.idleReason ?? pod.statusReason ?? "",
    ]),
  );
}

function stockTable(rows: readonly StockRow[]): string {
  return textTable(
    ["GPU", "ID", "MEMORY", "$/H", "STOCK", "KIND", "MOST", "REGIONS"],
    rows.map((row) => [
      row.name,
      row.gpuType,
      row.memoryGb === null ? "–" : `${row.memoryGb} GB`,
      usd(row.costPerHourUsd),
      row.stock?.toLowerCase() ?? "unknown",
      row.cloud.toLowerCase(),
      row.maxCount === null ? "–" : String(row.maxCount),
      row.regions.map(({ id, stock }) => (stock === null ? id : `${id}:${stock.toLowerCase()}`)).join(" "),
    ]),
  );
}

export function podText(pod: Pod): string {
  const lines: readonly (readonly [string, string])[] = [
    ["name", pod.name],
    ["id", [pod._id, ...(pod.providerId === null ? [] : [`${pod.provider} ${pod.providerId}`])].join(", ")],
    ["kind", pod.gpuCount > 0 ? `${pod.gpuCount}×${pod.gpuType}` : pod.gpuType],
    ["status", [pod.status, pod.providerStatus, pod.statusReason].filter((word) => word !== null).join(", ")],
    ["trouble", pod.trouble?.message ?? "–"],
    ["cost", `${usd(pod.costPerHourUsd)} an hour, ${usd(pod.costTodayUsd, { estimate: pod.costEstimated })} today`],
    ["stopped", `${usd(pod.stoppedCostPerMonthUsd, { estimate: true })} a month for its volume`],
    ["idle", pod.idleMinutes === null ? "–" : longDuration(pod.idleMinutes * 60_000)],
    ["runs", pod.experiments.join(", ") || "–"],
    ["outputs", pod.unsynced.length === 0 ? "all are home" : `only there: ${pod.unsynced.join(", ")}`],
    ["ssh", pod.ssh === null ? `– ${pod.sshReason ?? ""}`.trim() : sshCommand(pod.ssh)],
  ];
  return lines.map(([name, text]) => `${name.padEnd(9)}${text}`).join("\n");
}

/** `pods list|get|stock`. */
export function addShowCommands(pods: Command, cli: Cli): void {
  pods
    .command("list", { isDefault: true })
    .description("every pod with its load, cost and experiments")
    .option("--provider <name>", "only those of runpod, local or ssh")
    .option("--json", "as JSON")
    .action((options: PodOptions) =>
      withConnection(cli, async (connection) => {
        const rows = ofProvider(await connection.pods.list(), options.provider);
        cli.out(
          options.json === true ? JSON.stringify(rows, null, 2) : rows.length === 0 ? "no pods" : fleetTable(rows),
        );
        // One that is not set up is worth a word to who asks for it, or finds nothing.
        const isAsked = (name: string) => name === options.provider || rows.length === 0;
        for (const { name, state, text } of await providerWords(connection, cli.nowMs())) {
          const isOther = options.provider !== undefined && name !== options.provider;
          if (!isOther && (state === "down" || isAsked(name))) cli.err(text);
        }
      }),
    );

  pods
    .command("get <pod>")
    .description("everything known of one, by its name or id")
    .option("--provider <name>", "only of this provider")
    .option("--json", "as JSON")
    .action((ref: string, options: PodOptions) =>
      withConnection(cli, async (connection) => {
        const pod = await findPod(connection, ref, options);
        cli.out(options.json === true ? JSON.stringify(pod, null, 2) : podText(pod));
      }),
    );

  pods
    .command("stock")
    .description("what could be rented now, where and for how much")
    .option("--provider <name>", "only of this provider")
    .option("--json", "as JSON")
    .action((options: PodOptions) =>
      withConnection(cli, async (connection) => {
        const all = await connection.pods.stock();
        const rows = options.provider === undefined ? all : all.filter(({ provider }) => provider === options.provider);
        if (options.json === true) cli.out(JSON.stringify(rows, null, 2));
        else cli.out(rows.length === 0 ? "no provider here rents anything" : stockTable(rows));
      }),
    );
}
