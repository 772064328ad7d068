import type { Experiment } from "../contract/experiment.js";
import { createFollower } from "./runs/follower.js";
import { adoptRun, diskReason, LaunchError, launchRun, type RunPosition } from "./runs/launch.js";
import type { LiveRun } from "./runs/live-run.js";
import type { RunParts } from "./runs/parts.js";
import { failedOutcome, recordEnd } from "./runs/settle.js";

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
 * The runs of this lab: start, follow, stop, settle, and take up again after a restart. It follows files and processes that
 * do not need the lab, so stopping it, or killing it, harms no run.
 */
export function createRuns(parts: RunParts): Runs {
  const { executor, log } = parts;
  const follower = createFollower(parts);

  const launch = async (experiment: Experiment) => {
    try {
      follower.follow(await launchRun(parts, experiment));
    } catch (error) {
      await failLaunch(parts, experiment, error);
    }
  };

  const takeUp = async (experiment: Experiment, position: RunPosition) => {
    const run = adoptRun(parts, experiment, position);
    const { life } = await executor.inspect(run.handle);
    log(`${experiment.experimentId}: taken up again (${life})`);
    if (life === "none") await launch(experiment);
    else follower.follow(run);
  };

  const takeUpAll = async () => {
    const { running, abandoned } = await findRuns(parts);
    for (const { experiment, row } of running) {
      if (row === undefined) await launch(experiment);
      else await takeUp(experiment, row);
    }
    // Followed only to be stopped: the follower sees that no experiment wants them any more.
    for (const { experiment, row } of abandoned) follower.follow(adoptRun(parts, experiment, row));
  };

  return {
    launch,
    live: follower.live,
    async start() {
      await takeUpAll();
      follower.start();
    },
    stop: follower.stop,
  };
}

async function failLaunch(parts: RunParts, experiment: Experiment, error: unknown): Promise<void> {
  const reason = error instanceof LaunchError ? error.message : `can't be started: ${diskReason(error)}`;
  parts.log(`${experiment.experimentId}: ${reason}`);
  try {
    await recordEnd(parts, { id: experiment._id, attempt: experiment.attempt }, failedOutcome(`fail: ${reason}`));
  } catch (cause) {
    // It stays "running" in the database, and the next start of the lab tries to launch it again.
    parts.log(`${experiment.experimentId}: its failure could not be written: ${diskReason(cause)}`);
  }
}

/** Experiments that run, with the row of their run where it was written; and runs of experiments that went on without them. */
async function findRuns({ store, services }: RunParts) {
  const rows = await store.db.selectFrom("runs").selectAll().where("state", "<>", "ended").execute();
  const experiments = (await services.experiments.unfinished()).filter(({ status }) => status === "running");
  const running = experiments.map((experiment) => ({
    experiment,
    row: rows.find((row) => row.experiment_id === experiment._id && row.attempt === experiment.attempt),
  }));
  const abandoned: { experiment: Experiment; row: (typeof rows)[number] }[] = [];
  for (const row of rows) {
    if (running.some((found) => found.row === row)) continue;
    const experiment = await services.experiments.get(row.experiment_id).catch(() => null);
    if (experiment !== null) abandoned.push({ experiment: { ...experiment, attempt: row.attempt }, row });
  }
  return { running, abandoned };
}
