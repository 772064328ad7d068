import { expect, test } from "vitest";
import type { QcCheck } from "../../../src/contract/qc.js";
import type { Verdict } from "../../../src/lab/qc/gate.js";
import { judged, noReport, standing, summaryOf } from "../../../src/lab/qc/report-file.js";

const check = (name: string, more: Partial<QcCheck> = {}): QcCheck => ({ name, ok: true, reason: name, ...more });
const verdict = (checks: readonly QcCheck[], more: Partial<Verdict> = {}): Verdict => ({
  verdict: "pass",
  score: 100,
  checks,
  result: "pass",
  checkOutput: null,
  metrics: {},
  ...more,
});
const by = (at: number) => ({ at, by: "lab" });

test("what an experiment shows is bounded, and what failed is not among what is left out", () => {
  const many = Array.from({ length: 60 }, (_, index) => check(`c${index}`));
  const checks = [...many, check("late", { ok: false, severity: "warning" }), check("last", { ok: false })];
  const summary = summaryOf(judged(noReport, verdict(checks), by(1)));
  expect(summary?.checks.map(({ name }) => name).slice(0, 3)).toEqual(["last", "late", "c0"]);
  expect(summary?.checks).toHaveLength(20);
  expect(summary?.checksTotal).toBe(62);
});

test("few checks keep their order", () => {
  const checks = [check("a"), check("b", { ok: false }), check("c")];
  expect(summaryOf(judged(noReport, verdict(checks), by(1)))?.checks.map(({ name }) => name)).toEqual(["a", "b", "c"]);
});

test("the last twenty judgements are kept, and the newest stands until somebody decides", () => {
  let report = noReport;
  for (let at = 1; at <= 25; at++) report = judged(report, verdict([], { result: `pass ${at}`, score: at }), by(at));
  expect(report.judgements.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
  expect(standing(report)).toEqual({ verdict: "pass", score: 25, result: "pass 25" });
  const override = { verdict: "fail", note: "the\n wrong data", by: "key ci", at: 30 } as const;
  expect(standing({ ...report, override })).toEqual({
    verdict: "fail",
    score: 25,
    result: "fail: overridden by key ci: the wrong data (checks: pass 25)",
  });
});

test("what nobody judged shows nothing", () => {
  expect(summaryOf(noReport)).toBeNull();
});
