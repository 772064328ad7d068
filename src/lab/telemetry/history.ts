import type { LabStore } from "../store/store.js";
import { keptMs, type SampleRow, thinning, thinSamples } from "./thin.js";

/** Replaces what is old enough by fewer rows, and drops what is older than 90 days. One transaction per step. */
export async function thinHistory(store: LabStore, podId: string, now: number): Promise<void> {
  for (const { fromAgeMs, resolutionMs } of thinning) {
    // Whole stretches only: a half one would be thinned again with its rest.
    const before = Math.floor((now - fromAgeMs) / resolutionMs) * resolutionMs;
    await store.change(async ({ tx }) => {
      const rows = await tx
        .selectFrom("samples")
        .selectAll()
        .where("pod_id", "=", podId)
        .where("at", "<", before)
        .where("resolution_ms", "<", resolutionMs)
        .orderBy("at")
        .execute();
      if (rows.length === 0) return;
      await tx
        .deleteFrom("samples")
        .where("pod_id", "=", podId)
        .where("at", "<", before)
        .where("resolution_ms", "<", resolutionMs)
        .execute();
      await insertSamples(store, thinSamples(rows, resolutionMs));
    });
  }
  await store.change(({ tx }) =>
    tx
      .deleteFrom("samples")
      .where("pod_id", "=", podId)
      .where("at", "<", now - keptMs)
      .execute(),
  );
}

/** A sample of a moment that has one already (a clock that was set back) is left out. */
export async function insertSamples(store: LabStore, rows: readonly SampleRow[]): Promise<void> {
  const perInsert = 1000;
  for (let from = 0; from < rows.length; from += perInsert) {
    const some = rows.slice(from, from + perInsert);
    await store.db
      .insertInto("samples")
      .values(some)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
