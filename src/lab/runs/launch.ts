import { join } from "node:path";
import type { Experiment, ExperimentConfig } from "../../contract/experiment.js";
import { openTail } from "../capture/out-tail.js";
import { type RunHandle, runFiles } from "../executors/executor.js";
import { mergeConfig, runConfig } from "../services/experiment-config.js";
import { type CommandHost, commandOf } from "./command.js";
import { type LiveRun, liveRun } from "./live-run.js";
import type { RunParts } from "./parts.js";
import { hasProgram, isDirectory, isFile, prepareRunDirectory, runDirectory } from "./run-directory.js";

/** What a run's row keeps of where it is. */
export interface RunPosition {
  readonly dir: string;
  readonly off: number;
  readonly seq: number;
  readonly reader: string | null;
  readonly started_at: number;
}

/** Why a run can't be started; the words are the experiment's result. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
}

/**
 * Starts a claimed experiment: directory, then row, then process. A crash between two of these is repaired at the next
 * start of the lab, which launches a run that has no lock. Rejects with LaunchError for what the experiment can help.
 */
export async function launchRun(parts: RunParts, experiment: Experiment): Promise<LiveRun> {
  const { store, executor, dataDir, clock } = parts;
  const dir = runDirectory(dataDir, experiment._id, experiment.attempt);
  const { config, work, text } = commandFor(parts, experiment, dir);
  const position: RunPosition = { dir, off: 0, seq: 0, reader: null, started_at: clock.now() };
  try {
    await prepareRunDirectory(dir, { cmd: text, config: fullConfig(parts, experiment) });
  } catch (error) {
    throw new LaunchError(`can't write the run's directory: ${diskReason(error)}`, { cause: error });
  }
  await store.change(({ tx }) =>
    tx
      .insertInto("runs")
      .values({ ...position, experiment_id: experiment._id, attempt: experiment.attempt, state: "running" })
      .onConflict((conflict) => conflict.columns(["experiment_id", "attempt"]).doNothing())
      .execute(),
  );
  const run = followRun(parts, experiment, { position, config, work });
  try {
    await executor.launch(run.handle);
  } catch (error) {
    throw new LaunchError(`can't start a process: ${diskReason(error)}`, { cause: error });
  }
  return run;
}

/** A run that is on its way already: the same following, from where the row says. */
export function adoptRun(parts: RunParts, experiment: Experiment, position: RunPosition): LiveRun {
  const own = join(position.dir, runFiles.work);
  let config: ExperimentConfig = {};
  try {
    config = runConfig(experiment, parts.templates);
  } catch (error) {
    parts.log(
      `${experiment.experimentId}: its config is not read any more (${String(error)}); it goes on without limits`,
    );
  }
  return followRun(parts, experiment, { position, config, work: config.cwd ?? own });
}

function followRun(
  { executor, nowMs }: RunParts,
  experiment: Experiment,
  { position, config, work }: { position: RunPosition; config: ExperimentConfig; work: string },
): LiveRun {
  const handle: RunHandle = { executor: executor.kind, dir: position.dir, marker: markerOf(experiment) };
  const tail = openTail({ ...position, file: join(position.dir, runFiles.out) });
  return liveRun({ experiment, config, handle, tail, work, startedAt: position.started_at, since: nowMs() });
}

const markerOf = ({ _id, attempt }: Experiment) => `${_id}:${attempt}`;

function commandFor(parts: RunParts, experiment: Experiment, runDir: string) {
  const config = readConfig(parts, experiment);
  const host: CommandHost = {
    nodePath: parts.nodePath,
    templatesEntry: parts.templatesEntry,
    templates: parts.templates.map(({ name }) => name),
    scriptsDir: join(parts.dataDir, "scripts"),
    nice: parts.nice,
    isFile,
    isDirectory,
    hasProgram,
  };
  const { template, experimentId: displayId } = experiment;
  const command = commandOf({ displayId, template, config, runDir, marker: markerOf(experiment) }, host);
  if (!command.ok) throw new LaunchError(command.reason);
  return { config, text: command.text, work: command.work };
}

function readConfig({ templates }: RunParts, experiment: Experiment): ExperimentConfig {
  try {
    return runConfig(experiment, templates);
  } catch (error) {
    throw new LaunchError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The whole config, with what the lab does not know: it is the run's own. */
function fullConfig({ templates }: RunParts, { config, template }: Experiment): string {
  const defaults = templates.find(({ name }) => name === template)?.config ?? {};
  return `${JSON.stringify(mergeConfig(defaults, JSON.parse(config) as Record<string, unknown>), null, 2)}\n`;
}

/** System errors in words. */
export function diskReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOSPC: "the disk is full",
    EDQUOT: "the disk quota is used up",
    EROFS: "the file system is read-only",
    EACCES: "permission denied",
    EAGAIN: "too many processes",
    EMFILE: "too many open files",
  };
  return known[code ?? ""] ?? message;
}
