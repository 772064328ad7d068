import { readFileSync } from "node:fs";
import type { HeldLine } from "../../src/app/log-buffer.js";
import { type AppState, initialState } from "../../src/app/store.js";
import type { Experiment } from "../../src/contract/experiment.js";
import type { MetricPoint, MetricSeries } from "../../src/contract/metrics.js";
import { notRented, type Pod, type TelemetrySample } from "../../src/contract/pod.js";
import { paintWith, plainTheme } from "../../src/theme/theme.js";
import { loadTheme } from "../../src/theme/theme-file.js";
import { createLook } from "../../src/ui/paint/look.js";
import type { Look } from "../../src/ui/panes/pane.js";
import { arrayLogBuffer } from "./array-log-buffer.js";

/** 21 November 2026, 09:41:07 UTC. */
export const nowMs = Date.UTC(2026, 10, 21, 9, 41, 7);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export function lookOf(theme: string, charts: Look["charts"] = "braille", unicode = true): Look {
  if (theme === "none") return createLook({ paint: paintWith(plainTheme), charts, unicode });
  const file = new URL(`../../themes/${theme}.json`, import.meta.url);
  return createLook({ paint: paintWith(loadTheme(JSON.parse(readFileSync(file, "utf8")), theme)), charts, unicode });
}

