import { setImmediate as nextTurn } from "node:timers/promises";
import type { CompiledQuery, Insertable } from "kysely";
import type { SamplesTable } from "../store/schema.js";
import type { LabStore } from "../store/store.js";
import { keptMs, thinning, thinSamples } from "./thin.js";

type NewRow = Required<Insertable<SamplesTable>>;

/** Up to where each step of the thinning is done, so that nobody looks there again. */
export type ThinnedUntil = Map<number, number>;

/**
 * Replaces what is old enough by fewer rows, and drops what is older than 90 days: a small transaction for each slice, others'
 * work between. Doing it twice changes nothing.
 */
export async function thinHistory(
  store: LabStore,
  podId: string,
  now: number,
  done: ThinnedUntil = new Map(),
): Promise<void> {
  for (const { fromAgeMs, resolutionMs, sliceMs } of thinning) {
    // Whole stretches only: a half one would be thinned again with its rest.
    const before = Math.floor((now - fromAgeMs) / resolutionMs) * resolutionMs;
    for (;;) {
      const from = await firstFiner(store, podId, { from: done.get(resolutionMs) ?? 0, before, resolutionMs });
      if (from === undefined) break;
      const to = Math.min(before, from + sliceMs);
      await thinSlice(store, podId, { from, before: to, resolutionMs });
      done.set(resolutionMs, to);
      await nextTurn();
    }
    done.set(resolutionMs, before);
  }
  await dropOld(store, podId, now - keptMs);
}

interface Slice {
  readonly from: number;
  readonly before: number;
  readonly resolutionMs: number;
}

/** Start of the first stretch that has rows finer than it should have. */
async function firstFiner({ db }: LabStore, podId: string, { from, before, resolutionMs }: Slice) {
  const row = await db
    .selectFrom("samples")
    .select("at")
    .where("pod_id", "=", podId)
    .where("at", ">=", from)
    .where("at", "<", before)
    .where("resolution_ms", "<", resolutionMs)
    .orderBy("at")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : Math.floor(row.at / resolutionMs) * resolutionMs;
}

function thinSlice(store: LabStore, podId: string, { from, before, resolutionMs }: Slice): Promise<void> {
  return store.change(async ({ tx }) => {
    const rows = await tx
      .selectFrom("samples")
      .selectAll()
      .where("pod_id", "=", podId)
      .where("at", ">=", from)
      .where("at", "<", before)
      .where("resolution_ms", "<", resolutionMs)
      .orderBy("at")
      .execute();
    await tx
      .deleteFrom("samples")
      .where("pod_id", "=", podId)
      .where("at", ">=", from)
      .where("at", "<", before)
      .where("resolution_ms", "<", resolutionMs)
      .execute();
    await insertSamples(store, thinSamples(rows, resolutionMs));
  });
}

async function dropOld(store: LabStore, podId: string, before: number): Promise<void> {
  const old = await store.db
    .selectFrom("samples")
    .select("at")
    .where("pod_id", "=", podId)
    .where("at", "<", before)
    .limit(1)
    .executeTakeFirst();
  if (old === undefined) return;
  await store.change(({ tx }) =>
    tx.deleteFrom("samples").where("pod_id", "=", podId).where("at", "<", before).execute(),
  );
}

const rowsPerInsert = 100;
const columns = [
  "pod_id",
  "at",
  "resolution_ms",
  "cpu_percent",
  "memory_used_bytes",
  "memory_total_bytes",
  "load_average",
  "gpu_util_percent",
  "gpu_memory_percent",
  "cost_per_hour_usd",
  "slots_used",
  "gpus",
  "idle_since",
] as const satisfies readonly (keyof NewRow)[];
/** By number of rows: writing 500 pods costs more to spell than to store. */
const inserts = new Map<number, CompiledQuery>();

/** A sample of a moment that has one already (a clock that was set back) is left out. */
export async function insertSamples(store: Pick<LabStore, "db">, rows: readonly NewRow[]): Promise<void> {
  const { db } = store;
  for (let from = 0; from < rows.length; from += rowsPerInsert) {
    const some = rows.slice(from, from + rowsPerInsert);
    let query = inserts.get(some.length);
    if (query === undefined) {
      query = db
        .insertInto("samples")
        .values(some.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])) as NewRow))
        .onConflict((conflict) => conflict.doNothing())
        .compile();
      inserts.set(some.length, query);
    }
    await db.executeQuery({ ...query, parameters: some.flatMap((row) => columns.map((column) => row[column])) });
  }
}
