import type { Experiment } from "../../contract/experiment.js";
import type { Change } from "../store/store.js";
import { reviewDependants } from "./experiment-dependencies.js";
import { eventOf, touchExperiment } from "./experiment-events.js";
import { outcomeText } from "./experiment-history.js";
import { countMove, moveExperiment, noteStatus, updateRow } from "./experiment-move.js";
import { type RetryParts, retryAfter } from "./experiment-retry.js";
import { type ExperimentRow, findRow, queueName, toExperiment } from "./experiment-rows.js";
import type { ExperimentsService, Outcome } from "./service.js";

type Runs = Pick<ExperimentsService, "claim" | "settle" | "hold" | "tellWaiting" | "unpin" | "observe">;

export type RunsParts = RetryParts;

/** What the scheduler and the runs write. Everything about a run is fenced by its attempt: a late word changes nothing. */
export function createExperimentRuns(parts: RunsParts): Runs {
  const { store } = parts;
  return {
    claim: (id, podId, reason = null) => store.change((change) => claim(change, id, { podId, reason })),
    settle: (id, attempt, outcome) => store.change((change) => settle(parts, change, { id, attempt, outcome })),
    async tellWaiting(told) {
      if (told.length > 0) await store.change((change) => tellWaiting(change, told));
    },
    async unpin(ids) {
      if (ids.length > 0) await store.change((change) => unpin(change, ids));
    },
    hold: (id, status, reason) => store.change((change) => hold(change, id, { status, reason })),
    observe: (id, attempt, seen) => store.change((change) => observe(change, { id, attempt }, seen)),
  };
}

/** Not through `moveExperiment`: that it is still queued is asked and answered in one statement. */
async function claim(
  change: Change,
  id: string,
  { podId, reason }: { podId: string; reason: string | null },
): Promise<Experiment | undefined> {
  const row = await change.tx
    .updateTable("experiments")
    .set(({ eb }) => ({
      status: "running",
      status_reason: reason,
      attempt: eb("attempt", "+", 1),
      pod_id: podId,
      result: null,
      qc: null,
      metrics: "{}",
      progress: null,
      eta_at: eb(eb("estimated_seconds", "*", 1000), "+", change.at),
      exit_code: null,
      log_lines: 0,
      cancel_requested: 0,
      not_before_at: null,
      started_at: change.at,
      ended_at: null,
      updated_at: change.at,
    }))
    .where("id", "=", id)
    .where("status", "=", "queued")
    .returningAll()
    .returning(queueName)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  await noteStatus(change, { row, from: "queued", reason });
  await countMove(change, row, { from: "queued", to: "running" });
  const experiment = toExperiment(row);
  eventOf(change, "started", experiment, { podId, reason });
  for (const topic of [`logs:${id}`, `metrics:${id}`, "pods"]) change.touch(topic);
  return experiment;
}

/** Convex values have no field names but printable ASCII without `$` at the front; runs may print any. */
function fieldName(name: string): string {
  return name
    .slice(0, 200)
    .replace(/[^ -~]/g, "_")
    .replace(/^\$/, "_");
}

/** JSON has no NaN: a metric without a number is left out. */
export function metricsText(metrics: Readonly<Record<string, number>>): string {
  const kept = Object.entries(metrics).filter(([name, value]) => name !== "" && Number.isFinite(value));
  return JSON.stringify(Object.fromEntries(kept.map(([name, value]) => [fieldName(name), value])));
}

interface Attempt {
  readonly id: string;
  readonly attempt: number;
}

interface Ended extends Attempt {
  readonly outcome: Outcome;
}

/** A result that somebody wrote while asking the run to stop says more than the exit code does, and stays. */
async function settle(parts: RunsParts, change: Change, { id, attempt, outcome }: Ended): Promise<boolean> {
  const row = await findRow(change.tx, id);
  if (row?.status !== "running" || row.attempt !== attempt) return false;
  const result = row.cancel_requested === 1 && row.result !== null ? row.result : outcome.result;
  const run = await keepOutcome(change, { id, attempt, outcome: { ...outcome, result } });
  const retry = await retryAfter(parts, change, { row, outcome });
  // `observe` tells the count now and then only: a lab that was killed in between has stored lines it never told of.
  const set = { ...endColumns(row, outcome), result, log_lines: run?.seq ?? row.log_lines, ended_at: change.at };
  const event = outcome.status === "pass" ? "completed" : "failed";
  const more = { exitCode: outcome.exitCode, qc: outcome.qc, ...(retry === null ? {} : { retryAt: retry.at }) };
  const ended = await moveExperiment(change, row, { to: outcome.status, reason: result, set, event, more });
  if (retry !== null) await tryAgain(change, ended, retry);
  for (const topic of [`logs:${id}`, "pods"]) change.touch(topic);
  await reviewDependants(change, id);
  return true;
}

