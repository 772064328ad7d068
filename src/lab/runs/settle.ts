import { isAbsolute, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type RemotePlace, runFiles } from "../executors/executor.js";
import { LinkError } from "../hosts/ssh-connection.js";
import { runCheck } from "../qc/check-command.js";
import { describeExit } from "../qc/exit-code.js";
import { passGate } from "../qc/gate.js";
import type { Outcome } from "../services/service.js";
import { diskReason, shortBytes } from "./disk-reason.js";
import type { LiveRun } from "./live-run.js";

import { localName, type Outputs } from "./outputs.js";
import type { RunParts } from "./parts.js";
import { tellReason } from "./tell-reason.js";

const checkTimeoutMs = 60_000;
const shownErrorLength = 200;

/** How a run was seen to end: by its exit file, or without one. */
export type Ending =
  | { readonly type: "exit"; readonly code: number }
  | { readonly type: "lost"; readonly reason: string };

/** What settling needs beside the parts of every run. */
export interface SettleParts extends RunParts {
  readonly outputs: Pick<Outputs, "bringHome">;
}

/**
 * Judges a run that ended and writes the experiment's outcome and the end of the run in one transaction. Doing it twice
 * changes nothing: an experiment that is not running with this attempt stays as it is.
 */
export async function settleRun(parts: SettleParts, run: LiveRun, ending: Ending, signal: AbortSignal): Promise<void> {
  const home = await outputsHome(parts, run, signal);
  const outcome = await judge(parts, run, { ending, home }, signal);
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

/** How the outputs of a run on another machine came home: what stayed there, in words, or why nothing came. */
interface Home {
  readonly note: string;
  readonly lost: string | null;
}

const atHome: Home = { note: "", lost: null };
/** Between two tries while the link is lost. */
const fetchRetryMs = 500;

/** Before anything is judged, its files must be here. Waits as long as the pod is only out of reach. */
async function outputsHome(parts: SettleParts, run: LiveRun, signal: AbortSignal): Promise<Home> {
  const { handle, forsaken } = run;
  if (handle.remote === undefined) return atHome;
  const given = AbortSignal.any([signal, forsaken.signal]);
  while (!given.aborted) {
    try {
      return await fetchHome(parts, run, handle.remote, given);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      await pauseUnless(given, fetchRetryMs);
    }
  }
  return { note: "", lost: forsaken.signal.aborted ? String(forsaken.signal.reason) : null };
}

async function fetchHome(
  parts: SettleParts,
  run: LiveRun,
  { podId, dir: remoteDir }: RemotePlace,
  signal: AbortSignal,
): Promise<Home> {
  const { experiment, handle, config } = run;
  const state = parts.hosts?.state(podId);
  const name = state?.name ?? "its pod";
  const tell = (isUp: boolean) => tellReason(parts, run, isUp ? null : `ended; its outputs are still on ${name}`);
  await tell(state?.link === "up");
  const forget = parts.hosts?.session(podId)?.onLink(({ link }) => {
    tell(link === "up").catch((error: unknown) => parts.log(`${experiment.experimentId}: ${diskReason(error)}`));
  });
  const ids = { experimentId: experiment._id, attempt: experiment.attempt, podId };
  const { left, isSteady } = await parts.outputs
    .bringHome({ ...ids, dir: handle.dir, remoteDir, config }, signal)
    .finally(forget);
  const files = left.map(({ name: file, size }) => `${file} (${shortBytes(size)})`).join(", ");
  const stayed = left.length === 0 ? "" : `; left on ${name}: ${files}`;
  return { note: isSteady ? stayed : `${stayed}; files on ${name} still change after its end`, lost: null };
}

/** Until then, or until the signal: it is asked right after. */
const pauseUnless = (signal: AbortSignal, ms: number) => pause(ms, undefined, { signal }).catch(() => undefined);

async function judge(
  parts: RunParts,
  run: LiveRun,
  { ending, home }: { ending: Ending; home: Home },
  signal: AbortSignal,
): Promise<Outcome> {
  const { services, env } = parts;
  const { metrics: told } = await services.experiments.get(run.experiment._id);
  // The stored points are ahead of what the experiment was told of, if a lab was killed in between.
  const { points } = await services.metrics.series(run.experiment._id);
  const metrics = { ...told, ...Object.fromEntries(points.map(({ name, value }) => [name, value])) };
  const exitCode = ending.type === "exit" ? ending.code : null;
  const failed = (result: string): Outcome => ({ status: "fail", exitCode, result, qc: null, metrics });
  if (run.stop !== null)
    return failed(`${run.stop.reason}${run.stop.killed ? ", by KILL: it did not end on TERM" : ""}`);
  if (ending.type === "lost") return failed(ending.reason);
  if (home.lost !== null)
    return failed(`${home.lost}; it had ended (${describeExit(ending.code)}), its outputs are lost`);

  const verdict = await passGate({
    exitCode: ending.code,
    config: judgedConfig(run),
    work: run.work,
    ownWork: join(run.handle.dir, runFiles.work),
    startedAt: run.startedAt,
    printed: metrics,
    check: (command) =>
      runCheck({ command, cwd: run.work, env: checkEnv(run, env), timeoutMs: checkTimeoutMs, signal }),
  });
  const left = (await run.executor.leftovers(run.handle)) ?? [];
  const note = `${left.length === 0 ? "" : `; left running: process ${left.join(", ")}`}${home.note}`;
  const result = ending.code === 0 ? verdict.result : await describeFailure(parts, run, ending.code);
  return {
    status: verdict.verdict,
    exitCode,
    result: `${result}${note}`,
    qc: { verdict: verdict.verdict, checks: verdict.checks },
    metrics: verdict.metrics,
  };
}

/** Outputs that were written elsewhere on a pod are judged by their copy here. */
function judgedConfig({ config, handle }: LiveRun): LiveRun["config"] {
  if (handle.remote === undefined || config.outputs === undefined) return config;
  const isElsewhere = (output: string) => isAbsolute(output) || localName(output) !== output;
  return { ...config, outputs: config.outputs.map((output) => (isElsewhere(output) ? localName(output) : output)) };
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
