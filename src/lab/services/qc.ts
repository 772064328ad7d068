import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Selectable } from "kysely";
import type { Experiment, ExperimentStatus } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import { QcOverrideRequest, type QcReport, type QcSummary } from "../../contract/qc.js";
import type { Clock } from "../../core/clock.js";
import { actorName, noteRead } from "../access/asking.js";
import { runFiles } from "../executors/executor.js";
import { LabError } from "../lab-error.js";
import { type EndedAttempt, type ExamineParts, examine } from "../qc/examine.js";
import { isFailure, type Verdict } from "../qc/gate.js";
import { readRecord } from "../qc/record/record-file.js";
import { judged, type KeptReport, noReport, readReport, standing, summaryOf, writeReport } from "../qc/report-file.js";
import { parseOrRefuse } from "../refusal.js";
import { expandHome } from "../runs/command.js";
import type { RunsTable } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { runConfig } from "./experiment-config.js";
import { reviewDependants } from "./experiment-dependencies.js";
import { eventOf } from "./experiment-events.js";
import { needRow, toExperiment } from "./experiment-rows.js";
import type { QcService } from "./service.js";
import { configSource } from "./template-content.js";

export interface QcParts extends ExamineParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly templates: { list(): readonly Template[] };
  /** Ends check commands when the lab stops. */
  readonly closing: AbortSignal;
}

type RunRow = Selectable<RunsTable>;

/** Judging at once more than this would take the machine from the runs. */
const mostAtOnce = 4;

/** What the gates said about an experiment's attempts, and what people say about that. */
export function createQc(parts: QcParts): QcService {
  const underway = new Map<string, Promise<QcReport>>();

  return {
    async report(ref, attempt) {
      const experiment = await parts.services.experiments.get(ref);
      noteRead(`experiment:${experiment._id}`);
      return await reportOf(parts, experiment, attempt ?? experiment.attempt);
    },

    async rerun(ref, { clearOverride = false } = {}) {
      const experiment = await parts.services.experiments.get(ref);
      const run = await endedRun(parts, experiment);
      if (!existsSync(join(run.dir, runFiles.work))) {
        throw new LabError(
          "conflict",
          `${experiment.experimentId}: the files of attempt ${run.attempt} are gone; restart it`,
        );
      }
      if (underway.has(experiment._id)) {
        throw new LabError(
          "conflict",
          `${experiment.experimentId}: its QC is under way; ask for the report when it is done`,
        );
      }
      if (underway.size >= mostAtOnce) {
        throw new LabError("conflict", `${mostAtOnce} QC reruns are under way; try again when one is done`);
      }
      const work = judgeAgain(parts, experiment, { run, clearOverride });
      underway.set(experiment._id, work);
      return await work.finally(() => underway.delete(experiment._id));
    },

    async override(ref, decision) {
      const { verdict, note } = parseOrRefuse(QcOverrideRequest, decision);
      const experiment = await parts.services.experiments.get(ref);
      const run = await endedRun(parts, experiment);
      const override = { verdict, note, by: actorName(), at: parts.clock.now() };
      const report = { ...(keptReport(run, experiment) ?? noReport), override };
      await keep(parts, { experiment, run, report }, { why: `QC overridden: ${note}` });
      return await reportOf(parts, await parts.services.experiments.get(experiment._id), run.attempt);
    },
  };
}

async function judgeAgain(
  parts: QcParts,
  experiment: Experiment,
  { run, clearOverride }: { run: RunRow; clearOverride: boolean },
): Promise<QcReport> {
  const verdict = await examine(parts, await attemptOf(parts, experiment, run), parts.closing);
  if (parts.closing.aborted) throw new LabError("conflict", "the lab stops; run the QC again when it is back");
  const before = keptReport(run, experiment) ?? noReport;
  const about = { at: parts.clock.now(), by: actorName() };
  const report = judged({ ...before, override: clearOverride ? null : before.override }, verdict, about);
  await keep(parts, { experiment, run, report }, { why: "QC run again", metrics: verdict.metrics });
  return await reportOf(parts, await parts.services.experiments.get(experiment._id), run.attempt);
}

/** The run of the current attempt, once it is over. */
async function endedRun({ store }: QcParts, experiment: Experiment): Promise<RunRow> {
  const { experimentId, status, attempt } = experiment;
  if (status !== "pass" && status !== "fail") {
    throw new LabError("conflict", `${experimentId} is ${status}: QC is for an attempt that ended; wait until it has`);
  }
  const run = attempt === 0 ? undefined : await runOf(store, experiment._id, attempt);
  if (run?.state === "ended") return run;
  throw new LabError("conflict", `${experimentId} has not run: there is nothing to judge`);
}

const runOf = (store: LabStore, id: string, attempt: number) =>
  store.db
    .selectFrom("runs")
    .selectAll()
    .where("experiment_id", "=", id)
    .where("attempt", "=", attempt)
    .executeTakeFirst();

