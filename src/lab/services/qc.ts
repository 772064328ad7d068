import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Selectable } from "kysely";
import type { Experiment } from "../../contract/experiment.js";
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
import { outcomeText } from "./experiment-history.js";
import { type Move, moveExperiment, updateRow } from "./experiment-move.js";
import { type ExperimentRow, needRow, toExperiment } from "./experiment-rows.js";
import { metricsText } from "./experiment-runs.js";
import type { QcService } from "./service.js";
import { configSource } from "./template-content.js";

export interface QcParts extends ExamineParts {
  readonly store: LabStore;
  readonly clock: Clock;
  /** Templates that every lab has. */
  readonly builtIn: readonly Template[];
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
      await keep(parts, { experiment, run, report }, { why: "QC overridden", message: note });
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

async function attemptOf({ store, builtIn }: QcParts, experiment: Experiment, run: RunRow): Promise<EndedAttempt> {
  const config = runConfig((await configSource(store, experiment._id)) ?? experiment, builtIn);
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
  if (attempt > experiment.attempt) {
    const known = experiment.attempt === 0 ? "none yet" : `1 to ${experiment.attempt}`;
    throw new LabError("not_found", `attempt: ${experimentId} has no attempt ${attempt}; it has ${known}`);
  }
  // One that is being prepared has no row yet.
  const run = await runOf(store, id, attempt);
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
  return summary === null ? null : reportFrom(summary, run);
}

function reportFrom({ verdict: shown, checks, score = null, override = null }: QcSummary, run: RunRow): KeptReport {
  const verdict = override === null ? shown : checks.some(isFailure) ? "fail" : "pass";
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
  { why, message, metrics }: { why: string; message?: string; metrics?: Verdict["metrics"] },
): Promise<void> {
  const { verdict, result } = standing(report);
  await parts.store.change(async (change) => {
    const row = await needRow(change.tx, experiment._id);
    if (row.attempt !== run.attempt || (row.status !== "pass" && row.status !== "fail")) {
      throw new LabError("conflict", `${experiment.experimentId} is ${row.status} by now: its QC stays as it was`);
    }
    const to = verdict ?? row.status;
    const set = {
      result,
      qc: JSON.stringify(summaryOf(report)),
      ...(metrics === undefined ? {} : { metrics: metricsText(metrics) }),
      ...(to === "pass" ? { progress: 1 } : {}),
    };
    const now =
      to === row.status ? await updateRow(change, row, set) : await flip(change, row, { to, set, why, message });
    const { qc, metrics: numbers, exitCode } = toExperiment(now);
    await change.tx
      .updateTable("runs")
      .set({ outcome: outcomeText({ status: to, result: result ?? to, qc, metrics: numbers, exitCode }) })
      .where("experiment_id", "=", row.id)
      .where("attempt", "=", row.attempt)
      .execute();
    if (to === row.status) eventOf(change, "updated", toExperiment(now), { changes: { qc: why } });
    // Where the files are gone the row alone keeps it.
    if (existsSync(run.dir)) writeReport(run.dir, report);
  });
}

interface Flip {
  readonly to: "pass" | "fail";
  readonly set: NonNullable<Move["set"]>;
  readonly why: string;
  readonly message: string | undefined;
}

/** pass ↔ fail, with everything that hangs on it. */
async function flip(change: Change, row: ExperimentRow, { to, set, why, message }: Flip): Promise<ExperimentRow> {
  const event = to === "pass" ? "completed" : "failed";
  const more = { exitCode: row.exit_code, qc: JSON.parse(set.qc ?? "null") as QcSummary | null, reason: why };
  const now = await moveExperiment(change, row, { to, set, event, reason: why, message, more });
  await reviewDependants(change, row.id);
  return now;
}
