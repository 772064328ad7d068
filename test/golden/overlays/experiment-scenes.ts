import { emptyDraft } from "../../../src/app/draft.js";
import type { ExperimentTab } from "../../../src/app/experiment-tabs.js";
import type { Overlay } from "../../../src/app/slices/view.js";
import type { AppEvent } from "../../../src/app/store.js";
import type { Activity } from "../../../src/contract/activity.js";
import type { Attempt, StatusChange } from "../../../src/contract/experiment.js";
import type { OutputFile } from "../../../src/contract/output.js";
import type { QcCheck, QcReport } from "../../../src/contract/qc.js";
import type { Queue } from "../../../src/contract/queue.js";
import type { OfferedTemplate } from "../../../src/contract/template.js";
import { experiment, nowMs, pod } from "../../app/fixtures.js";
import { noCounts, queue } from "../../app/queue.js";
import { templates } from "../../ui/overlays/stage.js";

interface Scene {
  readonly overlay: Overlay;
  readonly events?: readonly AppEvent[];
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const checks: readonly QcCheck[] = [
  { name: "exit code", ok: true, reason: "0", gate: "exit", value: 0, bound: "0" },
  { name: "outputs", ok: true, reason: "chain.1.txt, chain.2.txt and covmat.json are there", gate: "completeness" },
  {
    name: "rhat_minus_1",
    ok: false,
    reason: "0.0312 is above 0.01, the largest value that the config allows for this run",
    gate: "convergence",
    value: 0.0312,
    bound: "≤ 0.01",
  },
  {
    name: "effective sample size of H0",
    ok: false,
    severity: "warning",
    reason: "812 independent samples; 1,000 are usual",
    gate: "convergence",
    value: 812,
    bound: "≥ 1000",
  },
  { name: "H0", ok: true, reason: "67.4 is within 60 to 75", gate: "plausibility", value: 67.36, bound: "60 to 75" },
];

const report: QcReport = {
  id: "x54",
  experimentId: "EXP-054",
  attempt: 2,
  verdict: "fail",
  score: 71.4,
  result: "QC failed: rhat_minus_1",
  checks: [...checks],
  checkOutput: "comparing with the reference chain\nmax |dlogL| = 0.42\n",
  override: null,
  judgements: [{ at: nowMs - 2 * minuteMs, by: "lab", verdict: "fail", score: 71.4, result: "1 of 5 checks failed" }],
  reproduction: {
    capturedAt: nowMs - 2 * hourMs,
    complete: true,
    script: {
      path: "scripts/run_chain.py",
      bytes: 8120,
      modifiedAt: null,
      sha256: "9f8e7d6c5b4a39281706",
      reason: null,
    },
    template: null,
    configSha256: "1b2c3d4e5f60718293a4",
    git: { root: "/repo", revision: "52fa3861c0ffee", branch: "planck-bao", dirty: true, remote: null },
    inputs: [
      { path: "data/planck_2018.clik", bytes: 1e9, modifiedAt: null, sha256: "aa11bb22cc33dd44", reason: null },
      { path: "data/bao.dat", bytes: null, modifiedAt: null, sha256: null, reason: "it is not there" },
    ],
    inputsLeft: 0,
    environment: {
      interpreter: { program: "python3", version: "Python 3.12.4" },
      packages: ["cobaya==3.5", "numpy==2.1"],
      lockFiles: [],
      variables: {},
    },
    seeds: { seed: 7 },
    host: {
      name: "chain-a",
      kernel: "6.8",
      arch: "x86_64",
      cpu: "EPYC 9554",
      cpus: 64,
      memoryBytes: null,
      gpus: ["NVIDIA H200"],
      driver: "570.86",
    },
    startedAt: nowMs - 2 * hourMs,
    endedAt: nowMs - 2 * minuteMs,
    changed: ["data/bao.dat"],
  },
};

const overridden: QcReport = {
  ...report,
  verdict: "pass",
  override: {
    verdict: "pass",
    note: "Looked at the trace by hand: the second chain had a long burn-in, and without it R-1 is 0.008.",
    by: "owner",
    at: nowMs - minuteMs,
  },
  judgements: [
    ...report.judgements,
    { at: nowMs - minuteMs, by: "key ci", verdict: "fail", score: 73, result: "1 of 5 checks failed" },
  ],
};

const failed = experiment(54, {
  title: "MCMC chain, Planck 2018 + BAO",
  status: "fail",
  computeMode: "H200",
  priority: "high",
  queue: "nightly",
  parentId: "x53",
  batchId: "k97batch3f",
  config: JSON.stringify({ script: "run_chain.py", args: ["--chains", "4"], retry: { maxAttempts: 3 } }),
  estimatedSeconds: 7200,
  actualSeconds: 7860,
  result: "QC failed: rhat_minus_1 0.0312 is above 0.01",
  attempt: 2,
  podId: "p-chain-a",
  exitCode: 0,
  qc: { verdict: "fail", checks: [...checks], score: 71.4, checksTotal: 5 },
  metrics: { "chain.rminus1": 0.0312, "chain.acceptance": 0.312 },
  logLines: 12_431,
  startedAt: nowMs - 7_980_000,
  endedAt: nowMs - 120_000,
  costUsd: 8.73,
  costEstimated: true,
});
const draft = experiment(60, { title: "not ready yet", status: "draft", attempt: 0 });
const waiting = experiment(61, {
  title: "DESI + CMB lensing",
  attempt: 1,
  statusReason: "retries 10:32, attempt 2 of 3",
  notBeforeAt: nowMs + 51 * minuteMs,
  resumeFrom: "1/checkpoints/step-4000.pt",
  projectedCostUsd: 4.2,
  estimatedSeconds: 3600,
});

const change = (id: number, changes: Partial<StatusChange>): StatusChange => ({
  _id: `c${id}`,
  id: `c${id}`,
  experimentId: "x54",
  attempt: 1,
  from: "queued",
  status: "running",
  at: nowMs - (20 - id) * 10 * minuteMs,
  actor: "lab",
  reason: null,
  message: null,
  ...changes,
});
const history: readonly StatusChange[] = [
  change(1, { from: null, status: "draft", attempt: 0, actor: "owner", reason: "made" }),
  change(2, { from: "draft", status: "queued", attempt: 0, actor: "owner", reason: "queued" }),
  change(3, { reason: "on chain-a, the cheapest pod that fits" }),
  change(4, { from: "running", status: "fail", reason: "exit code 137: killed, probably out of memory" }),
  change(5, { from: "fail", status: "queued", reason: "retries in 10 s, attempt 2 of 3" }),
  change(6, { attempt: 2, reason: "on chain-a, the cheapest pod that fits" }),
  change(7, {
    from: "running",
    status: "fail",
    attempt: 2,
    actor: "key ci",
    reason: "QC failed: rhat_minus_1",
    message: "the proposal covariance was that of the old run: please look at it before anybody starts this again",
  }),
].toReversed();

const attempt = (number: number, changes: Partial<Attempt>): Attempt => ({
  attempt: number,
  status: "fail",
  startedAt: nowMs - (4 - number) * hourMs,
  endedAt: nowMs - (3 - number) * hourMs,
  actualSeconds: 3540,
  exitCode: 0,
  result: null,
  qc: null,
  metrics: {},
  podId: "p-chain-a",
  resumedFrom: null,
  logRemovedAt: null,
  ...changes,
});
const attempts: readonly Attempt[] = [
  attempt(2, {
    result: "QC failed: rhat_minus_1 0.0312 is above 0.01",
    qc: { verdict: "fail", checks: [], score: 71.4 },
    metrics: { "chain.rminus1": 0.0312, "chain.acceptance": 0.312 },
    resumedFrom: "1/checkpoints/step-4000.pt",
  }),
  attempt(1, { exitCode: 137, result: "exit code 137: killed, probably out of memory", logRemovedAt: nowMs - hourMs }),
];

const file = (path: string, changes: Partial<OutputFile> = {}): OutputFile => ({
  _id: path,
  path,
  name: path.slice(path.lastIndexOf("/") + 1),
  size: 1_434_112,
  modifiedAt: nowMs - 20 * minuteMs,
  mimeType: "text/plain",
  kind: "data",
  where: "home",
  reason: null,
  ...changes,
});
const files: readonly OutputFile[] = [
  file("chains/chain.1.txt"),
  file("chains/chain.2.txt", { size: 812 }),
  file("checkpoints/step-4000.pt", { kind: "checkpoint", size: 4.2e9, mimeType: "application/octet-stream" }),
  file("plots/triangle.png", { kind: "figure", size: 220_140, mimeType: "image/png" }),
  file("samples.parquet", {
    _id: "/samples.parquet",
    kind: "table",
    size: 9.1e9,
    where: "pod",
    reason: "larger than 5 GiB",
  }),
];

const rows = [failed, draft, waiting, experiment(53, { status: "pass" })];
const opened = (id: string, tab: ExperimentTab, ...more: readonly AppEvent[]): Scene => ({
  overlay: { kind: "experiment", id, tab },
  events: [
    { type: "experiments/received", rows },
    { type: "experiments/selected", id },
    { type: "pods/received", rows: [pod("chain-a")] },
    { type: "experimentDetail/opened", experimentId: id, tab },
    ...more,
  ],
});
const type = "experimentDetail/received";
const experimentId = failed._id;
const outputs: AppEvent = { type, experimentId, part: "outputs", value: { rows: files, more: false } };
const refused = { kind: "server", message: "the lab answered 503: database is locked" } as const;

const estimates = { totalEstimatedHours: 3.4, totalEstimatedCostUsd: 13.6 };
export const queues: readonly Queue[] = [
  queue(0, { name: "urgent", ...estimates, concurrency: 2, counts: { ...noCounts, running: 2, queued: 1 } }),
  queue(1, { ...estimates, counts: { ...noCounts, queued: 4, running: 2, pass: 3, fail: 1, blocked: 1 } }),
  queue(2, {
    name: "nightly",
    ...estimates,
    status: "paused",
    concurrency: 8,
    counts: { ...noCounts, queued: 112, draft: 3 },
  }),
  queue(3, {
    name: "anomaly-sweep",
    status: "complete",
    counts: { ...noCounts, pass: 1204, fail: 3 },
  }),
];

const happened = (number: number, changes: Partial<Activity>): Activity => ({
  _id: `a${number}`,
  id: `a${number}`,
  _creationTime: nowMs,
  labId: "lab",
  event: "experiment.started",
  severity: "info",
  message: `EXP-0${number} started on chain-a`,
  actor: "lab",
  ref: `x${number}`,
  metadata: {},
  createdAt: nowMs - number * minuteMs,
  ...changes,
});
const activity: AppEvent = {
  type: "activity/received",
  rows: [
    happened(10, { severity: "success", message: "EXP-054 passed its quality checks, score 97" }),
    happened(11, { severity: "warning", message: "chain-a is idle for 47 min", actor: "lab" }),
    happened(12, { severity: "error", message: "EXP-052 failed: exit code 137, killed, probably out of memory" }),
    happened(13, { severity: "critical", message: "the budget of the month is used up: the queue is paused" }),
    happened(14, { message: "the queue nightly was paused", actor: "key nightly-scheduler" }),
    happened(3000, { message: "EXP-050 was queued", actor: "owner" }),
  ],
};
const done: AppEvent = { type: "notice/shown", tone: "good", text: "EXP-055 is cancelled", at: nowMs - minuteMs };

const parameter = { description: "", default: null, min: null, max: null, options: null, required: false } as const;
const withParameters: OfferedTemplate = {
  ...templates[0]!,
  parameters: [
    {
      ...parameter,
      name: "steps",
      type: "integer",
      default: 1000,
      min: 1,
      max: 100_000,
      description: "how many to take",
    },
    { ...parameter, name: "survey", type: "enum", options: ["desi", "boss"], required: true },
  ],
};

/** Each part of what is known of an experiment, and the states it can be in; queues; the lab's activity. */
export const experimentScenes: Readonly<Record<string, Scene>> = {
  "experiment-overview": opened("x54", "overview"),
  "experiment-draft": opened("x60", "overview"),
  "experiment-retry": opened("x61", "overview"),
  "experiment-qc": opened("x54", "qc", { type, experimentId, part: "qc", value: report }),
  "experiment-qc-override": opened("x54", "qc", { type, experimentId, part: "qc", value: overridden }),
  "experiment-qc-loading": opened("x54", "qc"),
  "experiment-qc-none": opened("x60", "qc"),
  "experiment-history": opened("x54", "history", { type, experimentId, part: "history", value: history }),
  "experiment-history-error": opened("x54", "history", {
    type: "experimentDetail/failed",
    experimentId,
    part: "history",
    failure: refused,
  }),
  "experiment-attempts": opened("x54", "attempts", { type, experimentId, part: "attempts", value: attempts }),
  "experiment-outputs": opened("x54", "outputs", outputs),
  "experiment-outputs-pod": opened("x54", "outputs", outputs, {
    type: "experimentDetail/outputSelected",
    id: "/samples.parquet",
  }),
  "experiment-outputs-none": opened("x54", "outputs", {
    type,
    experimentId,
    part: "outputs",
    value: { rows: [], more: false },
  }),
  "experiment-output-read": opened(
    "x54",
    "outputs",
    outputs,
    { type: "experimentDetail/fileOpened", path: "chains/chain.1.txt" },
    {
      type: "experimentDetail/fileReceived",
      path: "chains/chain.1.txt",
      text: Array.from({ length: 80 }, (_, step) => `1  ${(5.2 / (step + 1)).toFixed(4)}  0.311  67.${step}`).join(
        "\n",
      ),
      isCut: true,
    },
  ),
  "experiment-config": opened("x54", "config"),
  queues: { overlay: { kind: "queues" }, events: [{ type: "queues/received", rows: queues }] },
  "queues-paused": {
    overlay: { kind: "queues" },
    events: [
      { type: "queues/received", rows: queues },
      { type: "queues/selected", id: "q2" },
      { type: "notice/shown", tone: "good", text: "nightly is paused: what runs goes on", at: nowMs },
    ],
  },
  "queues-loading": { overlay: { kind: "queues" }, events: [] },
  write: {
    overlay: {
      kind: "write",
      commandId: "experiment.overrideQc",
      question: "Pass EXP-054 MCMC chain, Planck 2018 + BAO?",
      effect: "It counts as passed from now on, and what waits for it may start. The checks stay as they are.",
      writes: { label: "Why", placeholder: "the note stays with the experiment", initial: "" },
    },
  },
  "new-batch": {
    overlay: { kind: "newBatch", like: "x54" },
    events: [
      { type: "experiments/received", rows },
      { type: "templates/received", rows: templates },
      { type: "queues/received", rows: queues },
    ],
  },
  "new-batch-nothing": { overlay: { kind: "newBatch", like: null }, events: [] },
  "new-experiment-parameters": {
    overlay: { kind: "newExperiment", draft: emptyDraft },
    events: [
      { type: "templates/received", rows: [withParameters] },
      { type: "queues/received", rows: queues },
    ],
  },
  "activity-lab": { overlay: { kind: "activity" }, events: [activity, done] },
};
