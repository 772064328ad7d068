import { isWorthStoring, noteProgress, storeGathered } from "../capture/follow.js";
import type { LabStore } from "../store/store.js";
import { diskReason } from "./disk-reason.js";
import { type LiveRun, scheduleLook } from "./live-run.js";
import { type Look, lookAt, requestStop } from "./look.js";
import type { RunParts } from "./parts.js";
import type { Ending } from "./settle.js";

/** After a failure of the disk or the database, this long until the next try. */
export const retryMs = 1000;

export interface EndedRun {
  readonly run: LiveRun;
  readonly ending: Ending;
}

/**
 * Looks at runs, writes what all of them said in one transaction, and answers which of them ended. When it can't be written
 * it rejects and nothing has happened: the next tick reads the same again.
 */
export async function tick(parts: RunParts, due: readonly LiveRun[]): Promise<EndedRun[]> {
  const looks = (await Promise.all(due.map((run) => tryLook(parts, run)))).filter((seen) => seen !== null);
  const now = parts.nowMs();
  const gathered = looks.map(({ run, look: { harvest, ageMs, ending } }) => ({
    run,
    experimentId: run.experiment._id,
    attempt: run.experiment.attempt,
    harvest,
    ageMs,
    progress: noteProgress(run.progress, harvest),
    last: ending !== null,
  }));
  const worth = gathered.filter((each) => isWorthStoring(each, now));
  const told = worth.length === 0 ? [] : await storeGathered(parts.store, parts.services, worth, now);
  for (const [index, { run }] of worth.entries()) run.progress = told[index] ?? run.progress;
  for (const { run, harvest } of gathered) {
    run.tail.accept(harvest);
    scheduleLook(run, { output: harvest.blocks.length > 0, drained: harvest.drained }, now);
  }
  return looks.flatMap(({ run, look: { ending } }) => (ending === null ? [] : [{ run, ending }]));
}

async function tryLook(parts: RunParts, run: LiveRun): Promise<{ run: LiveRun; look: Look } | null> {
  try {
    return { run, look: await lookAt(parts, run) };
  } catch (error) {
    parts.log(`${run.experiment.experimentId}: can't be followed: ${diskReason(error)}; trying again`);
    run.dueAt = parts.nowMs() + retryMs;
    return null;
  }
}

/** Asks to stop what somebody cancelled, and what is no business of its experiment any more. */
export async function heedRequests(store: LabStore, runs: Iterable<LiveRun>): Promise<void> {
  const rows = await store.db
    .selectFrom("experiments")
    .select(["id", "attempt", "cancel_requested"])
    .where("status", "=", "running")
    .execute();
  const wanted = new Map(rows.map((row) => [row.id, row]));
  for (const run of runs) {
    const row = wanted.get(run.experiment._id);
    if (row?.attempt !== run.experiment.attempt) requestStop(run, "stopped: its experiment goes on without this run");
    else if (row.cancel_requested === 1) requestStop(run, "cancelled");
  }
}
