import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formats } from "../../src/chain/formats/index.js";
import { mightMatter, mightMatterIn, parseLine } from "../../src/chain/lines.js";

const fixture = (name: string) =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "");
const esc = "\u001b";

/** One real shape of each pattern of each format, with the events it stands for. */
const shapes: Record<string, readonly [line: string, events: readonly object[]]> = {
  "cobaya/progress": [
    "[0 : mcmc] Progress @ 2026-10-02 03:12:00 : 300 steps taken, and 101 accepted.",
    [{ kind: "progress", rank: 0, steps: 300, accepted: 101, burnInLeft: null }],
  ],
  "cobaya/checkpoint": [
    " 2026-11-21 22:38:14,735 [3 : mcmc] Learn + convergence test @ 160 samples accepted.",
    [{ kind: "checkpoint", rank: 3, accepted: 160 }],
  ],
  "cobaya/acceptance": [
    "[1,0]<stdout>:[0 : mcmc]  - Acceptance rate: 0.301 = avg([0.3000, 0.3020])",
    [{ kind: "acceptance", rank: 0, value: 0.301, perRank: [0.3, 0.302] }],
  ],
  "cobaya/thinned-weight": [
    "[mcmc]  - Average thinned weight: 3.200",
    [
      { kind: "mark", rank: 0, mark: "chain.oversampled" },
      { kind: "thinned-weight", rank: 0, value: 3.2 },
    ],
  ],
  "cobaya/rminus1": [
    "[0 : mcmc]  - Convergence of means: R-1 = 0.011349 after 333 accepted steps = sum([80, 86, 86, 81])",
    [{ kind: "rminus1", rank: 0, of: "means", value: 0.011349, accepted: 333, perRank: [80, 86, 86, 81] }],
  ],
  "cobaya/burned-in": [
    "[2 : mcmc] Finished burn-in phase: discarded 60 accepted steps.",
    [{ kind: "burned-in", rank: 2, discarded: 60 }],
  ],
  "cobaya/converged": ["[0 : mcmc] The run has converged!", [{ kind: "mark", rank: 0, mark: "chain.converged" }]],
  "cobaya/stuck": [
    "[mcmc] *ERROR* The chain has been stuck for 400 attempts, stopping sampling. Make sure",
    [{ kind: "mark", rank: 0, mark: "chain.stuck" }],
  ],
  "cobaya/rejected": [
    "[1 : mcmc] *WARNING* Proposal has been rejected 400 times",
    [{ kind: "mark", rank: 1, mark: "chain.stuck" }],
  ],
  "cobaya/resumed": ["[mcmc] Resuming from previous sample!", [{ kind: "mark", rank: 0, mark: "chain.resumed" }]],
  "cobaya/oversampling": ["[mcmc] Oversampling with factors:", [{ kind: "mark", rank: 0, mark: "chain.oversampled" }]],
  "cobaya/cut-off": [
    "[mcmc] Reached maximum number of accepted steps allowed (2000). Stopping.",
    [{ kind: "mark", rank: 0, mark: "chain.cut_off" }],
  ],
  "cobaya/complete": [
    "[mcmc] Sampling complete after 4960 accepted steps.",
    [{ kind: "phase", rank: 0, phase: "complete" }],
  ],
  "cobaya/learned": [
    "[mcmc]  - Updated covariance matrix of proposal pdf.",
    [{ kind: "phase", rank: 0, phase: "learned" }],
  ],
  "cobaya/waiting": [
    "[2 : mcmc] Ready to check convergence and learn a new proposal covmat (waiting for the rest...)",
    [{ kind: "phase", rank: 2, phase: "waiting" }],
  ],
  "cobaya/ready": [
    "[0 : mcmc] All chains are ready to check convergence and learn a new proposal covmat",
    [{ kind: "phase", rank: 0, phase: "ready" }],
  ],
  "cobaya/not-yet": [
    "[mcmc] Not enough points in chain to check convergence. Waiting for next checkpoint.",
    [{ kind: "phase", rank: 0, phase: "not-yet" }],
  ],
  "cobaya/started": ["[mcmc] Sampling!", [{ kind: "phase", rank: 0, phase: "started" }]],
  "cosmomc/rminus1": [
    " Current convergence R-1 =   4.2101E-02  chain steps =        1200",
    [{ kind: "rminus1", rank: 0, of: "means", value: 0.042101, accepted: 1200, perRank: [] }],
  ],
  "cosmomc/getdist-rminus1": [
    " var(mean)/mean(var), remaining chains, worst e-value: R-1 =       0.01234",
    [{ kind: "rminus1", rank: 0, of: "means", value: 0.01234, accepted: null, perRank: [] }],
  ],
  "cosmomc/metropolis": [
    "  metropolis rat:   0.3125000      in        3200 , best:    1203.41",
    [{ kind: "acceptance", rank: 0, value: 0.3125, perRank: [] }],
  ],
  "cosmomc/local-acceptance": [
    " local acceptance ratio:  0.287D+00",
    [{ kind: "acceptance", rank: 0, value: 0.287, perRank: [] }],
  ],
  "cosmomc/converged": [" Requested convergence R achieved", [{ kind: "mark", rank: 0, mark: "chain.converged" }]],
  "effective-size/ess": ["[0 : diagnostics] ESS = 812.4", [{ kind: "ess", rank: 0, value: 812.4 }]],
  "hf-trainer/dict": [
    "{'loss': '0.3521', 'grad_norm': 1.25, 'learning_rate': '5e-05', 'epoch': '0.5'}",
    [
      { kind: "metric", rank: 0, name: "loss", value: 0.3521, step: 0.5 },
      { kind: "metric", rank: 0, name: "grad_norm", value: 1.25, step: 0.5 },
      { kind: "metric", rank: 0, name: "learning_rate", value: 5e-5, step: 0.5 },
    ],
  ],
  "torchtitan/step": [
    `${esc}[31mstep:  7  ${esc}[32mloss:  8.12345  grad_norm:  1.2345  memory: 40.12GiB(50.12%)  tps: 1,234  tflops: 12.34  mfu: N/A${esc}[0m`,
    [
      { kind: "metric", rank: 0, name: "loss", value: 8.12345, step: 7 },
      { kind: "metric", rank: 0, name: "grad_norm", value: 1.2345, step: 7 },
      { kind: "metric", rank: 0, name: "memory_gib", value: 40.12, step: 7 },
      { kind: "metric", rank: 0, name: "tokens_per_second", value: 1234, step: 7 },
      { kind: "metric", rank: 0, name: "tflops", value: 12.34, step: 7 },
    ],
  ],
  "nanogpt/iter": [
    "iter 100: loss 2.1234, time 123.45ms, mfu -100.00%",
    [
      { kind: "metric", rank: 0, name: "loss", value: 2.1234, step: 100 },
      { kind: "metric", rank: 0, name: "iteration_ms", value: 123.45, step: 100 },
    ],
  ],
  "nanogpt/evaluation": [
    "step 250: train loss 4.2000, val loss 4.1900",
    [
      { kind: "metric", rank: 0, name: "train_loss", value: 4.2, step: 250 },
      { kind: "metric", rank: 0, name: "val_loss", value: 4.19, step: 250 },
    ],
  ],
  "plain/named": [
    "seed 12: 9 of 10 found, recall=0.9, val_loss: 0.25",
    [
      { kind: "metric", rank: 0, name: "recall", value: 0.9, step: 12 },
      { kind: "metric", rank: 0, name: "val_loss", value: 0.25, step: 12 },
    ],
  ],
  "tqdm/bar": [
    " 45%|████▌     | 4500/10000 [00:10<00:12, 440.12it/s]",
    [{ kind: "fraction", rank: 0, done: 4500, total: 10000 }],
  ],
  "counter/bracket": [
    "    [25/400] 0.150 MC/s  ETA 41.7 min",
    [
      { kind: "fraction", rank: 0, done: 25, total: 400 },
      { kind: "metric", rank: 0, name: "eta_seconds", value: 2502, step: null },
    ],
  ],
  "counter/epoch": ["Epoch 3/10", [{ kind: "fraction", rank: 0, done: 3, total: 10 }]],
  "eta/clock": [
    "fit running, ETA: 1:02:03",
    [{ kind: "metric", rank: 0, name: "eta_seconds", value: 3723, step: null }],
  ],
  "eta/unit": ["ETA 2.5 h", [{ kind: "metric", rank: 0, name: "eta_seconds", value: 9000, step: null }]],
};