/** Escapes of colour taken away: what is left is what the cells say. */
export const stripSgr = (text: string) => text.replaceAll(/\x1b\[[\d;]*m/g, "");

export function experiment(number: number, change: Partial<Experiment> = {}): Experiment {
  const id = `exp${number}`;
  const createdAt = nowMs - hourMs * 3;
  return {
    _id: id,
    _creationTime: createdAt,
    id,
    labId: "lab1",
    experimentId: `EXP-${String(number).padStart(3, "0")}`,
    title: `experiment ${number}`,
    projectId: null,
    template: null,
    computeMode: "CPU",
    config: "{}",
    priority: "normal",
    estimatedSeconds: null,
    status: "queued",
    result: null,
    statusReason: null,
    attempt: 1,
    podId: null,
    exitCode: null,
    qc: null,
    metrics: {},
    progress: null,
    etaAt: null,
    logLines: 0,
    cancelRequested: false,
    createdAt,
    updatedAt: createdAt,
    startedAt: null,
    endedAt: null,
    costUsd: null,
    costEstimated: false,
    projectedCostUsd: null,
    queueId: null,
    queue: "default",
    parentId: null,
    batchId: null,
    notBeforeAt: null,
    resumeFrom: null,
    actualSeconds: null,
    ...change,
  };
}

const running = (number: number, startedMs: number, change: Partial<Experiment>) =>
  experiment(number, { status: "running", startedAt: nowMs - startedMs, ...change });
const ended = (number: number, status: "pass" | "fail", agoMs: number, change: Partial<Experiment>) =>
  experiment(number, { status, startedAt: nowMs - agoMs - hourMs, endedAt: nowMs - agoMs, ...change });

export const experiments: readonly Experiment[] = [
  running(54, 133 * minuteMs, {
    title: "MCMC chain, Planck 2018 + BAO",
    priority: "high",
    computeMode: "H200",
    podId: "pod1",
    metrics: { "chain.rminus1": 0.0312 },
    etaAt: nowMs + 70 * minuteMs,
  }),
  running(55, 4 * minuteMs, {
    title: "Fisher forecast, SPHEREx",
    progress: 0.62,
    etaAt: nowMs + 3 * minuteMs,
    podId: "pod1",
  }),
  running(58, 41 * minuteMs, {
    title: "宇宙 anomaly map 🛰 wide field",
    priority: "critical",
    progress: 0.08,
    cancelRequested: true,
  }),
  experiment(56, {
    title: "anomaly sweep, seed 1..8",
    createdAt: nowMs - 12 * minuteMs,
    statusReason: "no free CPU slot",
  }),
  experiment(59, { title: "DES Y6 3×2pt, nuisance scan with a very long title that never ends", priority: "low" }),
  experiment(57, {
    title: "DESI + CMB lensing",
    status: "blocked",
    priority: "low",
    statusReason: "waits for EXP-052",
  }),
  ended(53, "pass", 26 * hourMs, { title: "p1 QSO classifier", result: "QC passed" }),
  ended(52, "fail", 2 * hourMs, { title: "Planck lite, no lensing", result: "exit code 137: out of memory" }),
  ended(51, "pass", 50 * hourMs, { title: "BAO only, flat LCDM", metrics: { "chain.rminus1": 0.0087 } }),
];

export function pod(number: number, change: Partial<Pod> = {}): Pod {
  const id = `pod${number}`;
  return {
    ...notRented,
    _id: id,
    _creationTime: nowMs - 30 * hourMs,
    id,
    labId: "lab1",
    provider: "runpod",
    name: `pod-${number}`,
    gpuType: "NVIDIA H200",
    gpuCount: 1,
    status: "running",
    statusReason: null,
    acceptsWork: true,
    slots: 4,
    slotsUsed: 1,
    gpus: [],
    costPerHourUsd: 4,
    costTodayUsd: 22.1,
    idleMinutes: 0,
    experiments: [],
    last: null,
    startedAt: nowMs - 10 * hourMs,
    createdAt: nowMs - 30 * hourMs,
    updatedAt: nowMs,
    ...change,
  };
}

export function samplesOf(
  podId: string,
  util: (step: number) => number | null,
  costPerHourUsd: number | null,
): TelemetrySample[] {
  return Array.from({ length: 180 }, (_, step): TelemetrySample => {
    const value = util(step);
    return {
      podId,
      at: nowMs - (179 - step) * 5000,
      cpuPercent: value,
      memoryUsedBytes: 11e9,
      memoryTotalBytes: 16e9,
      loadAverage: 2,
      gpuUtilPercent: value,
      gpuMemoryPercent: 71,
      costPerHourUsd,
      gpus: [],
    };
  });
}

const wave = (step: number) => Math.min(98, 55 + 40 * Math.sin(step / 17) + 9 * Math.sin(step / 3));
export const samples: Readonly<Record<string, readonly TelemetrySample[]>> = {
  pod1: samplesOf("pod1", wave, 4),
  pod2: samplesOf("pod2", (step) => (step < 90 ? 80 : 0), 2.49),
  pod3: samplesOf("pod3", () => null, null).slice(0, 60),
};
const lastOf = (id: string) => samples[id]?.at(-1) ?? null;

export const pods: readonly Pod[] = [
  pod(1, { name: "chain-a", experiments: ["EXP-054", "EXP-055"], slotsUsed: 2, last: lastOf("pod1") }),
  pod(2, {
    name: "sweep-1",
    gpuType: "NVIDIA H100 80GB HBM3",
    costPerHourUsd: 2.49,
    costTodayUsd: 16.1,
    idleMinutes: 47,
    slotsUsed: 0,
    statusReason: "memory held, no work",
    last: lastOf("pod2"),
  }),
  pod(3, {
    name: "archive",
    gpuType: "NVIDIA A100",
    status: "stopped",
    costPerHourUsd: 1.19,
    costTodayUsd: null,
    idleMinutes: null,
    slotsUsed: 0,
  }),
];

/** A chain whose R-1 falls about as 1/N, with a stop line at 0.01. */
export function chainSeries(tests: number): MetricSeries {
  const points: MetricPoint[] = [];
  const startMs = nowMs - 133 * minuteMs;
  const add = (name: string, step: number, value: number, at: number) =>
    points.push({ name, rank: 0, step, value, at });
  for (let test = 1; test <= tests; test++) {
    const step = test * 160;
    const at = startMs + (test / Math.max(1, tests)) * 132 * minuteMs;
    add("chain.steps", step, step * 3.2, at);
    add("chain.accepted", step, step, at);
    add("chain.acceptance", step, 0.312, at);
    add("chain.burnin_left", step, 0, at);
    add("chain.rminus1", step, (6 / test ** 1.45) * (1 + 0.25 * Math.sin(test * 2.1)), at);
  }
  if (tests > 4) add("chain.ess", tests * 160, 812, nowMs - minuteMs);
  return { experimentId: "exp54", points, targets: { rminus1: 0.01, rminus1_cl: 0.2 } };
}

export function lossSeries(): MetricSeries {
  const points = Array.from({ length: 120 }, (_, step): MetricPoint[] => [
    {
      name: "loss",
      rank: 0,
      step,
      value: 2.4 * Math.exp(-step / 35) + 0.05 * Math.sin(step),
      at: nowMs - (120 - step) * 1000,
    },
    { name: "lr", rank: 0, step, value: 0.0003, at: nowMs - (120 - step) * 1000 },
    { name: "progress", rank: 0, step, value: step / 194, at: nowMs - (120 - step) * 1000 },
  ]).flat();
  return { experimentId: "exp55", points, targets: { rminus1: null, rminus1_cl: null } };
}

type Line = Extract<HeldLine, { kind: "line" }>;
export function line(seq: number, text: string, level: Line["level"] = "info"): HeldLine {
  return { kind: "line", seq, at: nowMs - (140 - seq) * 7000, level, text };
}

/** What a Cobaya run prints, with a warning, an error, a gap, another attempt, wide glyphs and escapes. */
export function logLines(): HeldLine[] {
  const lines: HeldLine[] = [
    { kind: "gap", fromSeq: 0, toSeq: 1203 },
    line(0, "[model] Setting measured speeds (per sec): {slow: 1930.0, fast: 118000.0}"),
  ];
  for (let test = 1; test <= 24; test++) {
    const seq = test * 5;
    lines.push(
      line(
        seq,
        `[mcmc] Progress @ 2026-11-21 09:${String(10 + test).padStart(2, "0")}:12 : ${test * 512} steps taken, and ${test * 160} accepted.`,
      ),
    );
    lines.push(line(seq + 1, `[mcmc] Learn + convergence test @ ${test * 160} samples accepted.`));
    lines.push(line(seq + 2, "[mcmc]  - Acceptance rate: 0.312"));
    lines.push(
      line(
        seq + 3,
        `[mcmc]  - Convergence of means: R-1 = ${(6 / test ** 1.45).toFixed(6)} after ${test * 160} accepted steps`,
      ),
    );
    if (test === 18) lines.push({ kind: "restart", attempt: 2 });
    if (test % 9 === 0) lines.push(line(seq + 4, "[mcmc] *WARNING* Proposal has been rejected 40 times", "warn"));
    if (test === 20)
      lines.push(line(seq + 4, "[likelihood] *ERROR* 尤度が有限ではありません: logpost = nan, point skipped", "error"));
    if (test === 22) lines.push(line(seq + 4, "\x1b[32mcovmat\x1b[0m\tlearned\tfrom 12 parameters", "debug"));
  }
  return lines;
}

/** A room in the middle of a good day: three runs, three pods, a chain close to its target. */
export function busyRoom(columns: number, rows: number, change: Partial<AppState> = {}): AppState {
  const first = initialState(arrayLogBuffer(logLines()));
  const lab = {
    id: "lab1",
    name: "dark-energy",
    slug: "dark-energy",
    template: null,
    visibility: "private",
    experiment_count: 9,
    agent_count: 0,
    created_at: "2026-11-01T00:00:00Z",
  } as const;
  return {
    ...first,
    link: { ...first.link, label: "local lab", lab, link: { state: "live", since: nowMs - hourMs } },
    experiments: {
      ...first.experiments,
      live: experiments,
      loaded: true,
      selectedId: "exp54",
      bookmarks: ["exp53"],
      marked: ["exp56"],
    },
    log: { ...first.log, experimentId: "exp54", loaded: true, revision: 1 },
    chain: { experimentId: "exp54", series: chainSeries(24), failure: null },
    pods: { ...first.pods, rows: pods, loaded: true, selectedId: "pod1", samples },
    alerts: {
      ...first.alerts,
      open: [
        {
          key: "idle:pod2",
          severity: "warning",
          text: "sweep-1 idle 47 min",
          target: "pod2",
          raisedAt: nowMs,
          acknowledged: false,
        },
      ],
    },
    view: { ...first.view, columns, rows, nowMs },
    ...change,
  };
}

/** A lab that was never used. */
export function newRoom(columns: number, rows: number): AppState {
  const busy = busyRoom(columns, rows);
  const empty = initialState(arrayLogBuffer());
  return {
    ...busy,
    experiments: { ...empty.experiments, loaded: true },
    log: empty.log,
    chain: empty.chain,
    pods: { ...empty.pods, loaded: true },
    alerts: empty.alerts,
  };
}
