import { constants, type Dirent } from "node:fs";
import { cp, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { CheckpointConfig, type Experiment, type ExperimentConfig } from "../../contract/experiment.js";
import { runFiles } from "../executors/executor.js";
import { isCheckpointId } from "../services/checkpoint-files.js";
import type { LabStore } from "../store/store.js";
import type { SentFile } from "./local-command.js";
import { isDirectory, isFile, runDirectory } from "./run-directory.js";

/** What a run goes on from: a checkpoint of an earlier attempt, the outputs of its parent. */
export interface GoingOn {
  /** `path` is the same in both run directories. */
  readonly checkpoint: { readonly from: string; readonly path: string } | null;
  /** The parent's `work/`, here. */
  readonly parentWork: string | null;
}

interface Parts {
  readonly store: LabStore;
  readonly dataDir: string;
}

/** Answers words when what it was to go on from is not there any more. */
export async function findGoingOn({ store, dataDir }: Parts, experiment: Experiment): Promise<GoingOn | string> {
  const { _id: id, resumeFrom, parentId } = experiment;
  const parentRun =
    parentId === null
      ? undefined
      : await store.db
          .selectFrom("runs")
          .select("dir")
          .where("experiment_id", "=", parentId)
          .orderBy("attempt", "desc")
          .limit(1)
          .executeTakeFirst();
  const parentWork = parentRun === undefined ? null : join(parentRun.dir, runFiles.work);
  if (resumeFrom === null) return { checkpoint: null, parentWork };
  const slash = resumeFrom.indexOf("/");
  const path = resumeFrom.slice(slash + 1);
  const from = join(runDirectory(dataDir, id, Number(resumeFrom.slice(0, slash))), runFiles.work, path);
  if (!isCheckpointId(resumeFrom) || !(isFile(from) || isDirectory(from)))
    return `its checkpoint is gone: ${resumeFrom}`;
  return { checkpoint: { from, path }, parentWork };
}

/** A copy, with the time at which it was written: what the run does to it stays its own. Shares the blocks where the disk can. */
export async function copyCheckpoint({ checkpoint }: GoingOn, work: string): Promise<void> {
  if (checkpoint === null) return;
  const target = join(work, checkpoint.path);
  await mkdir(dirname(target), { recursive: true });
  await cp(checkpoint.from, target, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  });
}

/** What the run is told of it; `runDir` and `parentDir` are on the machine that runs it. */
export function goingOnEnv(
  { checkpoint }: GoingOn,
  { runDir, parentDir }: { runDir: string; parentDir: string | null },
  { config, attempt }: { config: ExperimentConfig; attempt: number },
): Record<string, string> {
  const work = posix.join(runDir, "work");
  const { path, intervalSeconds, keepLast } = CheckpointConfig.parse(config.checkpoint ?? {});
  return {
    HUBIFY_ATTEMPT: String(attempt),
    HUBIFY_CHECKPOINT_DIR: posix.join(work, path).replace(/\/$/, ""),
    ...(intervalSeconds === undefined ? {} : { HUBIFY_CHECKPOINT_SECONDS: String(intervalSeconds) }),
    ...(keepLast === undefined ? {} : { HUBIFY_CHECKPOINT_KEEP: String(keepLast) }),
    ...(checkpoint === null ? {} : { HUBIFY_RESUME_FROM: posix.join(work, checkpoint.path) }),
    ...(parentDir === null ? {} : { HUBIFY_PARENT_DIR: parentDir }),
  };
}

const mostFiles = 10_000;

/** The files of a checkpoint, by their names in the run's directory. */
export async function checkpointFiles({ checkpoint }: GoingOn): Promise<readonly SentFile[]> {
  if (checkpoint === null) return [];
  const { from, path } = checkpoint;
  if (isFile(from)) return [{ file: from, name: path }];
  return (await filesIn(from, Infinity)).map(({ file, name }) => ({ file, name: posix.join(path, name) }));
}

/** The parent's outputs that are here, up to `mostBytes` in all. */
export async function parentFiles({ parentWork }: GoingOn, mostBytes: number): Promise<readonly SentFile[]> {
  return parentWork === null || !isDirectory(parentWork) ? [] : filesIn(parentWork, mostBytes);
}

/** Plain files under a folder; links are left out. What does not fit any more is left out too. */
async function filesIn(root: string, mostBytes: number): Promise<SentFile[]> {
  const found: SentFile[] = [];
  let bytes = 0;
  const folders = [""];
  for (let folder = folders.shift(); folder !== undefined && found.length < mostFiles; folder = folders.shift()) {
    const entries: Dirent[] = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const name = posix.join(folder, entry.name);
      if (entry.isDirectory()) folders.push(name);
      if (!entry.isFile() || found.length >= mostFiles) continue;
      const { size } = await stat(join(root, name));
      if (bytes + size > mostBytes) continue;
      bytes += size;
      found.push({ file: join(root, name), name });
    }
  }
  return found;
}
