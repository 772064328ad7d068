import { sql } from "kysely";
import { systemClock } from "../../src/core/clock.js";
import { runPass } from "../../src/lab/scheduler/pass.js";
import { createQueueReader } from "../../src/lab/scheduler/queue.js";
import type { LabStore } from "../../src/lab/store/store.js";

const rules = { takesAnyGpu: false, cpuJobsOnGpuPods: false, autoSchedule: () => false, unreachable: () => null };

/** ms of passes with one experiment that waits and no pod that takes it. The store is as before when they are over. */
export async function schedulerPasses(store: LabStore, count: number): Promise<number[]> {
  await sql`
    insert into experiments (id, lab_id, display_id, title, compute_mode, config, priority, status, created_at, updated_at)
    select 'waits', id, 'EXP-0', 'waits', 'CPU', '{}', 1, 'queued', 0, 0 from labs`.execute(store.db);
  const readQueue = createQueueReader(store, []);
  const nothing = () => Promise.resolve();
  const services = { experiments: { claim: () => Promise.resolve(undefined), tellWaiting: nothing, unpin: nothing } };
  const times: number[] = [];
  for (let round = 0; round < count; round++) {
    const startedAt = performance.now();
    const pass = { queue: await readQueue(), pods: [], rules, paused: () => null };
    await runPass({ store, clock: systemClock, services }, pass);
    times.push(performance.now() - startedAt);
  }
  await store.db.deleteFrom("experiments").where("id", "=", "waits").execute();
  return times;
}
