import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { AppState } from "../../src/app/store.js";
import { Pod, TelemetrySample } from "../../src/contract/pod.js";
import { nowMs, pod } from "../ui/room.js";
import { type Bench, median, percentile, type Row } from "./bench.js";
import { fullScreen } from "./full-screen.js";
import { openRoomInProcess } from "./room-in-process.js";

const podCount = 500;
const heldSamples = 60;
const everyMs = 5_000;
const warmUps = 40;
const updates = 60;
const keys = 600;
const keyWarmUps = 200;

const Pods = z.array(Pod);
const Samples = z.array(TelemetrySample);

const utilOf = (index: number, step: number) => (index % 3 === 0 ? 0 : (index * 31 + step * 17) % 100);

function sampleAt(index: number, step: number): TelemetrySample {
  const util = utilOf(index, step);
  return {
    podId: `pod${index}`,
    at: nowMs + step * everyMs,
    cpuPercent: util / 2,
    memoryUsedBytes: 11e9,
    memoryTotalBytes: 16e9,
    loadAverage: null,
    gpuUtilPercent: util,
    gpuMemoryPercent: 71,
    costPerHourUsd: 2.49,
    gpus: [{ utilPercent: util, memoryPercent: 71, temperatureC: null, powerW: null }],
  };
}

const rowsAt = (step: number): Pod[] =>
  Array.from({ length: podCount }, (_, index) =>
    pod(index, {
      name: `sweep-${index}`,
      gpuType: "NVIDIA H100 80GB HBM3",
      costPerHourUsd: 2.49,
      costTodayUsd: 20 + index / 10 + step / 1000,
      idleMinutes: index % 3 === 0 ? 30 + step / 12 : 0,
      idleSince: index % 3 === 0 ? nowMs - 30 * 60_000 : null,
      last: sampleAt(index, step),
    }),
  );

function stateWithPods(): AppState {
  const state = fullScreen();
  const samples = Object.fromEntries(
    Array.from({ length: podCount }, (_, index) => [
      `pod${index}`,
      Array.from({ length: heldSamples }, (_, step) => sampleAt(index, step - heldSamples)),
    ]),
  );
  return {
    ...state,
    view: { ...state.view, focus: "pods" },
    pods: { ...state.pods, rows: rowsAt(0), samples, selectedId: `pod${podCount >> 1}` },
  };
}

const cpuMs = (before: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** What one look costs the room: the texts are read, taken over and drawn. */
async function perLook(room: ReturnType<typeof openRoomInProcess>, withList: boolean): Promise<number[]> {
  const used: number[] = [];
  for (let step = 1; step <= warmUps + updates; step++) {
    const index = withList ? step + 1000 : step;
    const samples = JSON.stringify(Array.from({ length: podCount }, (_, at) => sampleAt(at, index)));
    const rows = withList ? JSON.stringify(rowsAt(index)) : null;
    const before = process.cpuUsage();
    room.store.dispatch({ type: "telemetry/added", samples: Samples.parse(JSON.parse(samples)) });
    if (rows !== null) room.store.dispatch({ type: "pods/received", rows: Pods.parse(JSON.parse(rows)) });
    await room.drawn();
    if (step > warmUps) used.push(cpuMs(before));
    if (step % 10 === 0) await wait(5);
  }
  return used;
}

/** ms from a key's command to the last byte of the frame that answers it, news of all pods in between. */
async function keyTimes(room: ReturnType<typeof openRoomInProcess>): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < keyWarmUps + keys; index++) {
    if (index % 20 === 0) {
      const samples = Array.from({ length: podCount }, (_, at) => sampleAt(at, 5_000 + index));
      room.store.dispatch({ type: "telemetry/added", samples });
      await room.drawn();
    }
    const startedAt = performance.now();
    await room.runner.run(index % 3 === 2 ? "list.up" : "list.down");
    await room.drawn();
    if (index >= keyWarmUps) times.push(room.sent.lastAt - startedAt);
    if (index % 50 === 0) await wait(5);
  }
  return times;
}

async function run(): Promise<readonly Row[]> {
  const room = openRoomInProcess(stateWithPods());
  await room.drawn();
  const samplesOnly = await perLook(room, false);
  const withList = await perLook(room, true);
  const times = await keyTimes(room);
  const how = `in process, real panes at 200×50, ${updates} looks after ${warmUps}, no terminal behind`;
  const row = (what: string, used: readonly number[], limit: number): Row => ({
    what: `500 pods: ${what}, CPU of the room`,
    ours: median(used),
    unit: "ms",
    limit,
    sense: "most",
    note: `user + system from the text to the drawn frame; each 5 s that is ${((median(used) ?? Number.NaN) / 50).toFixed(2)} % of a core; ${how}`,
  });
  return [
    row("newest samples of all", samplesOnly, 25),
    row("the same and the whole list", withList, 50),
    {
      what: "500 pods: key to frame, p99",
      ours: percentile(times, 0.99),
      unit: "ms",
      limit: 10,
      sense: "most",
      note: `j and k in the middle of the fleet, news of all pods each 20 keys; p50 ${median(times)?.toFixed(2) ?? "–"} ms; in process, no terminal behind`,
    },
  ];
}

export const fleetRoom: Bench = { name: "fleet-room", run };
