import { appendFileSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { noProgress, storeGathered } from "../../../src/lab/capture/follow.js";
import { openTail } from "../../../src/lab/capture/out-tail.js";
import { runFiles } from "../../../src/lab/executors/executor.js";
import { runDirectory } from "../../../src/lab/runs/run-directory.js";
import { createLogs } from "../../../src/lab/services/logs.js";
import { createMetrics } from "../../../src/lab/services/metrics.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, migrate } from "../../../src/lab/store/store.js";

/** The real log service over a real store: experiments, their starts and their output are made by hand, the clock moves by hand. */
export async function openLogs() {
  const dataDir = mkdtempSync(join(tmpdir(), "hubify-logs-"));
  const clock = { at: 1_700_000_000_000, now: () => clock.at };
  const { db } = openSqlite(join(dataDir, "lab.db"));
  await migrate(db);
  const store = await createStore(db, clock);
  onTestFinished(() => store.close());
  const lab = { id: "lab1", name: "A", slug: "a", template: null, visibility: "private", created_at: 1 } as const;
  await db.insertInto("labs").values(lab).execute();
  const logs = createLogs({ store, dataDir, now: clock.now });
  const services = { metrics: createMetrics(store, []), experiments: { observe: async () => undefined } as never };
  let n = 0;

  const set = (id: string, values: { status: string; attempt?: number }) =>
    db.updateTable("experiments").set(values).where("id", "=", id).execute();

  /** Starts the experiment once more: its row and its directory. */
  const begin = async (id: string) => {
    const row = await db.selectFrom("experiments").select("attempt").where("id", "=", id).executeTakeFirstOrThrow();
    const attempt = row.attempt + 1;
    await set(id, { status: "running", attempt });
    const dir = runDirectory(dataDir, id, attempt);
    mkdirSync(dir, { recursive: true });
    const at = clock.now();
    await db
      .insertInto("runs")
      .values({ experiment_id: id, attempt, dir, state: "running", off: 0, seq: 0, started_at: at })
      .execute();
    return { id, attempt, dir };
  };
  type Run = Awaited<ReturnType<typeof begin>>;

  const rowOf = ({ id, attempt }: Run) =>
    db
      .selectFrom("runs")
      .selectAll()
      .where("experiment_id", "=", id)
      .where("attempt", "=", attempt)
      .executeTakeFirstOrThrow();

  return {
    store,
    clock,
    logs,
    dataDir,
    labId: lab.id,
    /** Answers its document id; `EXP-001` is the first. */
    async create() {
      n += 1;
      const id = `exp${n}`;
      await db
        .insertInto("experiments")
        .values({
          id,
          lab_id: lab.id,
          display_id: `EXP-${String(n).padStart(3, "0")}`,
          title: "t",
          compute_mode: "CPU",
          config: "{}",
          priority: 2,
          status: "queued",
          metrics: "{}",
          attempt: 0,
          log_lines: 0,
          cancel_requested: 0,
          created_at: 1,
          updated_at: 1,
        })
        .execute();
      return id;
    },
    begin,
    rowOf,
    /** Writes and captures at the clock's time. */
    async write(run: Run, bytes: string | Uint8Array) {
      const file = join(run.dir, runFiles.out);
      appendFileSync(file, bytes);
      const tail = openTail({ file, ...(await rowOf(run)) });
      for (let drained = false; !drained; ) {
        const harvest = await tail.poll(clock.now(), false);
        const { id: experimentId, attempt } = run;
        const gathered = { experimentId, attempt, harvest, progress: noProgress, ageMs: null, last: false };
        await storeGathered(store, services, [gathered], 0);
        tail.accept(harvest);
        ({ drained } = harvest);
      }
      await tail.close();
    },
    async end(run: Run, status: "pass" | "fail" = "fail") {
      await set(run.id, { status });
      await db
        .updateTable("runs")
        .set({ state: "ended", ended_at: clock.now() })
        .where("experiment_id", "=", run.id)
        .where("attempt", "=", run.attempt)
        .execute();
    },
  };
}
