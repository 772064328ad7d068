import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { runFiles } from "../executors/executor.js";
import type { LabStore } from "../store/store.js";

/** Rows of one transaction: others write in between. */
const sliceRows = 1000;

export interface LogOfRun {
  readonly experimentId: string;
  readonly attempt: number;
  readonly dir: string;
}

/** Deletes the blocks of an experiment, or of one attempt, slice by slice: a log of 10 GB has 160,000. */
export async function deleteBlocks(store: LabStore, experimentId: string, attempt?: number): Promise<void> {
  for (let left = true; left; ) {
    // The database answers at once, so without this nobody would be heard before the last slice.
    await breathe();
    left = await store.change(async ({ tx }) => {
      const own = tx.selectFrom("blocks").select(["attempt", "off"]).where("experiment_id", "=", experimentId);
      const ofAttempt = attempt === undefined ? own : own.where("attempt", "=", attempt);
      const slice = ofAttempt.orderBy("attempt").orderBy("off").limit(sliceRows);
      const { numDeletedRows } = await tx
        .deleteFrom("blocks")
        .where("experiment_id", "=", experimentId)
        .where(({ eb, refTuple }) => eb(refTuple("attempt", "off"), "in", slice.$asTuple("attempt", "off")))
        .executeTakeFirstOrThrow();
      return numDeletedRows === BigInt(sliceRows);
    });
  }
}

/**
 * Takes the log of a finished attempt away: its file, its blocks, then the note that readers see instead. Torn off anywhere
 * it is simply done again.
 */
export async function removeLog(store: LabStore, run: LogOfRun, reason: string): Promise<void> {
  const { experimentId, attempt, dir } = run;
  await rm(join(dir, runFiles.out), { force: true });
  await deleteBlocks(store, experimentId, attempt);
  await store.change(async ({ tx, at, event, touch }) => {
    await tx
      .updateTable("runs")
      .set({ log_removed_at: at })
      .where("experiment_id", "=", experimentId)
      .where("attempt", "=", attempt)
      .execute();
    event("experiment.log_removed", experimentId, { attempt, reason });
    touch(`logs:${experimentId}`);
  });
}
