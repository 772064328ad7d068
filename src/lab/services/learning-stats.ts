import type { Kysely, Selectable } from "kysely";
import type { Evidence, LearningStats } from "../../contract/skill.js";
import type { Schema } from "../store/schema.js";
import { dayName, lastDays } from "./days.js";
import type { SkillRow } from "./skill-rows.js";

type DayRow = Selectable<Schema["learning_days"]>;

/** Days that the trend compares with the ones before them. */
const recentDays = 7;
/** Fewer tell nothing about a trend. */
const minRuns = 3;
/** Smaller differences of success rates are no trend. */
const steadyWithin = 0.05;

/** What reports of these versions (`ids`) tell, from the sums of each day. */
export async function readStats(
  db: Kysely<Schema>,
  {
    skill,
    ids,
    version,
  }: { readonly skill: SkillRow; readonly ids: readonly string[]; readonly version: string | null },
  now: number,
): Promise<LearningStats> {
  const rows = await db.selectFrom("learning_days").selectAll().where("skill_id", "in", ids).execute();
  const days = lastDays(now);
  const between = (first: number, end: number) => rows.filter(({ day }) => day >= first && day < end);
  const firstRecent = days.at(-recentDays) ?? 0;
  const all = sumOf(rows);
  const timed = rows.reduce((sum, row) => sum + row.timed, 0);
  return {
    skillName: skill.name,
    version,
    confidence: Math.round(skill.confidence),
    runs: runsOf(all),
    ...all,
    successRate: rateOf(all),
    meanDurationMs: timed === 0 ? null : rows.reduce((sum, row) => sum + row.duration_ms, 0) / timed,
    byPlatform: byPlatform(rows),
    last30Days: days.map((day) => {
      const sum = sumOf(between(day, day + 1));
      return { day: dayName(day), runs: runsOf(sum), successRate: rateOf(sum) };
    }),
    trend: trendOf(sumOf(between(days[0] ?? 0, firstRecent)), sumOf(between(firstRecent, Number.POSITIVE_INFINITY))),
  };
}

function sumOf(rows: readonly DayRow[]): Evidence {
  const sum = (count: (row: DayRow) => number) => rows.reduce((total, row) => total + count(row), 0);
  return {
    successes: sum(({ successes }) => successes),
    failures: sum(({ failures }) => failures),
    partials: sum(({ partials }) => partials),
  };
}

const runsOf = ({ successes, failures, partials }: Evidence): number => successes + failures + partials;

function rateOf(sum: Evidence): number | null {
  const runs = runsOf(sum);
  return runs === 0 ? null : (sum.successes + sum.partials / 2) / runs;
}

function byPlatform(rows: readonly DayRow[]): LearningStats["byPlatform"] {
  const platforms = Map.groupBy(rows, ({ platform }) => platform);
  return [...platforms]
    .map(([platform, own]) => {
      const sum = sumOf(own);
      return { platform: platform === "" ? null : platform, runs: runsOf(sum), successRate: rateOf(sum) };
    })
    .sort((a, b) => b.runs - a.runs);
}

/** Exported for its test. */
export function trendOf(before: Evidence, recent: Evidence): LearningStats["trend"] {
  const [was, is] = [rateOf(before), rateOf(recent)];
  if (was === null || is === null || Math.min(runsOf(before), runsOf(recent)) < minRuns) return null;
  if (Math.abs(is - was) < steadyWithin) return "steady";
  return is > was ? "improving" : "declining";
}
