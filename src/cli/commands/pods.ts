import { Command } from "commander";
import type { Cli } from "../cli.js";
import { podsTable } from "./status.js";

export function podsCommand(cli: Cli): Command {
  const pods = new Command("pods").description("the pods of the lab");
  pods
    .command("list", { isDefault: true })
    .description("every pod with its load, cost and experiments")
    .option("--json", "as JSON")
    .action(async (options: { json?: boolean }) => {
      const connection = await cli.connect();
      try {
        const rows = await connection.pods.list();
        cli.out(options.json === true ? JSON.stringify(rows, null, 2) : podsTable(rows));
      } finally {
        await connection.close();
      }
    });
  return pods;
}
