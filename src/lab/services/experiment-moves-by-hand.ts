import { allowedTransitions, type ExperimentStatus } from "../../contract/experiment.js";
import { LabError } from "../lab-error.js";
import type { Change } from "../store/store.js";
import {
  awaitDependencies,
  dependsOnOf,
  findDependencies,
  forgetDependencies,
  reviewDependants,
} from "./experiment-dependencies.js";
import { eventOf } from "./experiment-events.js";
import { moveExperiment, updateRow } from "./experiment-move.js";
import { type ExperimentRow, toExperiment } from "./experiment-rows.js";

interface Said {
  readonly message?: string | undefined;
}

type Act = (change: Change, row: ExperimentRow, said: Said) => Promise<ExperimentRow>;

/** What a person may do to the status. Starting and judging runs is the lab's own: those steps are not here. */
const movesByHand: Readonly<Record<ExperimentStatus, Readonly<Partial<Record<ExperimentStatus, Act>>>>> = {
  draft: { queued: (change, row, said) => requeue(change, row, { ...said, reason: "queued" }) },
  queued: { blocked: holdByHand, fail: giveUp },
  running: { fail: askToStop },
  blocked: { queued: unblock, fail: giveUp },
  fail: { queued: (change, row, said) => requeue(change, row, { ...said, reason: "restarted" }) },
  pass: {},
};

/** Refuses a status that it can't be given, and lists those that it can. */
export function moveByHand(
  change: Change,
  row: ExperimentRow,
  { to, message }: Said & { readonly to: ExperimentStatus },
): Promise<ExperimentRow> {
  const from = row.status as ExperimentStatus;
  const act = movesByHand[from][to];
  if (act !== undefined) return act(change, row, { message });
  const possible = Object.keys(movesByHand[from]);
  const may = possible.length === 0 ? `${from} is final` : `from ${from} it may become ${possible.join(" or ")}`;
  const why = allowedTransitions[from].includes(to) ? "; the lab itself starts and judges runs" : "";
  throw new LabError("validation_error", `status: ${row.display_id} can't go from ${from} to ${to}: ${may}${why}`);
}

function holdByHand(change: Change, row: ExperimentRow, { message }: Said): Promise<ExperimentRow> {
  const reason = "blocked by hand";
  const set = { status_reason: reason, not_before_at: null };
  return moveExperiment(change, row, { to: "blocked", reason, message, set, event: "blocked" });
}

async function unblock(change: Change, row: ExperimentRow, { message }: Said): Promise<ExperimentRow> {
  await forgetDependencies(change, row.id);
  const set = { status_reason: null };
  return moveExperiment(change, row, { to: "queued", reason: "unblocked by hand", message, set, event: "queued" });
}

/** Cancels what has not started. */
export async function giveUp(change: Change, row: ExperimentRow, { message }: Said = {}): Promise<ExperimentRow> {
  await forgetDependencies(change, row.id);
  const reason = "cancelled before it started";
  // A retry still shows why the attempt before it failed, which says nothing of this end.
  const result = row.attempt === 0 ? (row.result ?? reason) : reason;
  const set = {
    status_reason: null,
    result,
    ended_at: change.at,
    cancel_requested: 1,
    not_before_at: null,
    resume_from: null,
    eta_at: null,
  };
  const moved = await moveExperiment(change, row, { to: "fail", reason, message, set, event: "failed" });
  await reviewDependants(change, row.id);
  return moved;
}

/** The run is stopped by whoever runs it; `settle` follows, and writes the change of status. */
export async function askToStop(change: Change, row: ExperimentRow, { message }: Said = {}): Promise<ExperimentRow> {
  if (row.cancel_requested === 1) return row;
  const result = message === undefined ? {} : { result: row.result ?? `cancelled: ${message}` };
  const asked = await updateRow(change, row, { cancel_requested: 1, ...result });
  eventOf(change, "updated", toExperiment(asked), { changes: { cancelRequested: true } });
  return asked;
}

/** On its way to a new attempt: queued, or blocked while something it depends on has not passed. */
export async function requeue(
  change: Change,
  row: ExperimentRow,
  { reason, message, resumeFrom = null }: Said & { readonly reason: string; readonly resumeFrom?: string | null },
): Promise<ExperimentRow> {
  const dependsOn = dependsOnOf(row);
  const needed = await findDependencies(change.tx, row.lab_id, { dependsOn, unknown: "skip" });
  const waits = await awaitDependencies(change, row.id, needed);
  const set = {
    status_reason: waits,
    result: null,
    qc: null,
    progress: null,
    eta_at: null,
    projected_micros: null,
    pod_id: null,
    exit_code: null,
    cancel_requested: 0,
    started_at: null,
    ended_at: null,
    not_before_at: null,
    resume_from: resumeFrom,
  };
  const queued = await moveExperiment(change, row, {
    to: "queued",
    reason,
    message,
    set,
    event: waits === null ? "queued" : null,
  });
  const moved =
    waits === null ? queued : await moveExperiment(change, queued, { to: "blocked", reason: waits, event: "blocked" });
  await reviewDependants(change, row.id);
  return moved;
}
