import { appendFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { LogSource } from "../../../src/lab/capture/block-query.js";
import { noProgress, storeGathered } from "../../../src/lab/capture/follow.js";
import { openTail } from "../../../src/lab/capture/out-tail.js";
import { createMetrics } from "../../../src/lab/services/metrics.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, migrate } from "../../../src/lab/store/store.js";

/** One run's output with its index, in a store of its own; the clock moves with every capture. */
export async function openLog() {
  const dir = mkdtempSync(join(tmpdir(), "hubify-log-"));
  const file = join(dir, "out");
  const clock = { at: 1_000_000, now: () => clock.at };
  const { db } = openSqlite(join(dir, "lab.db"));
  await migrate(db);
  const store = await createStore(db, clock);
  const key = { experiment_id: "e", attempt: 1 };
  await db
    .insertInto("runs")
    .values({ ...key, dir, state: "running", off: 0, seq: 0, started_at: 0 })
    .execute();
  const services = { metrics: createMetrics(store, []), experiments: { observe: async () => undefined } as never };
  let tail = openTail({ file, off: 0, seq: 0, reader: null });

  onTestFinished(async () => {
    await tail.close();
    await store.close();
  });

  const poll = async (final: boolean) => {
    const harvest = await tail.poll(clock.now(), final);
    const gathered = { experimentId: "e", attempt: 1, harvest, progress: noProgress, ageMs: null, last: final };
    await storeGathered(store, services, [gathered], 0);
    tail.accept(harvest);
    return harvest;
  };
  const source = async (): Promise<LogSource> => {
    const row = await db.selectFrom("runs").select(["off", "seq", "carry"]).executeTakeFirstOrThrow();
    return { experimentId: "e", attempt: 1, file, ...row };
  };

  return {
    store,
    file,
    clock,
    source,
    tail: () => tail,
    /** Writes and indexes everything; one block of its own for each call. */
    async write(bytes: string | Uint8Array, final = false) {
      appendFileSync(file, bytes);
      clock.at += 50;
      while (!(await poll(final)).drained);
    },
    /** As after a restart of the lab. */
    async reopen() {
      await tail.close();
      const row = await db.selectFrom("runs").selectAll().executeTakeFirstOrThrow();
      tail = openTail({ file, off: row.off, seq: row.seq, reader: row.reader, carry: row.carry });
    },
  };
}
