import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { thinHistory } from "../../src/lab/telemetry/history.js";
import { fakeProvider, gpuSample } from "../lab/pods/fake-provider.js";
import { openPods } from "../lab/pods/pods-fixture.js";
import { type Bench, median, percentile, type Row } from "./bench.js";

const podCount = 500;
const lookEveryMs = 5_000;
const looks = 60;
const warmUps = 10;
const rounds = 15;
const points = 40;
const dayMs = 86_400_000;
const hourMs = 3_600_000;

type Lab = Awaited<ReturnType<typeof openLabWithPods>>;

async function openLabWithPods(cleanup: AsyncDisposableStack) {
  const provider = fakeProvider();
  const lab = await openPods([provider]);
  cleanup.defer(() => lab.store.close());
  const lookAt = async (step: number) => {
    lab.clock.at += lookEveryMs;
    for (let index = 0; index < podCount; index++) {
      const util = (index * 31 + step * 17) % 100;
      provider.set(`rp${index}`, {
        name: `sweep-${index}`,
        uptimeSeconds: 100_000 + (step * lookEveryMs) / 1000,
        // A third of them idle, as fleets do.
        sample: gpuSample(index % 3 === 0 ? 0 : util, 40),
      });
    }
    const cpu = process.cpuUsage();
    await lab.look();
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1000;
  };
  await lookAt(0);
  return { ...lab, lookAt };
}

/** A day of every pod, as it is kept: a sample each minute, and each five seconds in the last hour. */
async function fillDay({ store, clock }: Lab): Promise<void> {
  const at = Math.round(clock.now());
  const rows = [
    { everyMs: 60_000, from: at - dayMs, count: 1380, resolution: 60_000 },
    { everyMs: lookEveryMs, from: at - hourMs, count: 719, resolution: 0 },
  ];
  for (const { everyMs, from, count, resolution } of rows) {
    await sql`
      insert or ignore into samples (pod_id, at, resolution_ms, cpu_percent, memory_used_bytes, memory_total_bytes, gpu_util_percent,
        gpu_memory_percent, cost_per_hour_usd, slots_used, gpus)
      with recursive numbers(i) as (select 1 union all select i + 1 from numbers where i < ${count})
      select id, ${from} + i * ${everyMs}, ${resolution}, i % 50, 1e9, 8e9, i % 100, 40, 3.6, 0,
        '[{"utilPercent":' || (i % 100) || ',"memoryPercent":40,"temperatureC":null,"powerW":null}]'
      from pods, numbers where provider <> 'local'`.execute(store.db);
  }
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function repeated(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < times; round++) samples.push(await msOf(work));
  return samples;
}

/** ms in which nothing else could happen, p99, while this is done. */
async function blockedMs(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await wait(50);
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99) / 1e6;
}

/** Thins an hour of fifty pods, some 36,000 rows, and asks nobody to wait. */
async function thin({ store, clock, rows }: Lab): Promise<void> {
  for (const { id } of (await rows()).slice(0, 50)) await thinHistory(store, id, clock.now() + hourMs);
}

async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  const lab = await openLabWithPods(cleanup);
  await fillDay(lab);
  const { telemetry, labId, clock, pods } = lab;
  const window = (windowMs: number) => () => telemetry.window(labId, clock.now() - windowMs, { points });
  const firstMs = await msOf(window(dayMs));
  const cpu: number[] = [];
  for (let step = 1; step <= warmUps + looks; step++) {
    const usedMs = await lab.lookAt(step);
    if (step > warmUps) cpu.push(usedMs);
  }
  const day = await repeated(rounds, window(dayMs));
  const quarter = await repeated(rounds, window(hourMs / 4));
  const list = await repeated(rounds, async () => JSON.stringify(await pods.list(labId)));
  const latest = await repeated(rounds, async () => JSON.stringify(await pods.latest(labId)));
  const thinning = await blockedMs(() => thin(lab));
  const idle = await blockedMs(() => wait(1_000));
  const bytes = Buffer.byteLength(JSON.stringify(await pods.list(labId)));
  const row = (what: string, samples: readonly number[], note: string): Row => ({
    what: `500 pods: ${what}`,
    ours: median(samples),
    unit: "ms",
    limit: 50,
    sense: "most",
    note: `median of ${samples.length}, worst ${Math.max(...samples).toFixed(1)} ms; ${note}; in process, SQLite file, a million samples held`,
  });
  const perLook = median(cpu) ?? Number.NaN;
  return [
    {
      what: "500 pods: a look at all of them, CPU of the lab",
      ours: perLook,
      unit: "ms",
      limit: 100,
      sense: "most",
      note: `user + system, median of ${cpu.length}, p95 ${percentile(cpu, 0.95)?.toFixed(0) ?? "–"} ms; rows, samples, idle clocks and money in one transaction, thinning beside; each 5 s that is ${(perLook / 50).toFixed(1)} % of a core`,
    },
    row("samples of 24 h", day, `${points} points of each, the first after a start ${firstMs.toFixed(0)} ms in slices`),
    row("samples of 15 min", quarter, `${points} points of each`),
    row("the list, as text", list, `${(bytes / 1e6).toFixed(2)} MB`),
    row("the newest samples, as text", latest, "what each look sends"),
    {
      what: "500 pods: thinning history blocks others",
      ours: thinning,
      unit: "ms",
      limit: 5,
      sense: "most",
      peers: { "nothing done": idle },
      note: "delay of the event loop, p99, while an hour of 50 pods is thinned (36,000 rows); 1 ms of it is the timer that measures",
    },
  ];
}

export const fleetLab: Bench = { name: "fleet-lab", run };
