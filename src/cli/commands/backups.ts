import { resolve } from "node:path";
import { Command, Option } from "commander";
import type { Backup } from "../../contract/backup.js";
import { FailureError } from "../../core/failure.js";
import type { Cli, FoundBackup } from "../cli.js";
import { addListOptions, type ListOptions, printOne, printPage } from "../print.js";
import { agree } from "../question.js";
import { textTable } from "../text-table.js";
import { bytesText, shown, timeText } from "../text-value.js";
import { withApi } from "../with-api.js";

/** `backups list|create|delete`: those that the lab keeps among its own. */
export function backupsCommand(cli: Cli): Command {
  const backups = new Command("backups").description("backups that the lab keeps; `lab restore` takes one back");
  addListOptions(backups.command("list", { isDefault: true }).description("newest first"), 20).action(
    ({ limit, cursor, json }: ListOptions) =>
      withApi(cli, async ({ client, lab }) => {
        const page = await client.backups.list({ labId: lab.id, limit: Math.min(limit, 100), cursor });
        printPage(cli, page, { json, table: backupsTable, none: "no backups; `backups create` makes one" });
      }),
  );
  backups.addCommand(backupCommand(cli).name("create"));
  backups
    .command("delete <backup>")
    .description("delete one and its archive")
    .option("-y, --yes", "do not ask")
    .option("--json", "as JSON")
    .action((id: string, { yes = false, json }: { yes?: boolean; json?: boolean }) =>
      withApi(cli, async ({ client }) => {
        const { file, createdAt } = await client.backups.get(id);
        const name = file ?? id;
        const details = [{ name: "Made", text: timeText(createdAt) }];
        await agree(cli, { question: `Delete ${name}?`, details, yes });
        await client.backups.delete(id);
        printOne(cli, json, { id, deleted: true }, () => `${name} is deleted`);
      }),
    );
  return backups;
}

export const backupsTable = (rows: readonly Backup[]) =>
  textTable(
    ["BACKUP", "MADE", "TYPE", "STATUS", "SIZE", "FILE", "ERROR"],
    rows.map(({ id, createdAt, type, status, size, file, error }) => [
      id,
      timeText(createdAt),
      type,
      status,
      bytesText(size),
      shown(file),
      error ?? "",
    ]),
  );

/** `lab backup [FILE]`: everything of the lab in one file, made while it runs. */
export function backupCommand(cli: Cli): Command {
  return new Command("backup")
    .description("everything of the lab in one file, made while it runs; keys, token and other secrets are not in it")
    .argument("[file]", "where it goes; without one, the lab keeps it among its own")
    .addOption(
      new Option("--type <type>", "full: database, runs, figures, files; checkpoint: the database alone")
        .choices(["full", "checkpoint"])
        .default("full"),
    )
    .option("--json", "as JSON: file, bytes, sha256")
    .action(async (file: string | undefined, { type, json }: { type: "full" | "checkpoint"; json?: boolean }) => {
      const target = file === undefined ? undefined : resolve(file);
      const made = await cli.lab.backup({ type, file: target, signal: cli.interrupted });
      if (json === true) cli.out(JSON.stringify(made, null, 2));
      else cli.out(`${made.file}\n  ${bytesText(made.bytes)}, sha256 ${made.sha256}`);
    });
}

/** `lab restore FILE`: a backup takes the place of what is in the data directory. */
export function restoreCommand(cli: Cli): Command {
  return new Command("restore")
    .description("put a backup in the place of the lab's data; all of it is checked first, and what was there is kept")
    .argument("<file>", "made by `lab backup` or POST /v1/backups")
    .option("-y, --yes", "do not ask")
    .option("--any-ratio", "take one that unpacks to many times its size")
    .option("--json", "as JSON: dataDir, keptAs, and what the backup says of itself")
    .action(async (file: string, flags: { yes?: boolean; anyRatio?: boolean; json?: boolean }) => {
      const dataDir = cli.dataDir();
      const restored = await cli.lab.restore({
        file: resolve(file),
        anyRatio: flags.anyRatio === true,
        confirm: async (found) => flags.yes === true || (await agreed(cli, dataDir, found)),
      });
      if (restored === null) throw new FailureError({ kind: "aborted", message: "nothing was changed" });
      if (flags.json === true) {
        cli.out(JSON.stringify({ dataDir, ...restored }, null, 2));
        return;
      }
      cli.out(`restored into ${dataDir}`);
      if (restored.keptAs !== null) cli.out(`what was there is kept as ${restored.keptAs}`);
      cli.out("start it with `hubify-tui lab start`; experiments that were running are failed, and can be restarted");
    });
}

async function agreed(cli: Cli, dataDir: string, found: FoundBackup): Promise<boolean> {
  const counts = Object.entries(found.counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
  cli.err(`${found.type} backup of ${new Date(found.createdAt).toISOString()}, by hubify-tui ${found.version}`);
  cli.err(`  ${counts}; ${bytesText(found.bytes)}`);
  cli.err(found.hasData ? `  ${dataDir} has data, which will be kept beside it` : `  ${dataDir} has no data yet`);
  await agree(cli, { question: "Restore it?", details: [], yes: false });
  return true;
}