async function attemptOf(
  { store, templates }: QcParts,
  experiment: Experiment,
  run: RunRow,
): Promise<EndedAttempt> {
  const config = runConfig((await configSource(store, experiment._id)) ?? experiment, templates.list());
  const own = join(run.dir, runFiles.work);
  const isOwn = run.remote_dir !== null || config.cwd === undefined;
  const wasStopped = run.stop_requested_at !== null || run.exit_code === null;
  return {
    experiment,
    config,
    dir: run.dir,
    work: isOwn ? own : expandHome(config.cwd ?? own, homedir()),
    remoteDir: run.remote_dir,
    startedAt: run.started_at,
    endedAt: run.ended_at ?? run.started_at,
    exitCode: run.exit_code,
    stopped: wasStopped ? (run.reason ?? "stopped").replace(/^fail: /, "") : null,
  };
}

async function reportOf({ store }: QcParts, experiment: Experiment, attempt: number): Promise<QcReport> {
  const { _id: id, experimentId } = experiment;
  const run = attempt === 0 ? undefined : await runOf(store, id, attempt);
  if (run === undefined && (attempt !== 0 || experiment.attempt !== 0)) {
    const known = experiment.attempt === 0 ? "none yet" : `1 to ${experiment.attempt}`;
    throw new LabError("not_found", `attempt: ${experimentId} has no attempt ${attempt}; it has ${known}`);
  }
  const report = (run === undefined ? null : keptReport(run, experiment)) ?? noReport;
  const { checks, checkOutput, override, judgements } = report;
  const reproduction = run === undefined ? null : readRecord(run.dir);
  return { id, experimentId, attempt, ...standing(report), checks, checkOutput, override, judgements, reproduction };
}

/** As the run's directory has it; where that is gone, what the database kept. */
function keptReport(run: RunRow, experiment: Experiment): KeptReport | null {
  const kept = readReport(run.dir);
  if (kept !== null) return kept;
  const isCurrent = run.attempt === experiment.attempt && run.state === "ended";
  const summary = outcomeQc(run) ?? (isCurrent ? experiment.qc : null);
  if (summary === null) return null;
  const { checks, score = null, override = null } = summary;
  const verdict = override === null ? summary.verdict : checks.some(isFailure) ? "fail" : "pass";
  const judgement = {
    at: run.ended_at ?? run.started_at,
    by: "lab",
    verdict,
    score,
    result: run.reason ?? verdict,
  } as const;
  return { checks, checkOutput: null, override, judgements: checks.length === 0 ? [] : [judgement] };
}

function outcomeQc({ outcome }: RunRow): QcSummary | null {
  if (outcome === null) return null;
  return (JSON.parse(outcome) as { qc?: QcSummary | null }).qc ?? null;
}

interface Kept {
  readonly experiment: Experiment;
  readonly run: RunRow;
  readonly report: KeptReport;
}

/** Writes report, row and attempt together; the status follows the verdict that stands. */
async function keep(
  parts: QcParts,
  { experiment, run, report }: Kept,
  { why, metrics }: { why: string; metrics?: Verdict["metrics"] },
): Promise<void> {
  const { verdict, result } = standing(report);
  await parts.store.change(async (change) => {
    const row = await needRow(change.tx, experiment._id);
    if (row.attempt !== run.attempt || (row.status !== "pass" && row.status !== "fail")) {
      throw new LabError("conflict", `${experiment.experimentId} is ${row.status} by now: its QC stays as it was`);
    }
    const status = verdict ?? row.status;
    const updated = await change.tx
      .updateTable("experiments")
      .set({
        status,
        result,
        qc: JSON.stringify(summaryOf(report)),
        ...(metrics === undefined ? {} : { metrics: JSON.stringify(metrics) }),
        ...(status === "pass" ? { progress: 1 } : {}),
        updated_at: change.at,
      })
      .where("id", "=", row.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const now = toExperiment(updated);
    await keepOutcome(change, now, run.exit_code);
    if (status === row.status) eventOf(change, "updated", now, { changes: { qc: why } });
    else await follow(change, now, { from: row.status as ExperimentStatus, why });
    // Where the files are gone the row alone keeps it.
    if (existsSync(run.dir)) writeReport(run.dir, report);
  });
}

function keepOutcome(
  change: Change,
  { _id, attempt, status, result, qc, metrics }: Experiment,
  exitCode: number | null,
) {
  return change.tx
    .updateTable("runs")
    .set({ outcome: JSON.stringify({ status, exitCode, result, qc, metrics }) })
    .where("experiment_id", "=", _id)
    .where("attempt", "=", attempt)
    .execute();
}

/** pass ↔ fail, with everything that hangs on it. */
async function follow(change: Change, now: Experiment, { from, why }: { from: ExperimentStatus; why: string }) {
  await change.tx
    .insertInto("experiment_statuses")
    .values({
      experiment_id: now._id,
      attempt: now.attempt,
      from_status: from,
      status: now.status,
      at: change.at,
      actor: actorName(),
      reason: why,
      message: now.result,
    })
    .execute();
  eventOf(change, now.status === "pass" ? "completed" : "failed", now, {
    exitCode: now.exitCode,
    qc: now.qc,
    reason: why,
  });
  await reviewDependants(change, now._id);
}