const endColumns = (row: ExperimentRow, { status, exitCode, qc, metrics }: Outcome) => ({
  status_reason: null,
  exit_code: exitCode,
  qc: qc === null ? null : JSON.stringify(qc),
  metrics: metricsText(metrics),
  progress: status === "pass" ? 1 : row.progress,
  eta_at: null,
  projected_micros: null,
  resume_from: null,
});

/** Beside the run, where it stays when its experiment goes on. */
async function keepOutcome(change: Change, { id, attempt, outcome }: Ended) {
  const rows = await change.tx
    .updateTable("runs")
    .set({ outcome: outcomeText(outcome) })
    .where("experiment_id", "=", id)
    .where("attempt", "=", attempt)
    .returning("seq")
    .execute();
  return rows[0];
}

/** What is shown of the failed attempt stays, until the next one starts. */
function tryAgain(change: Change, row: ExperimentRow, retry: NonNullable<Awaited<ReturnType<typeof retryAfter>>>) {
  const set = {
    status_reason: retry.reason,
    progress: null,
    pod_id: null,
    started_at: null,
    ended_at: null,
    not_before_at: retry.at,
    resume_from: retry.resumeFrom,
  };
  return moveExperiment(change, row, {
    to: "queued",
    reason: retry.reason,
    set,
    event: "queued",
    more: { retryAt: retry.at },
  });
}

/** An event only when the status changes: reasons such as `no free CPU slot` come and go. */
async function hold(
  change: Change,
  id: string,
  { status, reason }: { status: "queued" | "blocked"; reason: string | null },
): Promise<void> {
  const row = await findRow(change.tx, id);
  if (row === undefined || !["queued", "blocked", "running"].includes(row.status)) return;
  if (row.status === status && row.status_reason === reason) return;
  const stopped = row.status === "running" ? { pod_id: null, started_at: null, eta_at: null, progress: null } : {};
  const set = { status_reason: reason, ...stopped };
  if (row.status !== status) {
    await moveExperiment(change, row, { to: status, reason, set, event: status });
    return;
  }
  await updateRow(change, row, set);
  touchExperiment(change, id);
}

async function tellWaiting(change: Change, told: Parameters<ExperimentsService["tellWaiting"]>[0]): Promise<void> {
  for (const { id, reason, etaAt, projectedMicros } of told) {
    const projected = projectedMicros === undefined ? {} : { projected_micros: projectedMicros };
    await change.tx
      .updateTable("experiments")
      .set({ status_reason: reason, eta_at: etaAt, updated_at: change.at, ...projected })
      .where("id", "=", id)
      .where("status", "=", "queued")
      .execute();
    touchExperiment(change, id);
  }
}

async function unpin(change: Change, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await change.tx.updateTable("experiments").set({ pinned_pod_id: null }).where("id", "=", id).execute();
    touchExperiment(change, id);
  }
}

async function observe(
  change: Change,
  { id, attempt }: Attempt,
  seen: Parameters<ExperimentsService["observe"]>[2],
): Promise<void> {
  const row = await findRow(change.tx, id);
  if (row?.status !== "running" || row.attempt !== attempt) return;
  const metrics = { ...(JSON.parse(row.metrics) as Record<string, number>), ...seen.metrics };
  await change.tx
    .updateTable("experiments")
    .set({
      ...(seen.progress === undefined ? {} : { progress: seen.progress }),
      ...(seen.etaAt === undefined ? {} : { eta_at: seen.etaAt }),
      ...(seen.logLines === undefined ? {} : { log_lines: seen.logLines }),
      ...(seen.statusReason === undefined ? {} : { status_reason: seen.statusReason }),
      ...(seen.metrics === undefined ? {} : { metrics: metricsText(metrics) }),
      updated_at: change.at,
    })
    .where("id", "=", id)
    .execute();
  touchExperiment(change, id);
}
