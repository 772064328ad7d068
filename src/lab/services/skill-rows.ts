import type { Kysely, Selectable } from "kysely";
import type { Skill, SkillSummary } from "../../contract/skill.js";
import { noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";

/** A version of a skill with the version that it came from. */
export type SkillRow = Omit<Selectable<Schema["skills"]>, "content"> & {
  readonly parent_name: string | null;
  readonly parent_version: string | null;
};

const columns = [
  "s.n",
  "s.id",
  "s.name",
  "s.version",
  "s.description",
  "s.tags",
  "s.prior",
  "s.confidence",
  "s.successes",
  "s.failures",
  "s.partials",
  "s.parent_id",
  "s.status",
  "s.created_by",
  "s.created_at",
  "s.updated_at",
  "parent.name as parent_name",
  "parent.version as parent_version",
] as const;

/** Versions of skills, without their content. */
export const selectSkills = (db: Kysely<Schema>) =>
  db.selectFrom("skills as s").leftJoin("skills as parent", "parent.id", "s.parent_id").select(columns);

/** A version of the skill, or its newest. A live query about a skill that is not there yet runs again when it comes. */
export async function needSkill(
  db: Kysely<Schema>,
  name: string,
  version?: string,
): Promise<SkillRow & { readonly content: string | null }> {
  noteRead(`skill:${name}`);
  const named = selectSkills(db).select("s.content").where("s.name", "=", name);
  const row = await (version === undefined
    ? named.where("s.status", "=", "active")
    : named.where("s.version", "=", version)
  ).executeTakeFirst();
  if (row !== undefined) return row;
  throw new LabError("not_found", `Skill '${name}'${version === undefined ? "" : ` version ${version}`} not found`);
}

export function toSummary(row: SkillRow): SkillSummary {
  const { id, name, version, description, successes, failures, partials } = row;
  const { parent_name: parentName, parent_version: parentVersion } = row;
  return {
    _id: id,
    _creationTime: row.created_at,
    id,
    name,
    version,
    description,
    tags: JSON.parse(row.tags) as string[],
    confidence: Math.round(row.confidence),
    executions: successes + failures + partials,
    parent: parentName === null || parentVersion === null ? null : { name: parentName, version: parentVersion },
    status: row.status as SkillSummary["status"],
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export const toSkill = (row: SkillRow & { readonly content: string | null }): Skill => ({
  ...toSummary(row),
  content: row.content,
});

export function touchSkill(change: Change, name: string): void {
  change.touch("skills");
  change.touch(`skill:${name}`);
}
