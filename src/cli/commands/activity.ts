import { Command, Option } from "commander";
import type { Activity } from "../../contract/activity.js";
import { severities } from "../../contract/vocabulary.js";
import { FailureError } from "../../core/failure.js";
import type { Cli } from "../cli.js";
import { pastTime, positiveInteger } from "../option-values.js";
import { printPage } from "../print.js";
import { textTable } from "../text-table.js";
import { momentText } from "../text-value.js";
import { withApi } from "../with-api.js";
import { withConnection } from "../with-connection.js";

interface ActivityOptions {
  readonly follow?: boolean;
  readonly severity?: Activity["severity"];
  readonly event?: string;
  readonly since?: (nowMs: number) => number;
  readonly limit: number;
  readonly cursor?: string;
  readonly json?: boolean;
}

/** `activity`: what happened in the lab, and who did it. */
export function activityCommand(cli: Cli): Command {
  return new Command("activity")
    .description("what happened in the lab, newest first, and who did it")
    .option("-f, --follow", "oldest first, then what happens from now on, until Ctrl-C")
    .addOption(new Option("--severity <severity>", "this one only").choices(severities))
    .option("--event <event>", "experiment.failed, or all of a noun: experiment")
    .option("--since <time>", "2026-01-31T12:00 (UTC), or how long ago: 15m, 2h", pastTime)
    .option("--limit <n>", "rows, at most 200", positiveInteger, 50)
    .option("--cursor <id>", "go on where a page before ended")
    .option("--json", "as JSON: rows, nextCursor, more; with --follow one object a line")
    .action((options: ActivityOptions) => (options.follow === true ? follow(cli, options) : list(cli, options)));
}

const list = (cli: Cli, { severity, event, since, limit, cursor, json }: ActivityOptions) =>
  withApi(cli, async ({ client, lab }) => {
    const query = { severity, event, since: since?.(cli.nowMs()), limit: Math.min(limit, 200), cursor };
    const page = await client.activity.list({ ...query, labId: lab.id });
    printPage(cli, page, { json, table: activityTable, none: "nothing happened" });
  });

export const activityTable = (rows: readonly Activity[]) =>
  textTable(
    ["AT", "SEVERITY", "EVENT", "WHO", "WHAT"],
    rows.map(({ createdAt, severity, event, actor, message }) => [
      momentText(createdAt),
      severity,
      event,
      actor,
      message,
    ]),
  );

/** Columns of a line that comes alone: the widest severity; events and actors as they mostly are. */
const widths = { severity: 8, event: 22, actor: 10 };

function lineOf({ createdAt, severity, event, actor, message }: Activity): string {
  const columns = [severity.padEnd(widths.severity), event.padEnd(widths.event), actor.padEnd(widths.actor)];
  return `${momentText(createdAt)}  ${columns.join("  ")}  ${message.replace(/\p{Cc}+/gu, " ")}`;
}

function follow(cli: Cli, { severity, event, since, limit, cursor, json }: ActivityOptions): Promise<void> {
  if (cursor !== undefined) {
    const hint = "--follow goes on by itself; leave one out";
    throw new FailureError({ kind: "invalid", message: "--cursor with --follow", hint });
  }
  const sinceMs = since?.(cli.nowMs()) ?? 0;
  const isWanted = (row: Activity) =>
    (severity === undefined || row.severity === severity) &&
    (event === undefined || row.event === event || row.event.startsWith(`${event}.`)) &&
    row.createdAt >= sinceMs;
  return withConnection(cli, (connection) => {
    let seen: ReadonlySet<string> | null = null;
    return new Promise<void>((resolve, reject) => {
      const stop = connection.activity.watch({
        next(rows) {
          const known = seen;
          const fresh = rows.filter((row) => known?.has(row._id) !== true && isWanted(row)).toReversed();
          for (const row of known === null ? fresh.slice(-limit) : fresh) {
            cli.out(json === true ? JSON.stringify(row) : lineOf(row));
          }
          seen = new Set(rows.map(({ _id }) => _id));
        },
        fail: (failure) => (failure.kind === "network" ? cli.err(failure.message) : reject(new FailureError(failure))),
      });
      const end = () => {
        stop();
        resolve();
      };
      cli.interrupted.addEventListener("abort", end, { once: true });
    });
  });
}
