import { ExperimentCopy, ExperimentPatch, StatusMove } from "../../contract/experiment.js";
import { deleteBlocks } from "../capture/remove-log.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Change } from "../store/store.js";
import { type CreationParts, copyExperiment, createExperiment } from "./experiment-creation.js";
import { forgetDependencies, reviewDependants } from "./experiment-dependencies.js";
import { eventOf } from "./experiment-events.js";
import { editFields } from "./experiment-fields.js";
import { countMove, updateRow } from "./experiment-move.js";
import { askToStop, giveUp, moveByHand, requeue } from "./experiment-moves-by-hand.js";
import { type ExperimentRow, needRow, toExperiment } from "./experiment-rows.js";
import { countExperiments } from "./labs.js";
import type { ExperimentsService } from "./service.js";

export interface EditParts extends CreationParts {
  /** Deletes the output of every attempt of an experiment. */
  removeLogs(experimentId: string): Promise<void>;
}

type Edits = Pick<ExperimentsService, "create" | "patch" | "move" | "copy" | "cancel" | "restart" | "remove">;

/** Everything that a person or a client changes. Each is one transaction with its events. */
export function createExperimentEdits(parts: EditParts): Edits {
  const { store } = parts;
  const patch: Edits["patch"] = async (ref, changes) => {
    const { status, message, ...fields } = parseOrRefuse(ExperimentPatch, changes);
    return store.change(async (change) => {
      const before = await needRow(change.tx, ref);
      if (message !== undefined && (status === undefined || status === before.status)) {
        throw new LabError("validation_error", "message: is kept with a change of status; name the status as well");
      }
      const row = await editFields(change, before, { fields, templates: parts.templates });
      if (status === undefined || status === row.status) return toExperiment(row);
      return toExperiment(await moveByHand(change, row, { to: status, message }));
    });
  };
  return {
    create: (draft) => createExperiment(parts, draft),
    patch,

    async move(ref, wanted) {
      const { status, message } = parseOrRefuse(StatusMove, wanted);
      return store.change(async (change) => {
        const row = await needRow(change.tx, ref);
        return toExperiment(await moveByHand(change, row, { to: status, message }));
      });
    },

    async copy(ref, changes) {
      const wanted = parseOrRefuse(ExperimentCopy, changes ?? {});
      return store.change(async (change) => copyExperiment(parts, toExperiment(await needRow(change.tx, ref)), wanted));
    },

    cancel: (ref) =>
      store.change(async (change) => {
        const row = await needRow(change.tx, ref);
        if (row.status === "fail") return toExperiment(row);
        if (row.status === "pass" || row.status === "draft") {
          const now = row.status === "pass" ? "has already passed" : "is a draft and waits for nothing";
          throw new LabError("conflict", `${row.display_id} ${now}; there is nothing to cancel`);
        }
        return toExperiment(await (row.status === "running" ? askToStop(change, row) : giveUp(change, row)));
      }),

    restart: (ref) =>
      store.change(async (change) => {
        const row = await needRow(change.tx, ref);
        if (row.status === "pass") return copyExperiment(parts, toExperiment(row));
        if (row.status === "fail") return toExperiment(await requeue(change, row, { reason: "restarted" }));
        if (row.status === "queued") return toExperiment(row.not_before_at === null ? row : await hurry(change, row));
        throw new LabError("conflict", `${row.display_id} ${cantRestart[row.status] ?? `is ${row.status}`}`);
      }),

    async remove(ref) {
      const id = await store.change(async (change) => {
        const row = await needRow(change.tx, ref);
        if (row.status === "running") {
          throw new LabError("conflict", `${row.display_id} is running; cancel it before deleting it`);
        }
        await deleteRows(change, row);
        return row.id;
      });
      // Nobody finds them any more. A file of 10 GB takes the disk seconds, in which no transaction may stay open, and its blocks
      // are so many that others get their turn in between.
      await parts.removeLogs(id);
      await deleteBlocks(store, id);
    },
  };
}

/** Somebody does not want to wait for the next try. */
async function hurry(change: Change, row: ExperimentRow): Promise<ExperimentRow> {
  const hurried = await updateRow(change, row, { not_before_at: null, status_reason: null });
  eventOf(change, "updated", toExperiment(hurried), { changes: { notBeforeAt: null } });
  return hurried;
}

const cantRestart: Readonly<Record<string, string>> = {
  running: "is running; cancel it first",
  blocked: "is blocked; unblock it instead",
  draft: "is a draft; queue it instead",
};

async function deleteRows(change: Change, row: ExperimentRow): Promise<void> {
  const { tx } = change;
  await forgetDependencies(change, row.id);
  for (const table of ["runs", "metrics", "experiment_statuses"] as const) {
    await tx.deleteFrom(table).where("experiment_id", "=", row.id).execute();
  }
  await tx.deleteFrom("experiments").where("id", "=", row.id).execute();
  await countExperiments(change, row.lab_id, -1);
  await countMove(change, row, { from: row.status, to: null });
  await reviewDependants(change, row.id);
  eventOf(change, "deleted", toExperiment(row));
  for (const topic of [`logs:${row.id}`, `metrics:${row.id}`, `statuses:${row.id}`]) change.touch(topic);
}
