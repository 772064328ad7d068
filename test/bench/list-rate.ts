import { type Bench, percentile, type Row } from "./bench.js";
import { benchHome, seedExperiments, startBenchLab } from "./bench-lab.js";
import { runChildProgram } from "./child-program.js";

const many = 1_000_000;
const few = 1_000;
const connections = 16;
const durationMs = 5_000;
const warmUpMs = 1_500;

interface Load {
  readonly times: readonly number[];
  readonly failures: number;
  readonly seconds: number;
}

async function loadOn(
  cleanup: AsyncDisposableStack,
  count: number,
): Promise<{ perSecond: number; p99: number | null }> {
  const home = benchHome(cleanup);
  const cursors = await seedExperiments(home, count);
  const { url, token } = await startBenchLab(cleanup, home);
  const job = { url, token, cursors, connections, durationMs, warmUpMs };
  const { times, failures, seconds } = (await runChildProgram(
    cleanup,
    new URL("list-load.ts", import.meta.url),
    job,
  )) as Load;
  if (failures > 0) throw new Error(`${failures} requests were refused`);
  return { perSecond: times.length / seconds, p99: percentile(times, 0.99) };
}

async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  const small = await loadOn(cleanup, few);
  const large = await loadOn(cleanup, many);
  const note = `GET /v1/experiments?limit=20, half newest page, half after a random experiment; ${connections} keep-alive connections from another process, ${durationMs / 1000} s after ${warmUpMs / 1000} s of warm-up`;
  const name = `ours with ${few.toLocaleString("en-US")}`;
  return [
    {
      what: "lab: list 20 of 1,000,000 experiments",
      ours: large.perSecond,
      unit: "req/s",
      limit: 4000,
      sense: "least",
      peers: { [name]: small.perSecond },
      note,
    },
    {
      what: "lab: list 20 of 1,000,000, p99",
      ours: large.p99,
      unit: "ms",
      limit: null,
      sense: "most",
      peers: { [name]: small.p99 },
      note: `flat in size when the two are alike; ${note}`,
    },
  ];
}

export const listRate: Bench = { name: "list-rate", run };