describe("every pattern", () => {
  const names = formats.flatMap(({ tool, patterns }) => patterns.map(({ name }) => `${tool}/${name}`));

  test("has a sample line here", () => {
    expect(Object.keys(shapes).sort()).toEqual([...names].sort());
  });

  test.each(Object.entries(shapes))("%s", (_, [line, events]) => {
    expect(parseLine(line)).toEqual(events);
    expect([mightMatter(line), mightMatterIn(Buffer.from(line))]).toEqual([true, true]);
  });
});

describe("traps", () => {
  test("the covariance remark of Cobaya has an R-1 that is no result", () => {
    const line = "[mcmc] Covariance matrix not present. We will start learning earlier: R-1 = 30 (would be 2 if all).";
    expect(parseLine(line)).toEqual([]);
  });

  test.each([
    `${esc}[31;1mx${esc}[0m [2 : ${esc}[31;1mmcmc${esc}[0m] Progress @ 2026-08-22 10:00:00 : 12 steps taken, and 3 accepted.`,
    "2: [mcmc] Progress @ 2026-08-22 10:00:00 : 12 steps taken, and 3 accepted.",
    "[1,2]<stdout>:[mcmc] Progress @ 2026-08-22 10:00:00 : 12 steps taken, and 3 accepted.",
    "[1,0]<stdout>:[2 : planck_2018_lowl.TT] Progress @ 2026-08-22 10:00:00 : 12 steps taken, and 3 accepted.\r",
  ])("the rank is found behind colours and launcher tags: %s", (line) => {
    expect(parseLine(line)).toEqual([{ kind: "progress", rank: 2, steps: 12, accepted: 3, burnInLeft: null }]);
  });

  test("not a number and infinity are told as they are", () => {
    const [nan] = parseLine("[mcmc]  - Convergence of means: R-1 = nan after 8 accepted steps");
    const [inf] = parseLine("[mcmc]  - Convergence of bounds: R-1 = inf after 8 accepted steps");
    expect(nan).toMatchObject({ kind: "rminus1", of: "means", value: Number.NaN });
    expect(inf).toMatchObject({ kind: "rminus1", of: "bounds", value: Infinity });
    expect(parseLine("[mcmc]  - Acceptance rate: nan")).toMatchObject([{ kind: "acceptance", value: Number.NaN }]);
    expect(parseLine("iter 3: loss nan, time 5.0ms")).toMatchObject([{ name: "loss", value: Number.NaN }, {}]);
  });

  test("a bar that was written over many times counts with its last states; a log line over it is still read", () => {
    const states = Array.from({ length: 40 }, (_, n) => `\r ${n}%|█  | ${n}/100 [00:0${n % 10}<01:00, 1.0it/s]`).join(
      "",
    );
    const seen = parseLine(`${states}\r[mcmc] The run has converged!   `);
    expect(seen.slice(-2)).toEqual([
      { kind: "fraction", rank: 0, done: 39, total: 100 },
      { kind: "mark", rank: 0, mark: "chain.converged" },
    ]);
    expect(seen.length).toBeLessThan(10);
  });

  test("a bar with a loss behind it gives both", () => {
    expect(parseLine("train:  10%|█    | 1/10 [00:01<00:09, 1.0it/s, loss=0.5]")).toEqual([
      { kind: "metric", rank: 0, name: "loss", value: 0.5, step: null },
      { kind: "fraction", rank: 0, done: 1, total: 10 },
    ]);
  });

  test.each([
    "error: no route to /dev/null 3/4",
    "[7/3] more done than there is",
    "lossless compression of 12 files",
    "META 5 min",
    "BETA 2 m model",
    "the job was accepted by 3 nodes",
    "Convergence of means: R-1 = soon",
    "",
  ])("is of no interest: %s", (line) => {
    expect(parseLine(line)).toEqual([]);
  });
});

