import type { Kysely, Selectable } from "kysely";
import type { LabDocument } from "../../contract/lab.js";
import { slugOf } from "../../core/slug.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";
import { newDocumentId } from "./document-id.js";

export type LabRow = Selectable<Schema["labs"]>;

/** Ids and slugs changed their meaning: whoever keeps what they meant asks again. */
export const refsTopic = "labs:refs";

/**
 * The lab to which the server's own machines belong, and what is found on its accounts: the oldest one. It pays what nobody used of
 * them.
 */
export async function homeLabOf(db: Kysely<Schema>): Promise<string> {
  const [first] = await readLabs(db).limit(1).execute();
  if (first === undefined) throw new Error("the server has no lab");
  return first.id;
}

/** In the order of their creation: no two have the same. */
export const readLabs = (db: Kysely<Schema>) => db.selectFrom("labs").selectAll().orderBy("created_at").orderBy("id");

/** By id before slug: nobody gets at a lab's name by calling another like its id. */
export async function findLab(db: Kysely<Schema>, ref: string): Promise<LabRow | undefined> {
  const query = db.selectFrom("labs").selectAll();
  return (
    (await query.where("id", "=", ref).executeTakeFirst()) ?? (await query.where("slug", "=", ref).executeTakeFirst())
  );
}

export async function placeOf(db: Kysely<Schema>, cursor: string, visible: readonly string[] | null): Promise<number> {
  const row = await findLab(db, cursor);
  if (row === undefined || visible?.includes(row.id) === false) {
    throw new LabError("validation_error", "cursor: not of this list; take `next_cursor` of the page before");
  }
  return row.created_at;
}

export async function countAgents(db: Kysely<Schema>, labIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (labIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("agents")
    .select(({ fn }) => ["lab_id", fn.countAll<number>().as("agents")])
    .where("lab_id", "in", labIds)
    .groupBy("lab_id")
    .execute();
  return new Map(rows.map(({ lab_id: labId, agents }) => [labId, agents]));
}

interface Insert {
  readonly name: string;
  readonly slug: string;
  readonly template: string | null;
  readonly visibility?: "public" | "private";
  readonly description?: string | null;
}

export async function insertLab(change: Change, { name, slug, ...more }: Insert): Promise<LabRow> {
  const newest = await change.tx
    .selectFrom("labs")
    .select(({ fn }) => fn.max("created_at").as("at"))
    .executeTakeFirst();
  const id = newDocumentId();
  const row = await change.tx
    .insertInto("labs")
    .values({
      visibility: "private",
      ...more,
      id,
      name,
      slug,
      created_at: Math.max(Math.round(change.at), (newest?.at ?? 0) + 1),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  change.event("lab.created", id, { labId: id, name, slug });
  change.touch(refsTopic);
  return row;
}

/** `Dark energy (DESI)` → `dark-energy-desi`; `-2` where that is taken. */
export async function freeSlugFor(db: Kysely<Schema>, name: string): Promise<string> {
  const stem = slugOf(name) || "lab";
  let slug = stem;
  for (let number = 2; await isTaken(db, slug); number++) slug = `${stem}-${number}`;
  return slug;
}

const isTaken = async (db: Kysely<Schema>, slug: string) => (await findLab(db, slug)) !== undefined;

export async function refuseTakenSlug(db: Kysely<Schema>, slug: string): Promise<void> {
  if (await isTaken(db, slug)) throw new LabError("conflict", `slug: ${slug} is taken; choose another`);
}

export function toLab(row: LabRow, agents: ReadonlyMap<string, number>): LabDocument {
  const agentCount = agents.get(row.id) ?? 0;
  return {
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    name: row.name,
    slug: row.slug,
    description: row.description,
    template: row.template,
    visibility: row.visibility,
    plan: row.plan,
    site_url: null,
    siteUrl: null,
    experiment_count: row.experiment_count,
    experimentCount: row.experiment_count,
    agent_count: agentCount,
    agentCount,
    created_at: new Date(row.created_at).toISOString(),
    createdAt: row.created_at,
    updatedAt: row.updated_at ?? row.created_at,
  };
}
