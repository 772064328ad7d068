import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { longDuration } from "../../core/duration.js";
import type { Harvest } from "../capture/out-tail.js";
import { type RunStatus, runFiles } from "../executors/executor.js";
import type { LiveRun } from "./live-run.js";
import type { RunParts } from "./parts.js";
import type { Ending } from "./settle.js";
import { nextStop } from "./stop-plan.js";

/** A wrapper that has not come up by then never will. */
const startMs = 5000;
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
  const status = await parts.executor.inspect(run.handle);
  run.group = status.group ?? run.group;
  const ending = await endingOf(parts, run, status);
  const harvest = await run.tail.poll(parts.clock.now(), ending !== null);
  if (harvest.blocks.length > 0) run.emptyLooks = 0;
  limitWallTime(run, status);
  const held = run.stop !== null && (await pursueStop(parts, run, ending !== null));
  return { harvest, ageMs: status.ageMs, ending: harvest.drained && !held ? ending : null };
}

async function endingOf(parts: RunParts, run: LiveRun, { life, exit }: RunStatus): Promise<Ending | null> {
  if (exit !== null) return { type: "exit", code: exit.code };
  if (life !== "dead") run.emptyLooks = 0;
  switch (life) {
    case "rebooted":
      return { type: "lost", reason: "the host was rebooted while it ran" };
    case "dead":
      run.emptyLooks += 1;
      if (run.emptyLooks < emptyLooksUntilLost) return null;
      return { type: "lost", reason: "exit status unknown: the run and its wrapper were killed" };
    case "none":
    case "starting":
      if (parts.nowMs() - run.since < startMs || !(await forbidStart(run, life))) return null;
      return { type: "lost", reason: `never started: no sign of life within ${startMs / 1000} s` };
    case "running":
    case "orphan":
      return null;
  }
}

/** Takes the wrapper's lock, so that a wrapper that is merely late can't start what was given up. False: it has just started. */
async function forbidStart(run: LiveRun, life: "none" | "starting"): Promise<boolean> {
  if (life === "starting") return true;
  try {
    await mkdir(join(run.handle.dir, runFiles.lock));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EEXIST";
  }
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
async function pursueStop({ store, clock, nowMs, executor }: RunParts, run: LiveRun, ended: boolean): Promise<boolean> {
  if (run.stop === null) return false;
  const alive = !ended || (await executor.leftovers(run.handle)).length > 0;
  switch (nextStop(run.stop, alive, nowMs())) {
    case "term":
      if (await executor.stop(run.handle, "SIGTERM")) {
        run.stop = { ...run.stop, termAt: nowMs() };
        await noteStop({ store, clock }, run, run.stop.reason);
      }
      return true;
    case "kill":
      await executor.stop(run.handle, "SIGKILL");
      run.stop = { ...run.stop, killed: true };
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
