import { setTimeout as pause } from "node:timers/promises";
import type { RemotePlace } from "../executors/executor.js";
import { LinkError } from "../hosts/ssh-connection.js";
import { type EndedAttempt, examine, printedBy, recordOf } from "../qc/examine.js";
import { describeExit } from "../qc/exit-code.js";
import { judged, type KeptReport, noReport, summaryOf, writeReport } from "../qc/report-file.js";
import type { Outcome } from "../services/service.js";
import { diskReason, shortBytes } from "./disk-reason.js";
import type { LiveRun } from "./live-run.js";
import type { Outputs } from "./outputs.js";
import type { RunParts } from "./parts.js";
import { readWritten } from "./read-written.js";
import { registerFigures } from "./run-figures.js";
import { tellReason } from "./tell-reason.js";

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
  if (run.handle.remote !== undefined) await readWritten(parts, run);
  await registerFigures(parts, run);
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
  const attempt = endedAttempt(run, ending, parts.clock.now());
  const unjudged = reasonNotToJudge(run, ending, home);
  if (unjudged !== null) {
    await recordOf(parts, attempt, AbortSignal.abort());
    const { printed: metrics } = await printedBy(parts, run.experiment._id);
    return { status: "fail", exitCode: attempt.exitCode, result: unjudged, qc: null, metrics };
  }
  const verdict = await examine(parts, attempt, signal);
  const left = (await run.executor.leftovers(run.handle)) ?? [];
  const note = `${left.length === 0 ? "" : `; left running: process ${left.join(", ")}`}${home.note}`;
  const found = { ...verdict, result: `${verdict.result}${note}` };
  const report = judged(noReport, found, { at: attempt.endedAt, by: "lab" });
  if (!signal.aborted) keepReport(parts, run, report);
  return { ...found, status: verdict.verdict, exitCode: attempt.exitCode, qc: summaryOf(report) };
}

function endedAttempt(
  { experiment, config, handle, work, startedAt }: LiveRun,
  ending: Ending,
  now: number,
): EndedAttempt {
  const exitCode = ending.type === "exit" ? ending.code : null;
  const { dir, remote } = handle;
  const about = { experiment, config, dir, work, startedAt, endedAt: now, exitCode };
  return { ...about, remoteDir: remote?.dir ?? null, stopped: null };
}

/** What was stopped or lost has its reason, and no result that could be good or bad. */
function reasonNotToJudge({ stop }: LiveRun, ending: Ending, home: Home): string | null {
  if (stop !== null) return `${stop.reason}${stop.killed ? ", by KILL: it did not end on TERM" : ""}`;
  if (ending.type === "lost") return ending.reason;
  if (home.lost === null) return null;
  return `${home.lost}; it had ended (${describeExit(ending.code)}), its outputs are lost`;
}

/** The row has the verdict in any case. */
function keepReport({ log }: RunParts, { handle, experiment }: LiveRun, report: KeptReport): void {
  try {
    writeReport(handle.dir, report);
  } catch (error) {
    log(`${experiment.experimentId}: its QC report can't be written: ${diskReason(error)}`);
  }
}
