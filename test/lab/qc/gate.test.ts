import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ExperimentConfig } from "../../../src/contract/experiment.js";
import { runCheck } from "../../../src/lab/qc/check-command.js";
import { describeExit } from "../../../src/lab/qc/exit-code.js";
import { passGate } from "../../../src/lab/qc/gate.js";
import { parseMetrics } from "../../../src/lab/qc/metrics-file.js";

function gate(
  config: ExperimentConfig,
  files: Record<string, string> = {},
  more: { code?: number; printed?: Record<string, number> } = {},
) {
  const work = mkdtempSync(join(tmpdir(), "hubify-qc-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text);
  const check = (command: string) => runCheck({ command, cwd: work, env: process.env, timeoutMs: 300 });
  const input = {
    exitCode: more.code ?? 0,
    config,
    work,
    ownWork: work,
    startedAt: Date.now() - 1000,
    printed: more.printed ?? {},
  };
  return { work, verdict: () => passGate(input, check) };
}

const bound = (metrics: Record<string, { min?: number; max?: number }>): ExperimentConfig => ({ qc: { metrics } });

test.each([
  ["exit 0 alone is a pass", {}, {}, {}, "pass: 1 check"],
  ["an empty output", { outputs: ["a"] }, { a: "" }, {}, "fail: a is empty"],
  ["an output that is there", { outputs: ["a"] }, { a: "x" }, {}, "pass: 2 checks"],
  [
    "every failed check has its say",
    { outputs: ["a", "b"] },
    {},
    { code: 3 },
    "fail: exit code 3; a is missing; b is missing",
  ],
  ["a metric above", bound({ r: { max: 0.01 } }), { "metrics.json": '{"r": 0.031}' }, {}, "fail: r = 0.031 above 0.01"],
  ["a metric below", bound({ ess: { min: 400 } }), { "metrics.json": '{"ess": 12}' }, {}, "fail: ess = 12 below 400"],
  [
    "NaN as Python writes it",
    bound({ r: { max: 1 } }),
    { "metrics.json": '{"r": NaN}' },
    {},
    "fail: r = NaN; not a number: metrics.json: r = NaN",
  ],
  ["a metric nobody reported", bound({ r: { max: 1 } }), {}, {}, "fail: r was never reported"],
  [
    "a printed metric, by its other name",
    bound({ rhat_minus_1: { max: 0.01 } }),
    {},
    { printed: { "chain.rminus1": 0.004 } },
    "pass: 2 checks",
  ],
  [
    "the file over the log",
    bound({ r: { max: 1 } }),
    { "metrics.json": '{"r": 0.5}' },
    { printed: { r: 3 } },
    "pass: 2 checks",
  ],
  ["a check that passes", { qc: { check: "echo fine" } }, {}, {}, "pass: 2 checks"],
  [
    "a check that fails says its last line",
    { qc: { check: "echo a; echo 'bad chi2' >&2; exit 2" } },
    {},
    {},
    "fail: bad chi2 (exit code 2)",
  ],
  ["a check that hangs", { qc: { check: "sleep 60" } }, {}, {}, "fail: no answer within 0 s"],
  ["no check after a failure", { outputs: ["a"], qc: { check: "echo no; exit 1" } }, {}, {}, "fail: a is missing"],
] as const)("%s", async (...[, config, files, more, result]) => {
  const verdict = await gate(config as ExperimentConfig, files, more).verdict();
  expect(verdict.result).toBe(result);
  expect(verdict.verdict).toBe(result.slice(0, 4));
});

test("a metrics file that is not JSON fails, with the parser's words", async () => {
  expect((await gate({}, { "metrics.json": "{" }).verdict()).result).toMatch(/^fail: metrics.json is not JSON: /);
});

test("an output of an earlier run does not count", async () => {
  const { work, verdict } = gate({ outputs: ["old", "dir"] }, { old: "x" });
  mkdirSync(join(work, "dir"));
  utimesSync(join(work, "old"), new Date(0), new Date(0));
  expect((await verdict()).result).toBe("fail: old is older than this run");
});

test("metrics may be nested; what is no number stays out", () => {
  expect(parseMetrics('{"a": 1, "b": {"c": -Infinity, "d": "x NaN,", "e": null}, "f": [1]}')).toEqual({
    a: 1,
    "b.c": -Infinity,
  });
});

test("exit codes in words", () => {
  expect([3, 127, 137, 143, 255].map(describeExit)).toEqual([
    "exit code 3",
    "exit code 127, command not found",
    "killed by SIGKILL",
    "killed by SIGTERM",
    "exit code 255",
  ]);
});
