import { longDuration } from "../../core/duration.js";
import type { Harvest } from "../capture/out-tail.js";
import type { RunStatus } from "../executors/executor.js";
import type { LiveRun } from "./live-run.js";
import type { RunParts } from "./parts.js";
import type { Ending } from "./settle.js";
import { nextStop } from "./stop-plan.js";
import { tellReason } from "./tell-reason.js";

/** A wrapper that has not come up by then never will. */
const startMs = 5000;
/** A link that comes back within this was never worth a word. */
const unreachableGraceMs = 5000;
/** Looks in a row that must find neither process nor exit file: the exit file may be on its way. */
const emptyLooksUntilLost = 3;
const defaultGraceSeconds = 10;

export interface Look {
  readonly harvest: Harvest;
  readonly ageMs: number | null;
  /** Set once the run ended and its whole output was seen. */
  readonly ending: Ending | null;
}

/** One look at a run: is it alive, what did it write, is it to be stopped (engines §5.5). Life is asked before output is read. */
export async function lookAt(parts: RunParts, run: LiveRun): Promise<Look> {
  if (run.forsaken.signal.aborted) return await lastLook(parts, run);
  const status = await run.executor.inspect(run.handle);
  run.group = status.group ?? run.group;
  const ending = await endingOf(parts, run, status);
  const harvest = await run.tail.poll(parts.clock.now(), ending !== null);
  if (harvest.blocks.length > 0) run.emptyLooks = 0;
  await tellReachable(parts, run, status);
  if (status.life === "unreachable") return { harvest, ageMs: null, ending: null };
  limitWallTime(run, status);
  const held = run.stop !== null && (await pursueStop(parts, run, ending !== null));
  return { harvest, ageMs: status.ageMs, ending: harvest.drained && !held ? ending : null };
}

/** What is here is all there will ever be. */
async function lastLook({ clock }: RunParts, run: LiveRun): Promise<Look> {
  const harvest = await run.tail.poll(clock.now(), true);
  const reason = String(run.forsaken.signal.reason);
  return { harvest, ageMs: null, ending: harvest.drained ? { type: "lost", reason } : null };
}

/** Says on the experiment that its pod can't be reached, in words that change by the minute, and takes it back afterwards. */
async function tellReachable(parts: RunParts, run: LiveRun, { life, reason }: RunStatus): Promise<void> {
  const now = parts.nowMs();
  run.unreachableSince = life === "unreachable" ? (run.unreachableSince ?? now) : null;
  // What is late there is given its time anew once it can be seen.
  if (life === "unreachable") run.since = now;
  const isLong = run.unreachableSince !== null && now - run.unreachableSince >= unreachableGraceMs;
  const told =
    life !== "unreachable"
      ? null
      : isLong
        ? `${reason ?? "its pod is unreachable"}; the run goes on there`
        : run.toldReason;
  await tellReason(parts, run, told);
}

async function endingOf(parts: RunParts, run: LiveRun, { life, exit, reason }: RunStatus): Promise<Ending | null> {
  if (exit !== null) return { type: "exit", code: exit.code };
  if (life !== "dead") run.emptyLooks = 0;
  switch (life) {
    case "lost":
    case "rebooted":
      return { type: "lost", reason: reason ?? "the host was rebooted while it ran" };
    case "dead":
      run.emptyLooks += 1;
      if (run.emptyLooks < emptyLooksUntilLost) return null;
      return { type: "lost", reason: "exit status unknown: the run and its wrapper were killed" };
    case "none":
    case "starting":
      return await neverStarted(parts, run, life);
    default:
      return null;
  }
}

/** One that is merely late is forbidden to start before it is given up; if it has just started, it goes on. */
async function neverStarted({ nowMs }: RunParts, run: LiveRun, life: "none" | "starting"): Promise<Ending | null> {
  if (nowMs() - run.since < startMs) return null;
  if (life === "none" && !(await run.executor.forbid(run.handle))) return null;
  return { type: "lost", reason: `never started: no sign of life within ${startMs / 1000} s` };
}

export function requestStop(run: LiveRun, reason: string): void {
  if (run.stop !== null) return;
  const graceMs = (run.config.graceSeconds ?? defaultGraceSeconds) * 1000;
  run.stop = { reason, graceMs, termAt: null, killed: false };
  run.dueAt = 0;
}

function limitWallTime(run: LiveRun, { ageMs }: RunStatus): void {
  const { maxSeconds } = run.config;
  if (maxSeconds === undefined || ageMs === null || ageMs < maxSeconds * 1000) return;
  requestStop(run, `stopped after its longest wall time of ${longDuration(maxSeconds * 1000)}`);
}

/** TERM, then KILL. True while processes of the run are to be waited for although its command ended. */
async function pursueStop({ store, clock, nowMs }: RunParts, run: LiveRun, ended: boolean): Promise<boolean> {
  if (run.stop === null) return false;
  const { executor } = run;
  const left = ended ? await executor.leftovers(run.handle) : null;
  const alive = left === null || left.length > 0;
  switch (nextStop(run.stop, alive, nowMs())) {
    case "term":
      if (await executor.stop(run.handle, "SIGTERM")) {
        run.stop = { ...run.stop, termAt: nowMs() };
        await noteStop({ store, clock }, run, run.stop.reason);
      }
      return true;
    case "kill":
      run.stop = { ...run.stop, killed: await executor.stop(run.handle, "SIGKILL") };
      return true;
    case "wait":
      return true;
    case "over":
      return false;
  }
}

function noteStop({ store, clock }: Pick<RunParts, "store" | "clock">, run: LiveRun, reason: string): Promise<unknown> {
  return store.change(({ tx }) =>
    tx
      .updateTable("runs")
      .set({ stop_requested_at: clock.now(), reason })
      .where("experiment_id", "=", run.experiment._id)
      .where("attempt", "=", run.experiment.attempt)
      .execute(),
  );
}
