import { expect, test } from "vitest";
import { type FinishedLog, graceMs, type Kept, planRemovals, ruleOf } from "../../../src/lab/capture/retention-plan.js";

const now = 100 * 86_400_000;
const log = (daysAgo: number, bytes: number, isHome = true): FinishedLog & { daysAgo: number } => ({
  endedAt: now - daysAgo * 86_400_000,
  bytes,
  isHome,
  daysAgo,
});
const rule = (logRetentionDays: number | null, logRetentionGb: number | null) =>
  ruleOf({ logRetentionDays, logRetentionGb }, now);
const none: Kept = { bytes: 0, isFull: false };

function gone(which: ReturnType<typeof rule>, logs: ReturnType<typeof log>[], kept = none) {
  return planRemovals(which, kept, logs, now).removed.map(({ daysAgo }) => daysAgo);
}

test("by age: what ended before", () => {
  expect(gone(rule(30, null), [log(1, 1), log(29, 1), log(31, 1), log(90, 1)])).toEqual([31, 90]);
});

test("by size: the newest that fit stay, everything older goes", () => {
  const logs = [log(1, 4e8), log(2, 4e8), log(3, 4e8), log(4, 1)];
  expect(gone(rule(null, 1), logs)).toEqual([3, 4]);
  expect(gone(rule(null, 1), logs, { bytes: 7e8, isFull: false })).toEqual([1, 2, 3, 4]);
  expect(gone(rule(null, 2), logs)).toEqual([]);
});

test("page by page it is the same as at once", () => {
  const logs = Array.from({ length: 30 }, (_, n) => log(n + 1, (n % 7) * 1e8));
  const whole = gone(rule(25, 1), logs);
  let kept = none;
  const paged = logs.flatMap((each) => {
    const planned = planRemovals(rule(25, 1), kept, [each], now);
    kept = planned.kept;
    return planned.removed.map(({ daysAgo }) => daysAgo);
  });
  expect(paged).toEqual(whole);
  expect(whole.length).toBeGreaterThan(10);
});

test("what is not home stays and counts; so does what has just ended", () => {
  expect(gone(rule(1, 1), [log(5, 9e8, false), log(6, 2e8)])).toEqual([6]);
  expect(gone(rule(null, 1), [log((graceMs - 1) / 86_400_000, 5e9), log(1, 1)])).toEqual([1]);
});
