import { join } from "node:path";
import { type Checkpoint, CheckpointConfig, type Experiment } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import { noteRead } from "../access/asking.js";
import { runFiles } from "../executors/executor.js";
import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";
import { readCheckpoints } from "./checkpoint-files.js";
import { runConfig } from "./experiment-config.js";
import { requeue } from "./experiment-moves-by-hand.js";
import { needRow, toExperiment } from "./experiment-rows.js";
import { configSource } from "./template-content.js";

export interface CheckpointsService {
  /** Of every attempt of which the files are here, the newest first; at most 200. */
  list(ref: string): Promise<readonly Checkpoint[]>;
  /**
   * fail → queued: the next attempt goes on from the newest checkpoint, or from the one that is named by id, path or name. Refuses
   * with `conflict` when there is none, and what has not failed.
   */
  resume(ref: string, checkpoint?: string, message?: string): Promise<Experiment>;
  /** The newest that can be gone on from, for a retry. */
  latest(experiment: Pick<Experiment, "_id">): Promise<string | null>;
}

/** Attempts that are looked through, the newest first. */
const mostAttempts = 20;
const mostListed = 200;

interface Parts {
  readonly store: LabStore;
  readonly builtIn: readonly Template[];
}

export function createCheckpoints({ store, builtIn }: Parts): CheckpointsService {
  const folderOf = async (id: string): Promise<string> => {
    const source = await configSource(store, id);
    try {
      return CheckpointConfig.parse((source === undefined ? {} : runConfig(source, builtIn)).checkpoint ?? {}).path;
    } catch {
      return CheckpointConfig.parse({}).path;
    }
  };
  const listOf = async (id: string): Promise<Checkpoint[]> => {
    const folder = await folderOf(id);
    const runs = await store.db
      .selectFrom("runs")
      .select(["attempt", "dir"])
      .where("experiment_id", "=", id)
      .orderBy("attempt", "desc")
      .limit(mostAttempts)
      .execute();
    const all: Checkpoint[] = [];
    for (const { attempt, dir } of runs)
      all.push(...(await readCheckpoints(join(dir, runFiles.work), folder, attempt)));
    return all.sort((a, b) => b.changedAt - a.changedAt || b.attempt - a.attempt || (a.name < b.name ? 1 : -1));
  };
  const latest: CheckpointsService["latest"] = async ({ _id }) =>
    (await listOf(_id)).find(({ resumable }) => resumable)?.id ?? null;

  return {
    latest,
    async list(ref) {
      const { id } = await needRow(store.db, ref);
      noteRead(`experiment:${id}`);
      return (await listOf(id)).slice(0, mostListed);
    },
    async resume(ref, wanted, message) {
      const { id, display_id: displayId } = await needRow(store.db, ref);
      const all = await listOf(id);
      const chosen = all.find((each) =>
        wanted === undefined ? each.resumable : [each.id, each.path, each.name].includes(wanted),
      );
      if (chosen === undefined) throw new LabError("conflict", noneWords(displayId, wanted, all));
      return store.change(async (change) => {
        const row = await needRow(change.tx, id);
        if (row.status !== "fail") throw new LabError("conflict", `${displayId} ${cantResume(row.status)}`);
        const reason = `resumed from ${chosen.id}`;
        const moved = await requeue(change, row, { reason, message, resumeFrom: chosen.id });
        return toExperiment(moved);
      });
    },
  };
}

function noneWords(displayId: string, wanted: string | undefined, all: readonly Checkpoint[]): string {
  if (all.length === 0) {
    return `${displayId} has written no checkpoint: a run keeps them in $HUBIFY_CHECKPOINT_DIR; restart it instead`;
  }
  if (wanted === undefined)
    return `${displayId}: none of its ${all.length} checkpoints is resumable; name one, or restart it`;
  const known = all.slice(0, 5).map(({ id }) => id);
  return `checkpoint: ${displayId} has no ${wanted}; the newest are ${known.join(", ")}`;
}

const cantResume = (status: string) =>
  status === "pass"
    ? "has passed: there is nothing to resume; copy it to run it again"
    : `is ${status}: only what failed can be resumed`;
