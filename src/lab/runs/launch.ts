import { join } from "node:path";
import type { Experiment, ExperimentConfig } from "../../contract/experiment.js";
import { createPatternReader } from "../capture/pattern-reader.js";
import { type RunHandle, runFiles } from "../executors/executor.js";
import { HostRefusal, LinkError } from "../hosts/ssh-connection.js";
import { type RunPlan, resolveRun } from "../services/experiment-config.js";
import { configSource } from "../services/template-content.js";
import { commandOf } from "./command.js";
import { diskReason } from "./disk-reason.js";
import { noteSent } from "./fetch-files.js";
import { checkpointFiles, copyCheckpoint, findGoingOn, type GoingOn, goingOnEnv, parentFiles } from "./going-on.js";
import { gpuShare } from "./gpu-share.js";
import { type LiveRun, liveRun } from "./live-run.js";
import { copyFiles, filesToSend, localCommandHost, type SentFile } from "./local-command.js";
import { requestStop } from "./look.js";
import type { RunParts } from "./parts.js";
import { type RemoteSetup, remoteSetup } from "./remote-command.js";
import { prepareRunDirectory, runDirectory } from "./run-directory.js";
import { openRunOutput } from "./run-output.js";

/** What a run's row keeps of where it is. */
export interface RunPosition {
  readonly dir: string;
  readonly off: number;
  readonly seq: number;
  readonly reader: string | null;
  readonly carry?: string | null;
  readonly started_at: number;
  readonly pod_id: string | null;
  readonly remote_dir: string | null;
  /** Set once TERM was sent; `reason` says why. */
  readonly stop_requested_at?: number | null;
  readonly reason?: string | null;
}

/** Of the outputs that a pod gets of a run's parent; larger files stay here. */
const mostParentBytes = 1024 ** 3;

/** Why a run can't be started; the words are the experiment's result. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
}

/** What is to be started: the text of its `cmd`, and where it will work, as seen from here. */
interface Prepared {
  readonly text: string;
  readonly work: string;
  readonly files: readonly SentFile[];
  readonly remoteDir: string | null;
}

/**
 * Starts a claimed experiment: directory, then row, then process. A crash between two of these is repaired at the next
 * start of the lab, which launches a run that has no lock. Rejects with LaunchError for what the experiment can help, with
 * LinkError when the pod can't be reached before anything was started.
 */
export async function launchRun(parts: RunParts, experiment: Experiment): Promise<LiveRun> {
  const { store, dataDir, clock } = parts;
  const dir = runDirectory(dataDir, experiment._id, experiment.attempt);
  const plan = await planOf(parts, experiment);
  const { config } = plan;
  const goingOn = await goingOnOf(parts, experiment);
  const executor = parts.executorFor(experiment.podId);
  const isRemote = executor.kind === "ssh";
  const sent = new Map<string, number>();
  const prepared = isRemote
    ? await prepareThere(parts, experiment, { plan, goingOn, sent })
    : await prepareHere(parts, experiment, { plan, goingOn, dir });
  const place = { pod_id: experiment.podId, remote_dir: prepared.remoteDir };
  const position: RunPosition = { dir, off: 0, seq: 0, reader: null, started_at: clock.now(), ...place };
  try {
    await prepareRunDirectory(dir, { cmd: prepared.text, config: `${JSON.stringify(plan.values, null, 2)}\n` });
    if (isRemote) noteSent(dir, sent);
    else {
      await copyFiles(prepared.files, join(dir, runFiles.work));
      await copyCheckpoint(goingOn, join(dir, runFiles.work));
    }
  } catch (error) {
    throw new LaunchError(`can't write the run's directory: ${diskReason(error)}`, { cause: error });
  }
  await parts.recorder.begin(experiment, { config, dir, work: prepared.work, remoteDir: prepared.remoteDir });
  await store.change(({ tx }) =>
    tx
      .insertInto("runs")
      .values({
        ...position,
        experiment_id: experiment._id,
        attempt: experiment.attempt,
        state: "running",
        resumed_from: experiment.resumeFrom,
      })
      .onConflict((conflict) => conflict.columns(["experiment_id", "attempt"]).doNothing())
      .execute(),
  );
  const run = followRun(parts, experiment, { position, plan, work: prepared.work });
  try {
    await run.executor.launch(run.handle);
  } catch (error) {
    throw new LaunchError(`can't start a process: ${diskReason(error)}`, { cause: error });
  }
  return run;
}

/** A run that is on its way already: the same following, from where the row says. */
export async function adoptRun(parts: RunParts, experiment: Experiment, position: RunPosition): Promise<LiveRun> {
  const plan = await planOf(parts, experiment).catch((error: unknown) => {
    parts.log(
      `${experiment.experimentId}: its config is not read any more (${String(error)}); it goes on without limits`,
    );
    return unreadable;
  });
  const own = join(position.dir, runFiles.work);
  const work = position.remote_dir === null ? (plan.config.cwd ?? own) : own;
  const run = followRun(parts, experiment, { position, plan, work });
  // A lab before this one had begun to stop it.
  if (position.stop_requested_at != null) requestStop(run, position.reason ?? "stopped");
  return run;
}