describe("whole logs", () => {
  test("a single process", () => {
    const kinds = fixture("cobaya-single.log").flatMap(parseLine);
    expect(kinds.map((event) => event.kind)).toEqual([
      "phase",
      "progress",
      "progress",
      "burned-in",
      "checkpoint",
      "acceptance",
      "rminus1",
      "phase",
      "progress",
      "checkpoint",
      "acceptance",
      "rminus1",
      "rminus1",
      "mark",
      "phase",
    ]);
  });

  test("lines of two ranks glued together are told apart, and half a line is dropped", () => {
    const events = fixture("cobaya-mpi.log").flatMap(parseLine);
    const progress = events.filter((event) => event.kind === "progress");
    expect(progress.map(({ rank, accepted }) => [rank, accepted])).toEqual([
      [0, 101],
      [1, 98],
      [2, 90],
    ]);
    expect(events.filter((event) => event.kind === "checkpoint")).toHaveLength(1);
    expect(events.filter((event) => event.kind === "rminus1").map(({ perRank }) => perRank.length)).toEqual([4, 4, 4]);
    expect(events.filter((event) => event.kind === "mark").map(({ rank, mark }) => [rank, mark])).toEqual([
      [0, "chain.oversampled"],
      [2, "chain.stuck"],
      [2, "chain.stuck"],
      [1, "chain.cut_off"],
    ]);
  });
});

test("a chunk of ordinary output does not matter", () => {
  const chunk = "[worker] wrote block 12 of table gaia, 4096 rows in 12 ms\n".repeat(4600);
  expect([mightMatter(chunk), mightMatterIn(Buffer.from(chunk))]).toEqual([false, false]);
});
