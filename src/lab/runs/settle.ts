import { join } from "node:path";
import { runFiles } from "../executors/executor.js";
import { runCheck } from "../qc/check-command.js";
import { describeExit } from "../qc/exit-code.js";
import { passGate } from "../qc/gate.js";
import type { Outcome } from "../services/service.js";
import type { LiveRun } from "./live-run.js";
import type { RunParts } from "./parts.js";

const checkTimeoutMs = 60_000;
const shownErrorLength = 200;

/** How a run was seen to end: by its exit file, or without one. */
export type Ending =
  | { readonly type: "exit"; readonly code: number }
  | { readonly type: "lost"; readonly reason: string };

/**
 * Judges a run that ended and writes the experiment's outcome and the end of the run in one transaction. Doing it twice
 * changes nothing: an experiment that is not running with this attempt stays as it is.
 */
export async function settleRun(parts: RunParts, run: LiveRun, ending: Ending, signal: AbortSignal): Promise<void> {
  const outcome = await judge(parts, run, ending, signal);
  if (signal.aborted) return;
  await recordEnd(parts, { id: run.experiment._id, attempt: run.experiment.attempt }, outcome);
}

/** For a run that never came to life. */
export function failedOutcome(result: string): Outcome {
  return { status: "fail", exitCode: null, result, qc: null, metrics: {} };
}

export function recordEnd(
  { store, services, clock }: RunParts,
  { id, attempt }: { id: string; attempt: number },
  outcome: Outcome,
): Promise<void> {
  return store.change(async ({ tx }) => {
    await services.experiments.settle(id, attempt, outcome);
    await tx
      .updateTable("runs")
      .set({ state: "ended", ended_at: clock.now(), exit_code: outcome.exitCode, reason: outcome.result })
      .where("experiment_id", "=", id)
      .where("attempt", "=", attempt)
      .execute();
  });
}

async function judge(parts: RunParts, run: LiveRun, ending: Ending, signal: AbortSignal): Promise<Outcome> {
  const { services, executor, env } = parts;
  const { metrics: told } = await services.experiments.get(run.experiment._id);
  // The stored points are ahead of what the experiment was told of, if a lab was killed in between.
  const { points } = await services.metrics.series(run.experiment._id);
  const metrics = { ...told, ...Object.fromEntries(points.map(({ name, value }) => [name, value])) };
  const exitCode = ending.type === "exit" ? ending.code : null;
  const failed = (result: string): Outcome => ({ status: "fail", exitCode, result, qc: null, metrics });
  if (run.stop !== null)
    return failed(`${run.stop.reason}${run.stop.killed ? ", by KILL: it did not end on TERM" : ""}`);
  if (ending.type === "lost") return failed(ending.reason);

  const verdict = await passGate({
    exitCode: ending.code,
    config: run.config,
    work: run.work,
    ownWork: join(run.handle.dir, runFiles.work),
    startedAt: run.startedAt,
    printed: metrics,
    check: (command) =>
      runCheck({ command, cwd: run.work, env: checkEnv(run, env), timeoutMs: checkTimeoutMs, signal }),
  });
  const left = await executor.leftovers(run.handle);
  const note = left.length === 0 ? "" : `; left running: process ${left.join(", ")}`;
  const result = ending.code === 0 ? verdict.result : await describeFailure(parts, run, ending.code);
  return {
    status: verdict.verdict,
    exitCode,
    result: `${result}${note}`,
    qc: { verdict: verdict.verdict, checks: verdict.checks },
    metrics: verdict.metrics,
  };
}

/** The code, and the last error of the log: mostly it says why. */
async function describeFailure({ services }: RunParts, run: LiveRun, code: number): Promise<string> {
  const [last] = await services.logs.tail(run.experiment._id, { limit: 1, level: "error" });
  const said = last?.message.trim().slice(0, shownErrorLength) ?? "";
  return `fail: ${describeExit(code)}${said === "" ? "" : `: ${said}`}`;
}

function checkEnv(run: LiveRun, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    ...run.config.env,
    HUBIFY_EXPERIMENT_ID: run.experiment.experimentId,
    HUBIFY_RUN_DIR: join(run.handle.dir, runFiles.work),
    HUBIFY_CONFIG: join(run.handle.dir, runFiles.config),
  };
}
