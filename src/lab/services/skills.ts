import { sql } from "kysely";
import type { z } from "zod";
import { compareVersions, confidenceOf, NewSkill, type Skill, type SkillSummary } from "../../contract/skill.js";
import { actorName, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Change, LabStore } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import { needSkill, type SkillRow, selectSkills, toSkill, toSummary, touchSkill } from "./skill-rows.js";

export interface SkillSearch {
  /** Part of a name, a description or a tag. */
  readonly query: string;
  readonly limit: number;
}

/** Skills of the server, of no lab: each name with all its versions. */
export interface SkillsService {
  /** Its newest version, or the one that is named. */
  getByName(name: string, version?: string): Promise<Skill>;
  /** Newest versions, newest first. */
  list(page: PageRequest): Promise<Page<SkillSummary>>;
  /** Newest versions: those whose name fits best first, then by confidence. */
  search(search: SkillSearch): Promise<readonly SkillSummary[]>;
  /** A new skill, or a later version of one. */
  register(draft: NewSkill): Promise<Skill>;
  /** The version and what it came from, one after the other, up to the first; at most 1,000. */
  lineage(name: string, version?: string): Promise<readonly SkillSummary[]>;
}

const maxLineage = 1_000;
/** What a skill without ancestors is expected to do: nobody knows. */
const evenPrior = 0.5;

export function createSkills(store: LabStore): SkillsService {
  const newest = () => selectSkills(store.db).where("s.status", "=", "active");
  return {
    getByName: async (name, version) => toSkill(await needSkill(store.db, name, version)),

    async list(page) {
      noteRead("skills");
      return readPage(page, {
        place: (id) => store.db.selectFrom("skills").select("n").where("id", "=", id).executeTakeFirst(),
        rows: (before, limit) => newest().where("s.n", "<", before).orderBy("s.n", "desc").limit(limit).execute(),
        to: toSummary,
      });
    },

    async search({ query, limit }) {
      noteRead("skills");
      const words = query
        .trim()
        .toLowerCase()
        .replaceAll(/[\\%_]/g, String.raw`\$&`);
      const part = `%${words}%`;
      const like = (column: "s.name" | "s.description" | "s.tags", pattern: string) =>
        sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`;
      const rows = await newest()
        .where((where) => where.or([like("s.name", part), like("s.description", part), like("s.tags", part)]))
        .orderBy(sql`${like("s.name", words)} desc, ${like("s.name", `${words}%`)} desc, ${like("s.name", part)} desc`)
        .orderBy("s.confidence", "desc")
        .orderBy("s.n", "desc")
        .limit(limit)
        .execute();
      return rows.map(toSummary);
    },

    async register(draft) {
      const wanted = parseOrRefuse(NewSkill, draft);
      return store.change((change) => insertSkill(change, wanted));
    },

    async lineage(name, version) {
      const line: SkillSummary[] = [];
      let next: string | null = (await needSkill(store.db, name, version)).id;
      while (next !== null && line.length < maxLineage) {
        const row = await selectSkills(store.db).where("s.id", "=", next).executeTakeFirst();
        if (row === undefined) break;
        line.push(toSummary(row));
        noteRead(`skill:${row.name}`);
        next = row.parent_id;
      }
      return line;
    },
  };
}

/** Takes the place of the newest version, if there is one, and begins with its confidence. */
async function insertSkill(change: Change, wanted: z.output<typeof NewSkill>): Promise<Skill> {
  const { name, version, description, content = null, tags, parent } = wanted;
  const earlier = await selectSkills(change.tx)
    .where("s.name", "=", name)
    .where("s.status", "=", "active")
    .executeTakeFirst();
  if (earlier !== undefined) refuseEarlier(earlier, wanted);
  const ancestor = earlier ?? (parent === undefined ? undefined : await parentOf(change, parent));
  const prior = ancestor === undefined ? evenPrior : ancestor.confidence / 100;
  if (earlier !== undefined) {
    await change.tx.updateTable("skills").set({ status: "superseded" }).where("id", "=", earlier.id).execute();
  }
  await change.tx
    .insertInto("skills")
    .values({
      id: newDocumentId(),
      name,
      version,
      description,
      content,
      tags: JSON.stringify(tags),
      prior,
      confidence: confidenceOf({ successes: 0, failures: 0, partials: 0 }, prior),
      parent_id: ancestor?.id ?? null,
      created_by: actorName(),
      created_at: change.at,
      updated_at: change.at,
    })
    .execute();
  const skill = toSkill(await needSkill(change.tx, name));
  change.event("skill.registered", skill._id, { name, version, parent: skill.parent });
  touchSkill(change, name);
  return skill;
}

function refuseEarlier({ name, version }: SkillRow, wanted: z.output<typeof NewSkill>): void {
  if (compareVersions(wanted.version, version) <= 0) {
    throw new LabError("conflict", `version: ${name} is at ${version}; a new version must be later than that`);
  }
  if (wanted.parent !== undefined && wanted.parent !== name) {
    throw new LabError(
      "validation_error",
      `parent: ${name} ${wanted.version} comes from ${name} ${version}; leave it out`,
    );
  }
}

async function parentOf(change: Change, name: string): Promise<SkillRow> {
  const row = await selectSkills(change.tx)
    .where("s.name", "=", name)
    .where("s.status", "=", "active")
    .executeTakeFirst();
  if (row === undefined) throw new LabError("validation_error", `parent: skill '${name}' not found`);
  return row;
}
