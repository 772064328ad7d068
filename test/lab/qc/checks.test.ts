import { expect, test } from "vitest";
import { NewExperiment } from "../../../src/contract/experiment.js";
import { type QcConfig as Config, QcConfig } from "../../../src/contract/qc.js";
import { LabError } from "../../../src/lab/lab-error.js";
import type { ChainFacts } from "../../../src/lab/qc/facts.js";
import { checkConfig } from "../../../src/lab/services/experiment-config.js";
import { type Judged, judge, record } from "./qc-fixture.js";

const chain = (facts: Partial<ChainFacts>): ChainFacts => ({
  convergedAt: null,
  cutOffAt: null,
  resumedAt: null,
  notFiniteAt: null,
  lastAt: null,
  ...facts,
});
const json = (value: unknown) => JSON.stringify(value);
const targets = { rminus1: 0.01, rminus1_cl: 0.2 };

/** Name, what is judged, and the reasons of the checks that fail; none: it passes. */
const cases: readonly (readonly [string, Judged, readonly string[]])[] = [
  ["rows that are enough", { qc: { outputs: { "a.txt": { minRows: 2 } } }, files: { "a.txt": "# x\n1\n\n2\n" } }, []],
  [
    "comments and empty lines are no rows",
    { qc: { outputs: { "a.txt": { minRows: 3 } } }, files: { "a.txt": "# x\n1\n\n2\n" } },
    ["a.txt has 2 rows, below 3"],
  ],
  [
    "bytes below what was asked",
    { qc: { outputs: { a: { minBytes: 9 } } }, files: { a: "four" } },
    ["a has 4 bytes, below 9"],
  ],
  ["an output that only QC names", { qc: { outputs: { a: {} } } }, ["a is missing"]],
  [
    "a step limit before convergence",
    { more: { chain: chain({ cutOffAt: 5 }) } },
    ["cut off: it reached its step limit before it converged"],
  ],
  ["a step limit that a resumed run left behind", { more: { chain: chain({ cutOffAt: 5, resumedAt: 6 }) } }, []],
  [
    "progress that is required to end",
    { qc: { require: ["progress"] }, more: { printed: { progress: 0.4 } } },
    ["progress ended at 40 %"],
  ],
  ["progress that is required and unknown", { qc: { require: ["progress"] } }, ["progress was never reported"]],

  [
    "an error that is too large for its value",
    { qc: { metrics: { H0: { maxRelativeError: 0.01 } } }, files: { "metrics.json": json({ H0: 67, H0_std: 1 }) } },
    ["relative error of H0 = 0.01493 above 0.01"],
  ],
  [
    "an error nobody told",
    { qc: { metrics: { H0: { maxError: 1 } } }, files: { "metrics.json": json({ H0: 67 }) } },
    ["error of H0 was never reported"],
  ],
  [
    "a value of zero has no small relative error",
    { qc: { metrics: { w: { maxRelativeError: 1 } } }, files: { "metrics.json": json({ w: { mean: 0, std: 0.1 } }) } },
    ["relative error of w = Infinity above 1"],
  ],
  [
    "far from what was expected",
    { qc: { metrics: { H0: { expected: 67.4, tolerance: 0.01 } } }, files: { "metrics.json": json({ H0: 73 }) } },
    ["H0 = 73, expected 67.4 ± 1 %"],
  ],

  [
    "the value of the next column, while every chain converged",
    {
      qc: { plausible: { H0: { min: 50, max: 90 }, omega_m: { min: 0.1, max: 0.5 } }, convergence: { rMinus1: 0.01 } },
      files: { "metrics.json": json({ H0: 0.31, omega_m: 0.3, "chain.rminus1": 0.004 }) },
    },
    ["H0 = 0.31 is implausible (50 to 90); it would fit omega_m: are columns mixed up?"],
  ],
  [
    "the mean in a table of a result file",
    {
      qc: { plausible: { tau: { max: 0.1 } } },
      files: { "diagnostics.json": json({ param_stats: { tau: { mean: 0.4, std: 0.1 } } }) },
    },
    ["tau = 0.4 is implausible (≤ 0.1)"],
  ],
  ["a parameter that was never told", { qc: { plausible: { tau: { max: 0.1 } } } }, ["tau was never reported"]],

  [
    "the gates of a real lab, one parameter late",
    {
      qc: {
        convergence: {
          parameters: { H0: { rMinus1: 0.01, ess: 2000, drift: 0.1 }, tau: { rMinus1: 0.02, ess: 1000 } },
        },
      },
      files: {
        "diagnostics.json": json({ rhat: { H0: 1.004, tau: 1.03 }, ess: { H0: 2500, tau: 400 }, drift: { H0: -0.2 } }),
      },
    },
    ["drift of H0 = 0.2 above 0.1", "R-1 of tau = 0.03 above 0.02", "ESS of tau = 400 below 1000"],
  ],
  ["R-hat is R-1 and one", { qc: { convergence: { rHat: 1.05 } }, more: { printed: { rhat: 1.04 } } }, []],
  [
    "a chain is held to its own target",
    { more: { printed: { "chain.rminus1": 0.03 }, targets } },
    ["R-1 = 0.03 above 0.01"],
  ],
  [
    "and so are its bounds",
    { more: { printed: { "chain.rminus1": 0.003, "chain.rminus1_cl": 0.4 }, targets } },
    ["R-1 of bounds = 0.4 above 0.2"],
  ],
  [
    "a config's bound counts instead of the chain's target",
    { qc: { metrics: { rminus1: { max: 0.05 } } }, more: { printed: { "chain.rminus1": 0.03 }, targets } },
    [],
  ],
  [
    "skipping leaves a gate out",
    { qc: { skip: ["convergence"] }, more: { printed: { "chain.rminus1": 0.03 }, targets } },
    [],
  ],

  [
    "NaN in metrics.json",
    { files: { "metrics.json": '{"a": {"b": NaN}, "c": 1}' } },
    ["not a number: metrics.json: a.b = NaN"],
  ],
  [
    "infinity in a list of a JSON output",
    { config: { outputs: ["fit.json"] }, files: { "fit.json": '{"chi2": [1, -Infinity]}' } },
    ["not a number: fit.json: chi2.1 = -Infinity"],
  ],
  [
    "NaN in the second line of metrics.jsonl",
    { files: { "metrics.jsonl": '{"step": 1, "loss": 2}\n{"step": 2, "loss": NaN}\n' } },
    ["not a number: metrics.jsonl, line 2: loss = NaN"],
  ],
  [
    "the word in a text is no number",
    { files: { "metrics.jsonl": '{"note": "no NaN, here"}\n', "metrics.json": '{"note": "x"}' } },
    [],
  ],
  [
    "the last numbers of the log are none",
    { more: { chain: chain({ notFiniteAt: 9, lastAt: 8 }) } },
    ["the last numbers it printed are NaN or infinite"],
  ],

  ["a validation loss that exploded", { more: { printed: { val_loss: 4000 } } }, ["val_loss = 4000 above 1000"]],
  ["no file was written", { more: { printed: { files_written: 0 } } }, ["files written = 0 below 1"]],
  ["its own limit", { qc: { numeric: { valLoss: 5000 } }, more: { printed: { val_loss: 4000 } } }, []],

  [
    "everything that is required is recorded",
    {
      qc: { require: ["gitRevision", "cleanTree", "script", "inputs", "environment", "seeds", "host", "unchanged"] },
      more: { record },
    },
    [],
  ],
  ["no record at all", { qc: { require: ["host"] } }, ["the run has no reproducibility record"]],
  [
    "a dirty tree",
    {
      qc: { require: ["cleanTree"] },
      more: { record: { ...record, git: { root: "/code", revision: null, branch: null, dirty: true, remote: null } } },
    },
    ["uncommitted changes in /code: commit them before the run"],
  ],
  [
    "what is unknown is not taken for clean",
    { qc: { require: ["cleanTree", "gitRevision"] }, more: { record: { ...record, git: null } } },
    [
      "nobody knows whether the tree was clean: there is no git repository, or git did not answer",
      "no git revision: its script or directory is not in a git repository with a commit",
    ],
  ],
  [
    "an input without a hash",
    {
      qc: { require: ["inputs"] },
      more: {
        record: {
          ...record,
          inputs: [{ path: "/big", bytes: 1, modifiedAt: 1, sha256: null, reason: "larger than 1 GiB" }],
        },
      },
    },
    ["1 inputs without a hash: /big (larger than 1 GiB)"],
  ],
  ["no seed", { qc: { require: ["seeds"] }, more: { record: { ...record, seeds: {} } } }, ["no seed: set config.seed"]],
  [
    "a script that changed, where it must not",
    { qc: { require: ["unchanged"] }, more: { record: { ...record, changed: ["/code/fit.py changed while it ran"] } } },
    ["/code/fit.py changed while it ran"],
  ],
];

