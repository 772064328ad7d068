import type { Experiment } from "../contract/experiment.js";
import { isWorthStoring, noteProgress, storeGathered } from "./capture/follow.js";
import { adoptRun, diskReason, LaunchError, launchRun, type RunPosition } from "./runs/launch.js";
import { type LiveRun, scheduleLook } from "./runs/live-run.js";
import { type Look, lookAt, requestStop } from "./runs/look.js";
import { createPacer } from "./runs/pacer.js";
import type { RunParts } from "./runs/parts.js";
import { type Ending, failedOutcome, recordEnd, settleRun } from "./runs/settle.js";

/** After a failure of the disk or the database, this long until the next try. */
const retryMs = 1000;

export interface Runs {
  /** Takes up every run that the database knows as running: follows those that live, learns how the others ended. */
  start(): Promise<void>;
  /** Starts a claimed experiment. What can't be started fails, with the reason; never rejects. */
  launch(experiment: Experiment): Promise<void>;
  /** Stops following. Runs go on; the next start takes them up. */
  stop(): Promise<void>;
  /** Runs that are followed now, with their process groups. */
  live(): readonly Pick<LiveRun, "experiment" | "group" | "handle">[];
}

/**
 * The runs of this lab. One loop looks at every live run and writes what all of them said in one transaction; without live
 * runs it sleeps and no timer runs. It follows files and processes that do not need the lab: to stop it, or to kill it, harms
 * no run.
 */
export function createRuns(parts: RunParts): Runs {
  const { store, services, executor, nowMs, log } = parts;
  const live = new Map<string, LiveRun>();
  const settling = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const pacer = createPacer();
  let wantedChanged = true;
  let loop: Promise<void> = Promise.resolve();
  let forget = () => undefined as unknown;

  const follow = (run: LiveRun) => {
    live.set(run.handle.marker, run);
    pacer.wake();
  };

  const launch = async (experiment: Experiment) => {
    try {
      follow(await launchRun(parts, experiment));
    } catch (error) {
      const reason = error instanceof LaunchError ? error.message : `can't be started: ${diskReason(error)}`;
      log(`${experiment.experimentId}: ${reason}`);
      const failed = failedOutcome(`fail: ${reason}`);
      await recordEnd(parts, { id: experiment._id, attempt: experiment.attempt }, failed).catch((cause: unknown) =>
        log(`${experiment.experimentId}: its failure could not be written: ${diskReason(cause)}`),
      );
    }
  };

  const takeUp = async (experiment: Experiment, row: RunPosition | undefined) => {
    if (row === undefined) return launch(experiment);
    const run = adoptRun(parts, experiment, row);
    const { life } = await executor.inspect(run.handle);
    log(`${experiment.experimentId}: taken up again (${life})`);
    return life === "none" ? launch(experiment) : follow(run);
  };

  /** Every run of the database that has not ended, and experiments whose run was never written. */
  const takeUpAll = async () => {
    const rows = await store.db.selectFrom("runs").selectAll().where("state", "<>", "ended").execute();
    const running = (await services.experiments.unfinished()).filter(({ status }) => status === "running");
    for (const experiment of running) {
      const own = rows.find((row) => row.experiment_id === experiment._id && row.attempt === experiment.attempt);
      await takeUp(experiment, own);
    }
    for (const row of rows) {
      if (running.some(({ _id, attempt }) => _id === row.experiment_id && attempt === row.attempt)) continue;
      const experiment = await services.experiments.get(row.experiment_id).catch(() => null);
      // Followed only to be stopped: `heedRequests` sees that nobody wants it any more.
      if (experiment !== null) follow(adoptRun(parts, { ...experiment, attempt: row.attempt }, row));
    }
  };

  /** Stops what somebody cancelled, and what is not this attempt's business any more. */
  const heedRequests = async () => {
    wantedChanged = false;
    const rows = await store.db
      .selectFrom("experiments")
      .select(["id", "attempt", "cancel_requested"])
      .where("status", "=", "running")
      .execute();
    const wanted = new Map(rows.map((row) => [row.id, row]));
    for (const run of live.values()) {
      const row = wanted.get(run.experiment._id);
      if (row?.attempt !== run.experiment.attempt) requestStop(run, "stopped: its experiment goes on without this run");
      else if (row.cancel_requested === 1) requestStop(run, "cancelled");
    }
  };

  const settle = (run: LiveRun, ending: Ending) => {
    const id = run.handle.marker;
    const work = settleRun(parts, run, ending, stopping.signal)
      .then(() => run.tail.close())
      .then(() => live.delete(id))
      .catch((error: unknown) => {
        log(`${run.experiment.experimentId}: its end could not be written: ${diskReason(error)}; trying again`);
        run.dueAt = nowMs() + retryMs;
      })
      .then(() => {
        settling.delete(id);
        pacer.wake();
      });
    settling.set(id, work);
  };

  const look = async (run: LiveRun): Promise<{ run: LiveRun; look: Look } | null> => {
    try {
      return { run, look: await lookAt(parts, run) };
    } catch (error) {
      log(`${run.experiment.experimentId}: can't be followed: ${diskReason(error)}; trying again`);
      run.dueAt = nowMs() + retryMs;
      return null;
    }
  };

  const tick = async (due: readonly LiveRun[]) => {
    const looks = (await Promise.all(due.map(look))).filter((seen) => seen !== null);
    const now = nowMs();
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
    const told = worth.length === 0 ? [] : await storeGathered(store, services, worth, now);
    for (const [index, { run }] of worth.entries()) run.progress = told[index] ?? run.progress;
    for (const { run, harvest } of gathered) run.tail.accept(harvest);
    for (const { run, look: seen } of looks) {
      const { harvest, ending } = seen;
      scheduleLook(run, { output: harvest.blocks.length > 0, drained: harvest.drained }, now);
      if (ending !== null) settle(run, ending);
    }
  };

  const step = async (): Promise<number> => {
    if (wantedChanged && live.size > 0) await heedRequests();
    const followed = [...live.values()].filter(({ handle }) => !settling.has(handle.marker));
    const due = followed.filter(({ dueAt }) => dueAt <= nowMs());
    try {
      if (due.length > 0) await tick(due);
    } catch (error) {
      log(`output can't be stored: ${diskReason(error)}; trying again, nothing is lost`);
      for (const run of due) run.dueAt = nowMs() + retryMs;
    }
    return Math.min(...followed.filter(({ handle }) => !settling.has(handle.marker)).map(({ dueAt }) => dueAt));
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      const next = await step().catch((error: unknown) => {
        log(`runs: ${diskReason(error)}`);
        return nowMs() + retryMs;
      });
      await pacer.pause(next - nowMs());
    }
  };

  return {
    launch,
    live: () => [...live.values()],
    async start() {
      forget = store.onChange((topics) => {
        if (!topics.has("events")) return;
        wantedChanged = true;
        pacer.wake();
      });
      await takeUpAll();
      loop = run();
    },
    async stop() {
      forget();
      stopping.abort();
      pacer.wake();
      await loop;
      await Promise.all(settling.values());
      await Promise.all([...live.values()].map(({ tail }) => tail.close()));
    },
  };
}
