import { emptyDraft } from "../../../src/app/draft.js";
import type { Overlay } from "../../../src/app/slices/view.js";
import type { AppEvent } from "../../../src/app/store.js";
import { experiment, lostLink, nowMs, pod, sample } from "../../app/fixtures.js";
import { templates } from "../../ui/overlays/stage.js";
import { experimentScenes } from "./experiment-scenes.js";
import { podDetailScenes } from "./pod-detail-scenes.js";
import { podOverlayScenes } from "./pod-scenes.js";

const done = experiment(54, {
  title: "MCMC chain, Planck 2018 + BAO",
  status: "fail",
  template: "mcmc",
  computeMode: "H200",
  priority: "high",
  config: JSON.stringify({ chains: 4, stop: { rminus1: 0.01 }, qc: { metrics: { rhat_minus_1: { max: 0.01 } } } }),
  estimatedSeconds: 240,
  result: "QC failed: 1 of 3 checks. The chains ended, but they do not agree well enough to be used.",
  statusReason: "quality checks failed",
  attempt: 2,
  podId: "p-chain-a",
  exitCode: 0,
  qc: {
    verdict: "fail",
    checks: [
      { name: "exit code", ok: true, reason: "0" },
      { name: "outputs", ok: true, reason: "chain.1.txt, chain.2.txt and covmat.json are there" },
      {
        name: "rhat_minus_1",
        ok: false,
        reason: "0.0312 is above 0.01, the largest value that the config allows for this run",
      },
    ],
  },
  metrics: { "chain.rminus1": 0.0312, "chain.acceptance": 0.312, "chain.steps": 12431 },
  progress: 1,
  logLines: 12_431,
  startedAt: nowMs - 7_980_000,
  endedAt: nowMs - 120_000,
});

const rows = [
  experiment(55, { title: "Fisher forecast, SPHEREx", status: "running", startedAt: nowMs - 240_000 }),
  done,
  experiment(56, { title: "anomaly sweep, seed 1..8" }),
  experiment(57, { title: "DESI + CMB lensing", status: "blocked", statusReason: "waits for EXP-054" }),
];

const chainA = pod("chain-a", {
  gpuCount: 2,
  idleMinutes: 47,
  costPerHourUsd: 8,
  experiments: ["EXP-055"],
  slots: 4,
  slotsUsed: 1,
  last: sample("p-chain-a", nowMs, { memoryUsedBytes: 81 * 1024 ** 3, memoryTotalBytes: 188 * 1024 ** 3 }),
  gpus: [
    {
      uuid: "a",
      index: 0,
      name: "NVIDIA H200",
      utilPercent: 96,
      memoryUsedMiB: 102_400,
      memoryTotalMiB: 144_384,
      temperatureC: 61,
      powerW: 512,
    },
    {
      uuid: "b",
      index: 1,
      name: "NVIDIA H200",
      utilPercent: null,
      memoryUsedMiB: null,
      memoryTotalMiB: null,
      temperatureC: null,
      powerW: null,
    },
  ],
});

const base: readonly AppEvent[] = [
  { type: "experiments/received", rows },
  { type: "experiments/selected", id: done._id },
  { type: "pods/received", rows: [chainA] },
  { type: "templates/received", rows: templates },
];

const alerts: AppEvent = {
  type: "alerts/derived",
  at: nowMs - 600_000,
  open: [
    { key: "idle", severity: "warning", text: "chain-a is idle for 47 min, $6.27 for nothing", target: chainA._id },
    { key: "fail", severity: "critical", text: "EXP-054 failed its quality checks", target: done._id },
    { key: "quiet", severity: "info", text: "EXP-055 has printed nothing for 3 min", target: rows[0]?._id ?? null },
  ],
};

export interface Scene {
  readonly overlay: Overlay;
  readonly events?: readonly AppEvent[];
}

/** Every overlay in the states a person can meet. */
export const overlayScenes: Readonly<Record<string, Scene>> = {
  help: { overlay: { kind: "help" } },
  palette: { overlay: { kind: "palette" } },
  confirm: {
    overlay: {
      kind: "confirm",
      commandId: "experiment.cancel",
      question: "Stop EXP-055 Fisher forecast, SPHEREx?",
      effect: "Stops its processes (TERM, KILL after 10 s); what was written stays.",
    },
  },
  typed: {
    overlay: {
      kind: "typed",
      commandId: "experiment.delete",
      question: "Delete EXP-054 MCMC chain, Planck 2018 + BAO?",
      effect: "The record and the log go for good; files that the run has written stay.",
      expected: "EXP-054",
    },
  },
  "new-experiment": { overlay: { kind: "newExperiment", draft: emptyDraft } },
  "new-experiment-copy": {
    overlay: {
      kind: "newExperiment",
      draft: { title: "", template: "gone", computeMode: "A100", priority: "high", config: { outputs: "chain.txt" } },
    },
  },
  "new-experiment-loading": { overlay: { kind: "newExperiment", draft: emptyDraft }, events: [] },
  experiment: { overlay: { kind: "experiment", id: done._id } },
  "experiment-gone": { overlay: { kind: "experiment", id: "nothing" } },
  pod: { overlay: { kind: "pod", id: chainA._id } },
  alerts: { overlay: { kind: "alerts" }, events: [...base, alerts, { type: "alerts/acknowledged", key: "quiet" }] },
  activity: {
    overlay: { kind: "activity" },
    events: [
      { type: "notice/shown", tone: "good", text: "EXP-055 is cancelled", at: nowMs - 60_000 },
      {
        type: "notice/shown",
        tone: "bad",
        text: "Restart EXP-052 failed: the lab is read-only since its disk is full: /data has 0 bytes left of 100 GiB · make room there, then try again",
        at: nowMs,
      },
    ],
  },
  "activity-none": { overlay: { kind: "activity" } },
  "alerts-none": { overlay: { kind: "alerts" } },
  connect: { overlay: { kind: "connect" } },
  "connect-lost": { overlay: { kind: "connect" }, events: [{ type: "link/changed", link: lostLink }] },
  "connect-providers": {
    overlay: { kind: "connect" },
    events: [
      ...base,
      {
        type: "pods/providersReceived",
        providers: [
          { name: "ssh", label: "ssh hosts", state: "ok", since: nowMs, reason: null },
          { name: "other", label: "Other", state: "starting", since: null, reason: null },
          {
            name: "runpod",
            label: "RunPod",
            state: "down",
            since: nowMs - 90 * 60_000,
            reason: "RunPod refuses the key: 401 Unauthorized: the key was deleted in the console by its owner",
          },
        ],
      },
    ],
  },
  filter: { overlay: { kind: "prompt", purpose: "filter", initial: "status:running" } },
  search: { overlay: { kind: "prompt", purpose: "search", initial: "R-1 = [" } },
  ...podOverlayScenes,
  ...podDetailScenes,
  ...experimentScenes,
};

export const eventsOf = ({ overlay, events = base }: Scene): readonly AppEvent[] => [
  ...events,
  { type: "view/overlayOpened", overlay },
];
