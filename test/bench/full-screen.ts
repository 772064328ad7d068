import { createLogRing } from "../../src/app/log-ring.js";
import { type AppEvent, type AppState, initialState } from "../../src/app/store.js";
import type { Experiment } from "../../src/contract/experiment.js";
import type { LogEntry } from "../../src/contract/log-entry.js";
import type { Pod, TelemetrySample } from "../../src/contract/pod.js";
import { busyRoom, chainSeries, experiment, nowMs, pod, samplesOf } from "../ui/room.js";
import { screenSize } from "./bench-terminal.js";

const runningRows = 25;
const podRows = 8;
const firstLines = 1000;
const newLines = 3;
const minuteMs = 60_000;
const sampleMs = 5000;

/** A 200×50 screen that is full: 25 running experiments, a chain of 60 tests, a long log, 8 pods with sparklines. */
export function fullScreen(): AppState {
  const buffer = createLogRing();
  buffer.append(logLines(0, firstLines));
  const base = busyRoom(screenSize.columns, screenSize.rows);
  return {
    ...base,
    log: { ...initialState(buffer).log, experimentId: "exp1", loaded: true, revision: 1 },
    experiments: {
      ...base.experiments,
      live: experimentsAt(0),
      selectedId: "exp1",
      bookmarks: [],
      marked: [],
    },
    chain: { experimentId: "exp1", series: chainSeries(60), failure: null },
    pods: { ...base.pods, rows: podsAt(0), samples: bySample(samplesAt(0)), selectedId: "pod1" },
    alerts: { ...base.alerts, open: [] },
  };
}

const share = (seed: number) => (Math.sin(seed * 12.9898) + 1) / 2;

/** Progress and ETA of every visible row move on: two cells of a table each. */
function experimentsAt(step: number): Experiment[] {
  return Array.from({ length: runningRows }, (_, index) =>
    experiment(index + 1, {
      title: `MCMC chain, Planck 2018 + BAO, seed ${index}`,
      status: "running",
      startedAt: nowMs - (30 + index) * minuteMs,
      progress: ((step + index) % 100) / 100,
      etaAt: nowMs + (5 + ((step * 7 + index) % 90)) * minuteMs,
      podId: `pod${(index % podRows) + 1}`,
      logLines: step * newLines,
    }),
  );
}

function logLines(from: number, count: number): LogEntry[] {
  return Array.from({ length: count }, (_, offset) => {
    const seq = from + offset;
    const message = `[mcmc] Progress @ 2026-11-21 09:41:07 : ${seq * 17} steps taken, and ${seq * 5} accepted, chi2 ${(1200 + share(seq) * 40).toFixed(4)}`;
    return {
      _id: `exp1:${seq}`,
      _creationTime: nowMs,
      experimentId: "exp1",
      seq,
      level: "info",
      message,
      timestamp: nowMs,
    };
  });
}

/** The window of the sparklines, one sample further at each step. */
function samplesAt(step: number): TelemetrySample[] {
  return Array.from({ length: podRows }, (_, index) =>
    samplesOf(`pod${index + 1}`, (sample) => share((sample + step * 4) * (index + 1)) * 100, 4),
  ).flat();
}

/** One sample of each pod, as the lab sends them. */
function newestAt(step: number): TelemetrySample[] {
  const at = nowMs + (step + 1) * sampleMs;
  return samplesAt(step).flatMap((sample) => (sample.at === nowMs ? [{ ...sample, at }] : []));
}

function bySample(samples: readonly TelemetrySample[]): AppState["pods"]["samples"] {
  return Object.groupBy(samples, ({ podId }) => podId) as AppState["pods"]["samples"];
}

function podsAt(step: number): Pod[] {
  return Array.from({ length: podRows }, (_, index) => {
    const last = samplesOf(`pod${index + 1}`, () => share(step + index) * 100, 4).at(-1) ?? null;
    return pod(index + 1, { name: `chain-${index}`, costTodayUsd: 20 + index + step / 100, last });
  });
}

/** What comes in at once: log lines for the buffer, and the events that tell of everything. */
export interface Step {
  readonly lines: readonly LogEntry[];
  readonly events: readonly AppEvent[];
}

/** Everything changes: 50 table cells, three log lines, eight pods, one test of convergence. */
export function allPanesChange(step: number): Step {
  return {
    lines: logLines(firstLines + step * newLines, newLines),
    events: [
      { type: "experiments/received", rows: experimentsAt(step) },
      { type: "log/appended" },
      { type: "pods/received", rows: podsAt(step) },
      { type: "telemetry/added", samples: newestAt(step) },
      { type: "chain/received", series: { ...chainSeries(60 + (step % 100)), experimentId: "exp1" } },
    ],
  };
}

/** One digit of a title: one cell in the terminal's own colours. */
export function oneCellChanges(step: number): Step {
  return oneRowChanges({ title: `one cell changes: ${step % 2}` });
}

/** The last digit of an ETA: one cell in a colour of the theme. */
export function oneColouredCellChanges(step: number): Step {
  return oneRowChanges({ etaAt: nowMs + (6 + (step % 2)) * minuteMs });
}

function oneRowChanges(change: Partial<Experiment>): Step {
  const rows = experimentsAt(0).map((row, index) => (index === 1 ? { ...row, ...change } : row));
  return { lines: [], events: [{ type: "experiments/received", rows }] };
}
