import type { Command } from "commander";
import type { LabApi } from "../../../connections/lab-api.js";
import type { Attempt, Checkpoint, StatusChange } from "../../../contract/experiment.js";
import { shortDuration } from "../../../core/duration.js";
import type { Cli } from "../../cli.js";
import { textTable } from "../../text-table.js";
import { bytesText, momentText, shareText, shown, timeText, unknown } from "../../text-value.js";
import { withApi } from "../../with-api.js";

interface History<Row> {
  readonly name: string;
  readonly about: string;
  readonly load: (api: LabApi, id: string) => Promise<readonly Row[]>;
  readonly none: string;
  readonly table: (rows: readonly Row[]) => string;
}

/** `experiments statuses|attempts|checkpoints`. */
export function addHistoryCommands(experiments: Command, cli: Cli): void {
  const add = <Row>({ name, about, load, none, table }: History<Row>) =>
    experiments
      .command(`${name} <id>`)
      .description(about)
      .option("--json", "as JSON")
      .action((id: string, { json }: { json?: boolean }) =>
        withApi(cli, async (api) => {
          const rows = await load(api, (await api.client.experiments.get(id))._id);
          cli.out(json === true ? JSON.stringify(rows, null, 2) : rows.length === 0 ? none : table(rows));
        }),
      );

  add({
    name: "statuses",
    about: "every change of its status: when, who and why",
    load: async ({ client }, id) => (await client.experiments.statuses(id)).rows,
    none: "no changes",
    table: statusesTable,
  });
  add({
    name: "attempts",
    about: "every start of it, newest first",
    load: async ({ client }, id) => (await client.experiments.attempts(id)).rows,
    none: "it has not been started yet",
    table: attemptsTable,
  });
  add({
    name: "checkpoints",
    about: "what it can go on from, newest first",
    load: async ({ client }, id) => (await client.experiments.checkpoints(id)).rows,
    none: "no checkpoints; a run keeps them in $HUBIFY_CHECKPOINT_DIR",
    table: checkpointsTable,
  });
}

export const statusesTable = (rows: readonly StatusChange[]) =>
  textTable(
    ["AT", "FROM", "TO", "ATTEMPT", "WHO", "WHY"],
    rows.map(({ at, from, status, attempt, actor, reason, message }) => [
      momentText(at),
      shown(from),
      status,
      String(attempt),
      actor,
      [reason, message].filter((text) => text !== null).join(": "),
    ]),
  );

export const attemptsTable = (rows: readonly Attempt[]) =>
  textTable(
    ["ATTEMPT", "STATUS", "STARTED", "TOOK", "EXIT", "QC", "RESULT"],
    rows.map(({ attempt, status, startedAt, actualSeconds, exitCode, qc, result, resumedFrom }) => [
      String(attempt),
      status,
      timeText(startedAt),
      shortDuration(actualSeconds === null ? null : actualSeconds * 1000),
      shown(exitCode),
      qc === null ? unknown : `${qc.verdict} ${shown(qc.score)}`,
      [result, resumedFrom && `from ${resumedFrom}`].filter((text) => text !== null).join(", "),
    ]),
  );

export const checkpointsTable = (rows: readonly Checkpoint[]) =>
  textTable(
    ["CHECKPOINT", "CHANGED", "STEP", "PROGRESS", "SIZE", "RESUMABLE"],
    rows.map(({ id, changedAt, step, totalSteps, stepName, progress, sizeBytes, resumable }) => [
      id,
      timeText(changedAt),
      stepName ?? (totalSteps === null ? shown(step) : `${shown(step)}/${totalSteps}`),
      shareText(progress),
      bytesText(sizeBytes),
      resumable ? "yes" : "no",
    ]),
  );
