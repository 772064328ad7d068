import { expect, test } from "vitest";
import { patternFilter } from "../../../src/lab/capture/line-filter.js";

const bomb = "(a|aa)+$";
const lines = [`${"a".repeat(60)}b`];
const msOf = (work: () => unknown): number => {
  const start = performance.now();
  expect(work).toThrow(/^regex: it takes longer than \d+ ms/);
  return performance.now() - start;
};

test("after a pattern that backtracks for ever the next one is given up sooner; usual ones find what they found", () => {
  const first = msOf(() => patternFilter(bomb).matches(lines));
  const others = Array.from({ length: 10 }, () => msOf(() => patternFilter(bomb).matches(lines)));
  expect(first).toBeGreaterThan(150);
  expect(Math.min(...others)).toBeLessThan(first / 4);
  const piece = Array.from({ length: 3000 }, (_, step) => `step=${step} loss=${1 / (step + 1)}`);
  expect(patternFilter("loss=0\\.00\\d+").matches(piece).filter(Boolean).length).toBeGreaterThan(800);
});
