import type { Selectable } from "kysely";
import type { Attempt, Experiment, ExperimentStatus, StatusChange } from "../../contract/experiment.js";
import { noteRead } from "../access/asking.js";
import type { RunsTable } from "../store/schema.js";
import type { LabStore } from "../store/store.js";
import { type ExperimentRow, needRow } from "./experiment-rows.js";
import type { Outcome } from "./service.js";

/** Of each experiment; who wants more has a machine at work. */
const mostChanges = 1000;

/** How an attempt ended, as `runs.outcome` keeps it when its experiment goes on. */
export const outcomeText = ({ status, result, qc, metrics }: Outcome): string =>
  JSON.stringify({ status, result, qc, metrics });

/** Its changes of status, the oldest first: the last 1000 of them. */
export async function statusesOf(store: LabStore, ref: string): Promise<StatusChange[]> {
  const { id } = await needRow(store.db, ref);
  noteRead(`statuses:${id}`);
  const rows = await store.db
    .selectFrom("experiment_statuses")
    .selectAll()
    .where("experiment_id", "=", id)
    .orderBy("n", "desc")
    .limit(mostChanges)
    .execute();
  return rows.reverse().map((row) => ({
    _id: `${id}:${row.n}`,
    id: `${id}:${row.n}`,
    experimentId: id,
    attempt: row.attempt,
    from: row.from_status as ExperimentStatus | null,
    status: row.status as ExperimentStatus,
    at: row.at,
    actor: row.actor,
    reason: row.reason,
    message: row.message,
  }));
}

interface Span {
  startedAt: number | null;
  endedAt: number | null;
  status: ExperimentStatus;
  reason: string | null;
}

/** Every start, the newest first: from the history, and from the runs, of which older labs wrote no history. */
export async function attemptsOf(store: LabStore, ref: string): Promise<Attempt[]> {
  const row = await needRow(store.db, ref);
  noteRead(`experiment:${row.id}`);
  const spans = spansOf(await statusesOf(store, row.id));
  const runs = await store.db.selectFrom("runs").selectAll().where("experiment_id", "=", row.id).execute();
  const byAttempt = new Map(runs.map((run) => [run.attempt, run]));
  const numbers = [...new Set([...spans.keys(), ...byAttempt.keys()])].sort((a, b) => b - a);
  return numbers.map((attempt) => {
    const known = { run: byAttempt.get(attempt) ?? {}, span: spans.get(attempt) ?? {} };
    return { attempt, ...toAttempt(row, attempt, known) };
  });
}

type Told = Partial<Pick<Experiment, "status" | "result" | "qc" | "metrics">>;
type Run = Pick<
  Selectable<RunsTable>,
  "started_at" | "ended_at" | "exit_code" | "reason" | "outcome" | "pod_id" | "resumed_from" | "log_removed_at"
>;
interface Known {
  readonly run: Partial<Run>;
  readonly span: Partial<Span>;
}

function toAttempt(row: ExperimentRow, attempt: number, { run, span }: Known): Omit<Attempt, "attempt"> {
  const told = JSON.parse(run.outcome ?? "{}") as Told;
  const now = attempt === row.attempt ? row : null;
  return {
    status: span.status ?? told.status ?? ((now?.status ?? "fail") as ExperimentStatus),
    ...timesOf(now, { run, span }),
    exitCode: run.exit_code ?? null,
    ...saidOf(told, { run, span }),
    podId: run.pod_id ?? now?.pod_id ?? null,
    ...keptOf(run),
  };
}

const keptOf = ({ resumed_from: resumedFrom = null, log_removed_at: logRemovedAt = null }: Partial<Run>) => ({
  resumedFrom,
  logRemovedAt,
});

const saidOf = ({ result, qc, metrics }: Told, { run, span }: Known) => ({
  result: result ?? run.reason ?? span.reason ?? null,
  qc: qc ?? null,
  metrics: metrics ?? {},
});

function timesOf(now: ExperimentRow | null, { run, span }: Known) {
  const startedAt = run.started_at ?? span.startedAt ?? null;
  const endedAt = span.endedAt ?? run.ended_at ?? null;
  const until = endedAt ?? (now?.status === "running" ? now.updated_at : null);
  const actualSeconds = startedAt === null || until === null ? null : Math.max(0, until - startedAt) / 1000;
  return { startedAt, endedAt, actualSeconds };
}

const isVerdict = (status: ExperimentStatus | null) => status === "pass" || status === "fail";

/** From `running` to whatever came then. A verdict that changed later says how the attempt ended all the same. */
function spansOf(changes: readonly StatusChange[]): Map<number, Span> {
  const spans = new Map<number, Span>();
  for (const { attempt, from, status, at, reason } of changes) {
    if (status === "running") spans.set(attempt, { startedAt: at, endedAt: null, status, reason: null });
    const span = spans.get(attempt);
    if (span === undefined || status === "running") continue;
    if (from === "running") Object.assign(span, { endedAt: at, status, reason });
    else if (isVerdict(from) && isVerdict(status)) Object.assign(span, { status, reason });
  }
  return spans;
}