test.each(cases)("%s", async (_, judged, reasons) => {
  const { failed, verdict, result } = await judge(judged);
  expect(failed).toEqual(reasons);
  expect(verdict).toBe(reasons.length === 0 ? "pass" : "fail");
  if (reasons.length > 0) expect(result).toBe(`fail: ${reasons.join("; ")}`);
});

test.each<readonly [string, Judged, string]>([
  ["progress that stopped early", { more: { printed: { progress: 0.4 } } }, "progress ended at 40 %"],
  [
    "R-1 without any target, above the documented one",
    { more: { printed: { "chain.rminus1": 0.08 } } },
    "R-1 = 0.08 above 0.05",
  ],
  [
    "infinity that passed",
    { more: { chain: chain({ notFiniteAt: 3, lastAt: 8 }) } },
    "it printed NaN or infinity, and finite numbers after that",
  ],
  [
    "a script that changed",
    { more: { record: { ...record, changed: ["/code/fit.py changed while it ran"] } } },
    "/code/fit.py changed while it ran",
  ],
])("only a warning: %s", async (_, judged, warning) => {
  const { verdict, warnings, result, score } = await judge(judged);
  expect({ verdict, warnings }).toEqual({ verdict: "pass", warnings: [warning] });
  expect(result).toBe(`pass: 2 checks; warning: ${warning}`);
  expect(score).toBeLessThan(100);
});

