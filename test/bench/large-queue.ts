import { setTimeout as wait } from "node:timers/promises";
import { visibleExperiments } from "../../src/app/selectors/visible-experiments.js";
import type { AppState } from "../../src/app/store.js";
import type { Experiment } from "../../src/contract/experiment.js";
import { experiment, nowMs } from "../ui/room.js";
import { type Bench, median, percentile, type Row } from "./bench.js";
import { fullScreen } from "./full-screen.js";
import { openRoomInProcess } from "./room-in-process.js";

const liveRows = 200;
const allRows = 100_000;
const rounds = 7;
const keys = 600;
const keyWarmUps = 400;

const statuses = ["pass", "pass", "fail", "pass"] as const;
const priorities = ["normal", "high", "low", "critical"] as const;

function history(count: number): Experiment[] {
  return Array.from({ length: count }, (_, index) => {
    const createdAt = nowMs - (index + 1) * 60_000;
    return experiment(1_000_000 - index, {
      title: `MCMC chain, seed ${(index * 7919) % count}`,
      status: statuses[index % statuses.length] ?? "pass",
      priority: priorities[(index >> 3) % priorities.length] ?? "normal",
      createdAt,
      _creationTime: createdAt,
      endedAt: createdAt + 30_000,
    });
  });
}

function stateWith(rows: readonly Experiment[]): AppState {
  const state = fullScreen();
  return {
    ...state,
    experiments: {
      ...state.experiments,
      live: rows.slice(0, liveRows),
      older: rows.slice(liveRows),
      moreOlder: false,
      selectedId: rows[0]?._id ?? null,
    },
  };
}

function msOf(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** ms from a key's command to the last byte of the frame that answers it. */
async function keyTimes(rows: readonly Experiment[]): Promise<number[]> {
  const { store, runner, sent, drawn } = openRoomInProcess(stateWith(rows));
  await drawn();
  // In the middle, where every key scrolls the whole list.
  store.dispatch({ type: "experiments/selected", id: rows[rows.length >> 1]?._id ?? null });
  await drawn();
  const times: number[] = [];
  for (let index = 0; index < keyWarmUps + keys; index++) {
    const startedAt = performance.now();
    await runner.run(index % 3 === 2 ? "list.up" : "list.down");
    await drawn();
    if (index >= keyWarmUps) times.push(sent.lastAt - startedAt);
    if (index % 50 === 0) await wait(5);
  }
  return times;
}

async function run(): Promise<readonly Row[]> {
  const open: number[] = [];
  const sort: number[] = [];
  const filter: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // New rows each time: the selectors remember what they have seen.
    const { experiments } = stateWith(history(allRows));
    const show = (change: Partial<typeof experiments>) => () => void visibleExperiments({ ...experiments, ...change });
    open.push(msOf(show({})));
    for (const key of ["title", "priority", "age"] as const) sort.push(msOf(show({ sort: key })));
    filter.push(msOf(show({ filter: "status:fail seed" })), msOf(show({ filter: `-title:${round} chain` })));
  }
  const few = await keyTimes(history(1_000));
  const many = await keyTimes(history(allRows));
  const how = `in process, ${liveRows} live rows and the rest history`;
  const row = (what: string, samples: readonly number[], note: string): Row => ({
    what: `100,000 experiments: ${what}`,
    ours: median(samples),
    unit: "ms",
    limit: 50,
    sense: "most",
    note: `median of ${samples.length}, worst ${Math.max(...samples).toFixed(1)} ms; ${note}; ${how}`,
  });
  return [
    row("open", open, "the first look at the list"),
    row("sort", sort, "by title, priority, age"),
    row("filter", filter, "status:fail seed and -title:N chain"),
    {
      what: "100,000 experiments: key to frame, p99",
      ours: percentile(many, 0.99),
      unit: "ms",
      limit: 10,
      sense: "most",
      peers: { "ours with 1,000": percentile(few, 0.99) },
      note: `j and k in the middle of the list, every key scrolls; p50 ${median(many)?.toFixed(2) ?? "–"} ms; ${how}, no terminal behind`,
    },
  ];
}

export const largeQueue: Bench = { name: "large-queue", run };
