import fc from "fast-check";
import { expect, test } from "vitest";
import { confidenceOf, Learning, LearningStats, outcomes } from "../../../src/contract/skill.js";
import { trendOf } from "../../../src/lab/services/learning-stats.js";
import { isRefused, openResearch } from "./research-fixture.js";

async function open() {
  const research = await openResearch();
  await research.skills.register({ name: "a", version: "1.2.0", description: "a skill" });
  return research;
}

test("a report is kept and moves the skill's confidence, also for those who watch it", async () => {
  const { learning, skills, heard } = await open();
  heard.clear();
  const { learning: kept, skill } = await learning.report({
    skillName: "a",
    outcome: "success",
    platform: "claude-code",
    note: "worked",
    durationMs: 1500,
  });
  expect(Learning.parse(kept)).toEqual(kept);
  expect(skill).toMatchObject({ confidence: 67, executions: 1 });
  expect((await skills.getByName("a")).confidence).toBe(67);
  expect([...heard].sort()).toEqual(["skill:a", "skills"]);
  expect((await learning.report({ skillName: "a", outcome: "failure" })).skill.confidence).toBe(50);
  expect((await learning.list("a", { limit: 5 })).rows.at(-1)).toEqual(kept);
  await expect(learning.report({ skillName: "b", outcome: "success" })).rejects.toEqual(
    isRefused("not_found", /^Skill 'b' not found$/),
  );
  await expect(learning.report({ skillName: "a", outcome: "maybe" as never })).rejects.toEqual(
    isRefused("validation_error", /^outcome: .*partial/),
  );
});

test("confidence is the mean of a Beta: in bounds, up with success, down with failure, the prior fading", () => {
  const counts = fc.record({ successes: fc.nat(10_000), failures: fc.nat(10_000), partials: fc.nat(10_000) });
  fc.assert(
    fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (seen, prior) => {
      const now = confidenceOf(seen, prior);
      expect(now).toBeGreaterThanOrEqual(0);
      expect(now).toBeLessThanOrEqual(100);
      expect(confidenceOf({ ...seen, successes: seen.successes + 1 }, prior)).toBeGreaterThanOrEqual(now);
      expect(confidenceOf({ ...seen, failures: seen.failures + 1 }, prior)).toBeLessThanOrEqual(now);
      const runs = seen.successes + seen.failures + seen.partials;
      expect(Math.abs(now - confidenceOf(seen, 0.5))).toBeLessThanOrEqual(100 / (runs + 2) + 1e-9);
    }),
  );
  expect(confidenceOf({ successes: 7, failures: 0, partials: 0 }, 0.5)).toBeCloseTo(88.9, 1);
});

test("stats are those of the reports, whatever they were", async () => {
  const report = fc.record(
    {
      outcome: fc.constantFrom(...outcomes),
      platform: fc.constantFrom("claude-code", "cursor"),
      durationMs: fc.nat(5000),
      afterDays: fc.nat(3),
    },
    { requiredKeys: ["outcome", "afterDays"] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(report, { maxLength: 15 }), async (reports) => {
      const { learning, clock } = await open();
      for (const { afterDays, ...one } of reports) {
        clock.at += afterDays * 86_400_000;
        await learning.report({ skillName: "a", ...one });
      }
      const stats = await learning.stats("a");
      expect(LearningStats.parse(stats)).toEqual(stats);
      const value = { success: 1, partial: 0.5, failure: 0 };
      const won = reports.reduce((sum, { outcome }) => sum + value[outcome], 0);
      expect(stats.runs).toBe(reports.length);
      expect(stats.successRate ?? -1).toBeCloseTo(reports.length === 0 ? -1 : won / reports.length);
      expect(stats.byPlatform.reduce((sum, { runs }) => sum + runs, 0)).toBe(reports.length);
      expect(stats.last30Days).toHaveLength(30);
      const timed = reports.flatMap(({ durationMs }) => (durationMs === undefined ? [] : [durationMs]));
      const mean = timed.reduce((sum, ms) => sum + ms, 0) / timed.length;
      expect(stats.meanDurationMs ?? -1).toBeCloseTo(timed.length === 0 ? -1 : mean);
    }),
    { numRuns: 15 },
  );
});

test("days and versions are told apart; all versions count together unless one is named", async () => {
  const { learning, skills, clock } = await open();
  const day = 86_400_000;
  clock.at = 100 * day;
  await learning.report({ skillName: "a", outcome: "failure", platform: "cursor" });
  clock.at += day;
  await skills.register({ name: "a", version: "2.0.0", description: "a skill" });
  await learning.report({ skillName: "a", outcome: "success" });
  await learning.report({ skillName: "a", version: "1.2.0", outcome: "partial", platform: "cursor" });
  const all = await learning.stats("a");
  expect(all).toMatchObject({ version: null, runs: 3, successes: 1, failures: 1, partials: 1, successRate: 0.5 });
  expect(all.last30Days.slice(-3)).toEqual([
    { day: "1970-04-10", runs: 0, successRate: null },
    { day: "1970-04-11", runs: 1, successRate: 0 },
    { day: "1970-04-12", runs: 2, successRate: 0.75 },
  ]);
  expect(all.byPlatform).toEqual([
    { platform: "cursor", runs: 2, successRate: 0.25 },
    { platform: null, runs: 1, successRate: 1 },
  ]);
  expect(await learning.stats("a", "1.2.0")).toMatchObject({ version: "1.2.0", runs: 2, successRate: 0.25 });
  clock.at += 40 * day;
  expect((await learning.stats("a")).last30Days.every(({ runs }) => runs === 0)).toBe(true);
});

const seen = (successes: number, failures: number) => ({ successes, failures, partials: 0 });

test.each([
  [seen(1, 9), seen(9, 1), "improving"],
  [seen(9, 1), seen(1, 9), "declining"],
  [seen(90, 10), seen(92, 8), "steady"],
  [seen(2, 0), seen(9, 1), null],
  [seen(9, 1), seen(0, 0), null],
])("before %j, then %j: %s", (before, recent, trend) => {
  expect(trendOf(before, recent)).toBe(trend);
});
