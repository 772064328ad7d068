import {
  allowedTransitions,
  type Experiment,
  ExperimentConfig,
  ExperimentPatch,
  type ExperimentStatus,
} from "../../contract/experiment.js";
import { priorityRank } from "../../contract/vocabulary.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Change } from "../store/store.js";
import { type CreationParts, createExperiment, draftOf } from "./experiment-creation.js";
import {
  awaitDependencies,
  findDependencies,
  forgetDependencies,
  reviewDependants,
} from "./experiment-dependencies.js";
import { type ExperimentEvent, eventOf } from "./experiment-events.js";
import { type ExperimentRow, needRow, toExperiment } from "./experiment-rows.js";
import { countExperiments } from "./labs.js";
import type { ExperimentsService } from "./service.js";

export interface EditParts extends CreationParts {
  /** Deletes the output of every attempt of an experiment. */
  removeLogs(experimentId: string): Promise<void>;
}

type Edits = Pick<ExperimentsService, "create" | "patch" | "cancel" | "restart" | "remove">;

/** Everything that a person or a client changes. Each is one transaction with its events. */
export function createExperimentEdits(parts: EditParts): Edits {
  const { store } = parts;
  return {
    create: (draft) => createExperiment(parts, draft),

    async patch(ref, changes) {
      const { status, ...fields } = parseOrRefuse(ExperimentPatch, changes);
      return store.change(async (change) => {
        const before = await needRow(change.tx, ref);
        const row = await setFields(change, before, fields);
        return status === undefined || status === row.status ? toExperiment(row) : moveByHand(change, row, status);
      });
    },

    cancel: (ref) =>
      store.change(async (change) => {
        const row = await needRow(change.tx, ref);
        if (row.status === "fail") return toExperiment(row);
        if (row.status === "pass") {
          throw new LabError("conflict", `${row.display_id} has already passed; there is nothing to cancel`);
        }
        return row.status === "running" ? askToStop(change, row) : giveUp(change, row);
      }),

    restart: (ref) =>
      store.change(async (change) => {
        const row = await needRow(change.tx, ref);
        if (row.status === "pass") return createExperiment(parts, draftOf(toExperiment(row)));
        if (row.status === "fail") return requeue(change, row);
        if (row.status === "queued") return toExperiment(row);
        const now = row.status === "running" ? "is running; cancel it first" : "is blocked; unblock it instead";
        throw new LabError("conflict", `${row.display_id} ${now}`);
      }),

    remove: (ref) =>
      store.change(async (change) => {
        const row = await needRow(change.tx, ref);
        if (row.status === "running") {
          throw new LabError("conflict", `${row.display_id} is running; cancel it before deleting it`);
        }
        await parts.removeLogs(row.id);
        await deleteRows(change, row);
      }),
  };
}

type Fields = Pick<ExperimentPatch, "title" | "result" | "priority">;

async function setFields(change: Change, row: ExperimentRow, fields: Fields): Promise<ExperimentRow> {
  const { title, result, priority } = fields;
  if (title === undefined && result === undefined && priority === undefined) return row;
  const updated = await update(change, row, {
    title: title ?? row.title,
    result: result ?? row.result,
    priority: priority === undefined ? row.priority : priorityRank[priority],
  });
  eventOf(change, "updated", toExperiment(updated), { changes: fields });
  return updated;
}

type Move = (change: Change, row: ExperimentRow) => Promise<Experiment>;

/** What a person may do to the status. Starting and judging runs is the lab's own: those steps are not here. */
const movesByHand: Readonly<Record<ExperimentStatus, Readonly<Partial<Record<ExperimentStatus, Move>>>>> = {
  draft: { queued: requeue },
  queued: { blocked: holdByHand, fail: giveUp },
  running: { fail: askToStop },
  blocked: { queued: unblock, fail: giveUp },
  fail: { queued: requeue },
  pass: {},
};

function moveByHand(change: Change, row: ExperimentRow, to: ExperimentStatus): Promise<Experiment> {
  const from = row.status as ExperimentStatus;
  const move = movesByHand[from][to];
  if (move !== undefined) return move(change, row);
  const possible = Object.keys(movesByHand[from]);
  const may = possible.length === 0 ? `${from} is final` : `from ${from} it may become ${possible.join(" or ")}`;
  const why = allowedTransitions[from].includes(to) ? "; the lab itself starts and judges runs" : "";
  throw new LabError("validation_error", `status: ${row.display_id} can't go from ${from} to ${to}: ${may}${why}`);
}

async function update(change: Change, row: ExperimentRow, set: Partial<ExperimentRow>): Promise<ExperimentRow> {
  return change.tx
    .updateTable("experiments")
    .set({ ...set, updated_at: change.at })
    .where("id", "=", row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function updateAndTell(change: Change, row: ExperimentRow, set: Partial<ExperimentRow>, name: ExperimentEvent) {
  const experiment = toExperiment(await update(change, row, set));
  eventOf(change, name, experiment);
  return experiment;
}

function holdByHand(change: Change, row: ExperimentRow): Promise<Experiment> {
  return updateAndTell(change, row, { status: "blocked", status_reason: "blocked by hand" }, "blocked");
}

async function unblock(change: Change, row: ExperimentRow): Promise<Experiment> {
  await forgetDependencies(change, row.id);
  return updateAndTell(change, row, { status: "queued", status_reason: null }, "queued");
}

/** Cancels what has not started. */
async function giveUp(change: Change, row: ExperimentRow): Promise<Experiment> {
  await forgetDependencies(change, row.id);
  const result = row.result ?? "cancelled before it started";
  const set = { status: "fail", status_reason: null, result, ended_at: change.at, cancel_requested: 1 };
  const experiment = await updateAndTell(change, row, set, "failed");
  await reviewDependants(change, row.id);
  return experiment;
}

/** The run is stopped by whoever runs it; `settle` follows. */
async function askToStop(change: Change, row: ExperimentRow): Promise<Experiment> {
  if (row.cancel_requested === 1) return toExperiment(row);
  return updateAndTell(change, row, { cancel_requested: 1 }, "updated");
}

async function requeue(change: Change, row: ExperimentRow): Promise<Experiment> {
  const { dependsOn = [] } = ExperimentConfig.parse(JSON.parse(row.config));
  const reason = await awaitDependencies(change, row.id, await findDependencies(change.tx, dependsOn, "skip"));
  const status = reason === null ? "queued" : "blocked";
  const set = {
    status,
    status_reason: reason,
    result: null,
    qc: null,
    progress: null,
    eta_at: null,
    pod_id: null,
    exit_code: null,
    cancel_requested: 0,
    started_at: null,
    ended_at: null,
  };
  const experiment = await updateAndTell(change, row, set, status);
  await reviewDependants(change, row.id);
  return experiment;
}

async function deleteRows(change: Change, row: ExperimentRow): Promise<void> {
  const { tx } = change;
  await forgetDependencies(change, row.id);
  for (const table of ["runs", "blocks", "metrics"] as const) {
    await tx.deleteFrom(table).where("experiment_id", "=", row.id).execute();
  }
  await tx.deleteFrom("experiments").where("id", "=", row.id).execute();
  await countExperiments(change, row.lab_id, -1);
  await reviewDependants(change, row.id);
  eventOf(change, "deleted", toExperiment(row));
  for (const topic of [`logs:${row.id}`, `metrics:${row.id}`]) change.touch(topic);
}
