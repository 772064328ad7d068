import { sql } from "kysely";
import { expect, test } from "vitest";
import { hourMs, openLedger } from "./ledger-fixture.js";

const podCount = 500;
const days = 31;
const runsPerPod = 2;

/** CPU time of this thread, ms: what else the machine is busy with does not count. */
async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** The best of five: the first runs are compiled on the way. */
async function fastest(work: (index: number) => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let index = 0; index < 5; index++) all.push(await work(index));
  return Math.min(...all);
}

test("500 pods for a month: a look and the summary are cheap", async () => {
  const lab = await openLedger();
  const { store, labId, look, summary } = lab;
  const end = Date.UTC(2026, 9, 31, 12);
  const start = end - days * 24 * hourMs + 12 * hourMs;
  await store.change(async ({ tx }) => {
    await sql`with recursive n(i) as (select 0 union all select i + 1 from n where i < ${podCount - 1})
      insert into pods (id, lab_id, provider, name, gpu_type, gpu_count, status, slots, cost_per_hour_usd, created_at, updated_at)
      select 'p' || i, ${labId}, 'runpod', 'pod ' || i, 'H200', 1, 'running', 2, 3.59, 0, 0 from n`.execute(tx);
    await sql`with recursive h(at) as (select ${start} union all select at + ${hourMs} from h where at < ${end - 2 * hourMs})
      insert into pod_costs (pod_id, hour_at, gpu_micros, running_ms, idle_micros)
      select p.id, cast(h.at as integer), 3590000, 3600000, 100000 from h cross join pods p`.execute(tx);
    await sql`with recursive n(i) as (select 0 union all select i + 1 from n where i < ${podCount * runsPerPod - 1})
      insert into experiments (id, lab_id, display_id, title, compute_mode, config, priority, status, attempt, pod_id, created_at, updated_at, cost_micros)
      select 'e' || i, ${labId}, 'EXP-' || i, '', 'H200', '{"command":"true"}', 2, 'running', 1, 'p' || (i / 2), 0, 0, 1 from n`.execute(
      tx,
    );
    await sql`insert into runs (experiment_id, attempt, dir, state, started_at, pod_id)
      select id, 1, '', 'running', ${start}, pod_id from experiments`.execute(tx);
    await sql`with recursive h(at) as (select ${start} union all select at + ${hourMs} from h where at < ${end - 2 * hourMs})
      insert into experiment_costs (experiment_id, pod_id, hour_at, micros, gpu_ms)
      select e.id, e.pod_id, cast(h.at as integer), 1795000, 1800000 from h cross join experiments e
      where e.n > ${podCount * runsPerPod - 200}`.execute(tx);
  });
  const pods = Array.from({ length: podCount }, (_, index) => ({ podId: `p${index}`, slots: 2 }));
  await look(end - 5000, ...pods);

  const firstMs = await cpuMs(summary);
  const lookMs = await fastest((index) => cpuMs(() => look(end + index * 5000, ...pods)));
  const freshMs = await fastest(async (index) => {
    await look(end + 30_000 + index * 5000, ...pods);
    return cpuMs(summary);
  });
  const againMs = await fastest(() => cpuMs(summary));
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  console.log(
    `500 pods, 31 days, CPU: a look ${ms(lookMs)}; the summary ${ms(freshMs)} after a look, ${ms(againMs)} again, ` +
      `${ms(firstMs)} for the first time`,
  );
  const { summary: month } = await summary();
  expect(month.totalUsd).toBeGreaterThan(podCount * 3.59 * 24 * 30);
  expect(lookMs).toBeLessThan(40);
  expect(freshMs).toBeLessThan(20);
  expect(againMs).toBeLessThan(15);
}, 60_000);
