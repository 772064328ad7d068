import { type Selectable, sql } from "kysely";
import {
  confidenceOf,
  type ExecutionOutcome,
  type Learning,
  type LearningStats,
  NewLearning,
  type SkillSummary,
} from "../../contract/skill.js";
import type { Clock } from "../../core/clock.js";
import { actorName } from "../access/asking.js";
import { parseOrRefuse } from "../refusal.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { dayMs } from "./days.js";
import { newDocumentId } from "./document-id.js";
import { readStats } from "./learning-stats.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import { needSkill, type SkillRow, toSummary, touchSkill } from "./skill-rows.js";

/** What executions of skills tell. */
export interface LearningService {
  /** Moves the skill's confidence (`confidenceOf`). */
  report(execution: NewLearning): Promise<{ readonly learning: Learning; readonly skill: SkillSummary }>;
  /** Of one version, or of all versions together. */
  stats(skillName: string, version?: string): Promise<LearningStats>;
  /** Reports of one version (default: the newest), newest first; the newest 10,000 of each version are kept. */
  list(skillName: string, page: PageRequest & { readonly version?: string | undefined }): Promise<Page<Learning>>;
}

const keptPerSkill = 10_000;
const counters = { success: "successes", failure: "failures", partial: "partials" } as const;

export function createLearning({ store, clock }: { store: LabStore; clock: Clock }): LearningService {
  return {
    async report(execution) {
      const wanted = parseOrRefuse(NewLearning, execution);
      return store.change(async (change) => {
        const skill = await needSkill(change.tx, wanted.skillName, wanted.version);
        const learning = await insertLearning(change, skill, wanted);
        return { learning, skill: toSummary(await moveConfidence(change, skill, wanted.outcome)) };
      });
    },

    async stats(skillName, version) {
      const skill = await needSkill(store.db, skillName, version);
      const ofSkill = store.db.selectFrom("skills").select("id").where("name", "=", skillName);
      const ids = version === undefined ? (await ofSkill.execute()).map(({ id }) => id) : [skill.id];
      return readStats(store.db, { skill, ids, version: version ?? null }, clock.now());
    },

    async list(skillName, { version, ...page }) {
      const skill = await needSkill(store.db, skillName, version);
      const ofSkill = store.db.selectFrom("learnings").where("skill_id", "=", skill.id);
      return readPage(page, {
        place: (id) => ofSkill.select("n").where("id", "=", id).executeTakeFirst(),
        rows: (before, limit) =>
          ofSkill.selectAll().where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
        to: (row) => toLearning(row, skill),
      });
    },
  };
}

async function insertLearning(change: Change, skill: SkillRow, wanted: NewLearning): Promise<Learning> {
  const { outcome, platform, note, durationMs } = wanted;
  const { tx, at } = change;
  const row = await tx
    .insertInto("learnings")
    .values({
      id: newDocumentId(),
      skill_id: skill.id,
      outcome,
      platform: platform ?? null,
      note: note ?? null,
      duration_ms: durationMs ?? null,
      actor: actorName(),
      at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const oldest = await tx
    .selectFrom("learnings")
    .select("n")
    .where("skill_id", "=", skill.id)
    .orderBy("n", "desc")
    .offset(keptPerSkill)
    .limit(1)
    .executeTakeFirst();
  if (oldest !== undefined) {
    await tx.deleteFrom("learnings").where("skill_id", "=", skill.id).where("n", "<=", oldest.n).execute();
  }
  const added = { [counters[outcome]]: 1, timed: durationMs === undefined ? 0 : 1, duration_ms: durationMs ?? 0 };
  await tx
    .insertInto("learning_days")
    .values({ skill_id: skill.id, day: Math.floor(at / dayMs), platform: platform ?? "", ...added })
    .onConflict((conflict) =>
      conflict.columns(["skill_id", "day", "platform"]).doUpdateSet(({ ref }) => ({
        successes: sql`${ref("learning_days.successes")} + excluded.successes`,
        failures: sql`${ref("learning_days.failures")} + excluded.failures`,
        partials: sql`${ref("learning_days.partials")} + excluded.partials`,
        timed: sql`${ref("learning_days.timed")} + excluded.timed`,
        duration_ms: sql`${ref("learning_days.duration_ms")} + excluded.duration_ms`,
      })),
    )
    .execute();
  return toLearning(row, skill);
}

async function moveConfidence(change: Change, skill: SkillRow, outcome: ExecutionOutcome): Promise<SkillRow> {
  const { successes, failures, partials } = skill;
  const evidence = { successes, failures, partials };
  evidence[counters[outcome]]++;
  const confidence = confidenceOf(evidence, skill.prior);
  const set = { ...evidence, confidence, updated_at: change.at };
  await change.tx.updateTable("skills").set(set).where("id", "=", skill.id).execute();
  touchSkill(change, skill.name);
  return { ...skill, ...set };
}

function toLearning(row: Selectable<Schema["learnings"]>, { name, version }: SkillRow): Learning {
  return {
    _id: row.id,
    _creationTime: row.at,
    id: row.id,
    skillName: name,
    version,
    outcome: row.outcome as ExecutionOutcome,
    platform: row.platform,
    note: row.note,
    durationMs: row.duration_ms,
    actor: row.actor,
    createdAt: row.at,
  };
}
