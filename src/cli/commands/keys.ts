import { Command, Option } from "commander";

import type { ApiKey, NewApiKey } from "../../contract/api-key.js";
import type { Connection } from "../../contract/connection.js";
import type { Lab } from "../../contract/lab.js";
import { plans } from "../../contract/vocabulary.js";
import { FailureError } from "../../core/failure.js";
import type { Cli } from "../cli.js";
import { durationSeconds } from "../option-values.js";
import { textTable } from "../text-table.js";
import { timeText } from "../text-value.js";
import { withConnection } from "../with-connection.js";

interface CreateFlags {
  readonly name: string;
  readonly scope: readonly string[];
  readonly allLabs?: boolean;
  readonly expiresIn?: number;
  readonly plan?: NewApiKey["plan"];
  readonly json?: boolean;
}

/** `keys list|create|revoke`: API keys of the lab, for scripts and agents. */
export function keysCommand(cli: Cli): Command {
  const keys = new Command("keys").description("API keys of the lab, for scripts and agents");

  keys
    .command("list", { isDefault: true })
    .description("names, prefixes, scopes, last use; never the keys themselves")
    .option("--json", "as JSON")
    .action((flags: { json?: boolean }) =>
      withKeys(cli, async (port, { lab }) => {
        const rows = await port.list();
        cli.out(flags.json === true ? JSON.stringify(rows, null, 2) : keysText(rows, cli.nowMs(), lab));
      }),
    );

  keys
    .command("create")
    .description("make one; it is shown this once, alone on standard output")
    .requiredOption("--name <name>", "what it is for")
    .requiredOption(
      "--scope <scope...>",
      "what it may do: labs:read, experiments:*, lab:<slug>:rw; several, or with commas",
    )
    .option("--all-labs", "of all labs, those that come later too; default is the one lab that `--lab` names")
    .option("--expires-in <duration>", "when it ends, from now: 12h, 30d", durationSeconds)
    .addOption(new Option("--plan <plan>", "its limits; default is its lab's plan").choices(plans))
    .option("--json", "as JSON")
    .action((flags: CreateFlags) =>
      withKeys(cli, async (port, { lab }) => {
        const made = await port.create({
          name: flags.name,
          scopes: flags.scope.flatMap((text) => text.split(",")).map((scope) => scope.trim()),
          labId: flags.allLabs === true ? null : lab.id,
          ...(flags.expiresIn === undefined ? {} : { expiresIn: flags.expiresIn }),
          ...(flags.plan === undefined ? {} : { plan: flags.plan }),
        });
        if (flags.json === true) {
          cli.out(JSON.stringify(made, null, 2));
          return;
        }
        cli.err(`${made.name} may ${made.scopes.join(", ")}; keep it now, it is not shown again`);
        cli.out(made.key);
      }),
    );

  keys
    .command("revoke")
    .description("end one at once, with the sessions that it made")
    .argument("<key>", "its id or prefix, as the list has it")
    .option("--json", "as JSON")
    .action((ref: string, flags: { json?: boolean }) =>
      withKeys(cli, async (port) => {
        const key = await port.revoke(ref);
        cli.out(flags.json === true ? JSON.stringify(key, null, 2) : `${key.name} (${key.prefix}…) is revoked`);
      }),
    );
  return keys;
}

type Keys = NonNullable<Connection["keys"]>;

const withKeys = (cli: Cli, work: (port: Keys, connection: Connection) => Promise<void>): Promise<void> =>
  withConnection(
    cli,
    (connection) => {
      if (connection.keys !== undefined) return work(connection.keys, connection);
      const message = "this account has no API keys of a lab";
      throw new FailureError({ kind: "invalid", message, hint: "leave --runpod out" });
    },
    { allLabs: true },
  );

export function keysText(keys: readonly ApiKey[], nowMs: number, lab: Pick<Lab, "id" | "slug">): string {
  if (keys.length === 0) return "no keys; `keys create` makes one";
  const rows = keys.map((key) => [
    key.name,
    `${key.prefix}…`,
    stateOf(key, nowMs),
    key.labId === lab.id ? lab.slug : (key.labId ?? "all labs"),
    timeText(key.lastUsedAt, "never"),
    timeText(key.expiresAt, "never"),
    key.scopes.join(","),
  ]);
  return textTable(["NAME", "PREFIX", "STATE", "LAB", "LAST USED", "EXPIRES", "SCOPES"], rows);
}

function stateOf({ revokedAt, expiresAt }: ApiKey, nowMs: number): string {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt <= nowMs ? "expired" : "active";
}