function followRun(
  { executorFor, nowMs, log }: RunParts,
  experiment: Experiment,
  { position, plan, work }: { position: RunPosition; plan: RunPlan; work: string },
): LiveRun {
  const { dir, pod_id: podId, remote_dir: remoteDir } = position;
  const executor = executorFor(podId);
  const remote = podId === null || remoteDir === null ? undefined : { podId, dir: remoteDir };
  const handle: RunHandle = { executor: executor.kind, dir, marker: markerOf(experiment), remote };
  const isRemote = remote !== undefined;
  const own = join(dir, runFiles.work);
  const metrics = {
    path: join(work, "metrics.jsonl"),
    isCopy: isRemote,
    newerThan: work === own ? null : position.started_at,
  };
  const dropped = (name: string) =>
    log(
      `${experiment.experimentId}: the pattern of metric ${name} takes too long and is not used any more in this run`,
    );
  const patterns = plan.metricPatterns.length === 0 ? undefined : createPatternReader(plan.metricPatterns, dropped);
  const tail = openRunOutput({ ...position, file: join(dir, runFiles.out), metrics, patterns });
  const times = { startedAt: position.started_at, since: nowMs(), toldReason: experiment.statusReason };
  return liveRun({ experiment, config: plan.config, executor, handle, tail, work, ...times });
}

const markerOf = ({ _id, attempt }: Experiment) => `${_id}:${attempt}`;

async function prepareHere(
  parts: RunParts,
  experiment: Experiment,
  { plan: { config, program: template }, goingOn, dir }: { plan: RunPlan; goingOn: GoingOn; dir: string },
): Promise<Prepared> {
  const { experimentId: displayId, attempt } = experiment;
  const files = filesFor(parts, config);
  const told = goingOnEnv(goingOn, { runDir: dir, parentDir: goingOn.parentWork }, { config, attempt });
  const source = { displayId, template, config, runDir: dir, marker: markerOf(experiment), goingOn: told };
  const command = await commandOf(source, localCommandHost(parts));
  if (!command.ok) throw new LaunchError(command.reason);
  return { text: command.text, work: command.work, files, remoteDir: null };
}

async function prepareThere(
  parts: RunParts,
  experiment: Experiment,
  { plan, goingOn, sent }: { plan: RunPlan; goingOn: GoingOn; sent: Map<string, number> },
): Promise<Prepared> {
  const setup = setupOf(parts, experiment);
  try {
    const files = filesFor(parts, plan.config);
    for (const file of files) await setup.send(file);
    const parentDir = await bringThere(goingOn, setup);
    const { config } = plan;
    const told = goingOnEnv(goingOn, { runDir: setup.dir, parentDir }, { config, attempt: experiment.attempt });
    const text = await commandThere(parts, experiment, { plan, setup, told });
    for (const [name, size] of setup.sent) sent.set(name, size);
    const work = join(runDirectory(parts.dataDir, experiment._id, experiment.attempt), runFiles.work);
    return { text, work, files, remoteDir: setup.dir };
  } catch (error) {
    if (error instanceof HostRefusal) throw new LaunchError(`the pod refuses: ${error.message}`, { cause: error });
    throw error;
  } finally {
    setup.end();
  }
}

/** What it goes on from, to the pod; answers where the parent's outputs are there. */
async function bringThere(goingOn: GoingOn, setup: RemoteSetup): Promise<string | null> {
  for (const file of await checkpointFiles(goingOn)) await setup.send(file);
  if (goingOn.parentWork === null) return null;
  for (const { file, name } of await parentFiles(goingOn, mostParentBytes)) {
    await setup.sendBeside({ file, name: `parent/${name}` });
  }
  return `${setup.dir}/parent`;
}

async function goingOnOf(parts: RunParts, experiment: Experiment): Promise<GoingOn> {
  const found = await findGoingOn(parts, experiment);
  if (typeof found === "string") throw new LaunchError(found);
  return found;
}

function setupOf(parts: RunParts, { _id, attempt, podId }: Experiment): RemoteSetup {
  const session = podId === null ? null : (parts.hosts?.session(podId) ?? null);
  const hello = session?.link().hello ?? null;
  if (session === null || hello === null) throw new LinkError(notConnected);
  return remoteSetup(parts, session, hello, `runs/${_id}/${attempt}`);
}

async function commandThere(
  parts: RunParts,
  experiment: Experiment,
  { plan, setup, told }: { plan: RunPlan; setup: RemoteSetup; told: Readonly<Record<string, string>> },
): Promise<string> {
  const { config, program: template } = plan;
  const { experimentId: displayId } = experiment;
  const podId = experiment.podId ?? "";
  const gpus = await gpuShare(parts.store, podId, config.slots ?? 1);
  const env = gpus === null ? undefined : { CUDA_VISIBLE_DEVICES: gpus };
  const source = { displayId, template, config, runDir: setup.dir, marker: markerOf(experiment), env, goingOn: told };
  const command = await commandOf(source, setup.host);
  if (!command.ok) throw new LaunchError(`${command.reason} (on ${parts.hosts?.state(podId)?.name ?? "its pod"})`);
  return command.text;
}

const notConnected = { code: "unreachable", message: "its pod is not connected" };

function filesFor({ dataDir }: RunParts, config: ExperimentConfig): readonly SentFile[] {
  const files = filesToSend(config, join(dataDir, "scripts"));
  if (typeof files === "string") throw new LaunchError(files);
  return files;
}

const unreadable: RunPlan = { values: {}, config: {}, program: null, metricPatterns: [] };

/** With the template as it was when the experiment was made. */
async function planOf({ store, templates }: RunParts, experiment: Experiment): Promise<RunPlan> {
  try {
    return resolveRun((await configSource(store, experiment._id)) ?? experiment, templates);
  } catch (error) {
    throw new LaunchError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