test("a table of sources is held to the documented limits", async () => {
  const row = (index: number) =>
    `s${index},${10 + index / 100},${index % 10 === 0 ? "" : "-3"},${index < 95 ? 1 : 2},${index}`;
  const table = `name,ra,dec,cluster,score\n${Array.from({ length: 100 }, (_, index) => row(index)).join("\n")}\n`;
  const { failed } = await judge({ config: { outputs: ["found.csv"] }, files: { "found.csv": table } });
  expect(failed).toEqual([
    "share without coordinates in found.csv = 0.1 above 0.05",
    "share of the largest cluster in found.csv = 0.95 above 0.8",
    "degrees that the top 20 span in found.csv = 0.2097 below 5",
  ]);
});

test("checks keep value and bound; a number that is none is kept as text", async () => {
  const qc: Config = { metrics: { r: { max: 0.01 }, ess: { min: 400 }, w: { min: -2, max: 0 } } };
  const { checks } = await judge({ qc, files: { "metrics.json": '{"r": NaN, "ess": 12, "w": -1}' } });
  expect(
    checks.filter(({ gate }) => gate === "errorBounds").map(({ value, bound, ok }) => ({ value, bound, ok })),
  ).toEqual([
    { value: "NaN", bound: "≤ 0.01", ok: false },
    { value: 12, bound: "≥ 400", ok: false },
    { value: -1, bound: "-2 to 0", ok: true },
  ]);
});

test("the score weighs gates, and a gate by the share of its checks that hold", async () => {
  const all = await judge({ qc: { metrics: { a: { max: 1 } } }, more: { printed: { a: 0 } } });
  const half = await judge({ qc: { metrics: { a: { max: 1 }, b: { max: 1 } } }, more: { printed: { a: 0 } } });
  const crashed = await judge({ more: { exitCode: 1 } });
  // exit weighs 30, error bounds 15.
  expect([all.score, half.score, crashed.score]).toEqual([100, Math.round((100 * 37.5) / 45), 0]);
});

test("a failed check keeps the costly command from running; a skipped one never runs", async () => {
  const ran = await judge({ qc: { check: "true" } });
  const failed = await judge({ qc: { check: "true", metrics: { a: {} } } });
  const skipped = await judge({ qc: { check: "true", skip: ["command"] } });
  expect([ran, failed, skipped].map(({ checkOutput }) => checkOutput)).toEqual(["fine\n", null, null]);
});

test("many reasons fit one line", async () => {
  const metrics = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`m${index}`, {}]));
  const { result } = await judge({ qc: { metrics } });
  expect(result).toMatch(/^fail: (m\d was never reported; ){5}and 4 more$/);
});

test("what a run was stopped for is its exit", async () => {
  const { result } = await judge({ more: { exitCode: 0, stopped: "cancelled" } });
  expect(result).toBe("fail: cancelled");
});

test.each([
  [{ qc: { metric: {} } }, "config.qc.metric: unknown (did you mean metrics?)"],
  [{ qc: { metrics: { r: { mx: 1 } } } }, "config.qc.metrics.r.mx: unknown (did you mean max?)"],
  [{ qc: { plausible: { H0: {} } } }, "config.qc.plausible.H0: needs min, max or both"],
  [{ qc: { plausible: { H0: { min: 2, max: 1 } } } }, "config.qc.plausible.H0: min must not be above max"],
  [{ qc: { skip: ["exit"] } }, "config.qc.skip.0: must be one of completeness, "],
  [{ qc: { require: ["git"] } }, "config.qc.require.0: must be one of progress, gitRevision, "],
  [{ qc: { convergence: { parameters: { H0: { rHat: 1 } } } } }, /^config\.qc\.convergence\.parameters\.H0\.rHat: /],
  [{ qc: { checkTimeoutSeconds: 0 } }, /^config\.qc\.checkTimeoutSeconds: /],
  [{ inputs: "a.fits" }, /^config\.inputs: /],
])("a config that would hold nothing is refused: %j", (config, words) => {
  const create = () => checkConfig({ config: { command: "true", ...config } }, null);
  expect(create).toThrow(LabError);
  expect(create).toThrow(words);
});

test("a config with every kind of bound is taken", () => {
  const qc = {
    metrics: { H0: { min: 60, max: 80, maxError: 1, maxRelativeError: 0.02, expected: 67.4, tolerance: 0.1 } },
    plausible: { H0: { min: 50 } },
    convergence: { rMinus1: 0.01, ess: 400, drift: 0.1, parameters: { tau: { rHat: 1.02 } } },
    outputs: { "chain.txt": { minRows: 100, minBytes: 1 } },
    numeric: { nullCoords: 0.1 },
    skip: ["numeric"],
    require: ["gitRevision", "seeds"],
    check: "python3 check.py",
    checkTimeoutSeconds: 600,
  };
  expect(QcConfig.parse(qc)).toEqual(qc);
  expect(NewExperiment.parse({ labId: "l", title: "t", config: { qc } }).config).toEqual({ qc });
});
