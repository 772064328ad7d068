import type { Experiment } from "../contract/experiment.js";
import { LinkError } from "./hosts/ssh-connection.js";
import { diskReason } from "./runs/disk-reason.js";
import { createFollower } from "./runs/follower.js";
import { adoptRun, LaunchError, launchRun, type RunPosition } from "./runs/launch.js";
import type { LiveRun } from "./runs/live-run.js";
import { createOutputs, type Outputs } from "./runs/outputs.js";
import type { RunParts } from "./runs/parts.js";
import { failedOutcome, recordEnd } from "./runs/settle.js";

export interface Runs {
  /** Takes up every run that the database knows as running: follows those that live, learns how the others ended. */
  start(): Promise<void>;
  /**
   * Starts a claimed experiment. What can't be started fails, with the reason; never rejects. On another machine it is started
   * in the background, one after the other on each; one that can't be reached gives the experiment back to the queue.
   */
  launch(experiment: Experiment): Promise<void>;
  /** Stops following. Runs go on; the next start takes them up. */
  stop(): Promise<void>;
  /** Runs that are followed now, with their process groups. */
  live(): readonly Pick<LiveRun, "experiment" | "executor" | "group" | "handle">[];
  /** The pod is gone or switched off: its runs are written as failed with this reason. Their outputs that are not here are lost. */
  forsake(podId: string, reason: string): Promise<void>;
  /** Brings home what is only on the pod, of ended and of running experiments. `left`: display ids that stayed, and why. */
  fetchOutputs: Outputs["fetch"];
  /** The same of one attempt. */
  fetchOne: Outputs["fetchOne"];
  /** Display ids of experiments whose outputs are only on the pod. */
  unsynced: Outputs["unsynced"];
}

/**
 * The runs of this lab: start, follow, stop, settle, and take up again after a restart. It follows files and processes that
 * do not need the lab, so stopping it, or killing it, harms no run.
 */
export function createRuns(parts: RunParts): Runs {
  const { log } = parts;
  const outputs = createOutputs(parts);
  const follower = createFollower({ ...parts, outputs });
  const starts = new Map<string, Promise<void>>();
  const stopping = new AbortController();

  const launchNow = async (experiment: Experiment) => {
    if (stopping.signal.aborted) return;
    try {
      follower.follow(await launchRun(parts, experiment));
    } catch (error) {
      if (error instanceof LinkError) await giveBack(parts, experiment, error);
      else await failLaunch(parts, experiment, error);
    }
  };

  const launch = async (experiment: Experiment) => {
    const { podId } = experiment;
    if (podId === null || parts.executorFor(podId).kind !== "ssh") {
      await launchNow(experiment);
      return;
    }
    const mine = (starts.get(podId) ?? Promise.resolve()).then(() => launchNow(experiment));
    starts.set(podId, mine);
    void mine.finally(() => {
      if (starts.get(podId) === mine) starts.delete(podId);
    });
  };

  const takeUp = async (experiment: Experiment, position: RunPosition) => {
    const run = await adoptRun(parts, experiment, position);
    const { life } = await run.executor.inspect(run.handle);
    log(`${experiment.experimentId}: taken up again (${life})`);
    if (life === "none" && position.remote_dir === null) await launch(experiment);
    else follower.follow(run);
  };

  const takeUpAll = async () => {
    const { running, abandoned } = await findRuns(parts);
    for (const { experiment, row } of running) {
      if (row === undefined) await launch(experiment);
      else await takeUp(experiment, row);
    }
    // Followed only to be stopped: the follower sees that no experiment wants them any more.
    for (const { experiment, row } of abandoned) follower.follow(await adoptRun(parts, experiment, row));
  };

  return {
    launch,
    live: follower.live,
    forsake: follower.forsake,
    fetchOutputs: outputs.fetch,
    fetchOne: outputs.fetchOne,
    unsynced: outputs.unsynced,
    async start() {
      await takeUpAll();
      follower.start();
    },
    async stop() {
      stopping.abort();
      await Promise.all(starts.values());
      await follower.stop();
    },
  };
}

/** Nothing was started: another pod may take it, or the same one when it answers again. */
async function giveBack(parts: RunParts, experiment: Experiment, { message }: LinkError): Promise<void> {
  const name = parts.hosts?.state(experiment.podId ?? "")?.name ?? "its pod";
  parts.log(`${experiment.experimentId}: ${name} can't be reached: ${message}; back to the queue`);
  try {
    await parts.services.experiments.hold(experiment._id, "queued", `${name} can't be reached: ${message}`);
  } catch (cause) {
    parts.log(`${experiment.experimentId}: could not be given back: ${diskReason(cause)}`);
  }
}

async function failLaunch(parts: RunParts, experiment: Experiment, error: unknown): Promise<void> {
  const reason = error instanceof LaunchError ? error.message : `can't be started: ${diskReason(error)}`;
  parts.log(`${experiment.experimentId}: ${reason}`);
  try {
    const { _id: id, attempt } = experiment;
    await recordEnd(parts, { id, attempt }, failedOutcome(`fail: ${reason}`));
    await nothingToFetch(parts, { id, attempt });
  } catch (cause) {
    // It stays "running" in the database, and the next start of the lab tries to launch it again.
    parts.log(`${experiment.experimentId}: its failure could not be written: ${diskReason(cause)}`);
  }
}

function nothingToFetch({ store, clock }: RunParts, { id, attempt }: { id: string; attempt: number }) {
  return store.change(({ tx }) =>
    tx
      .updateTable("runs")
      .set({ outputs_home_at: clock.now() })
      .where("experiment_id", "=", id)
      .where("attempt", "=", attempt)
      .execute(),
  );
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
