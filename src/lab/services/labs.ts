import type { Kysely, Selectable } from "kysely";
import { type LabDocument, LabPatch, type LabStatus, NewLab } from "../../contract/lab.js";
import { currentActor, needLab, noteRead, visibleLabs } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import { type BeforeRemoval, removeRows, removeUnnamed } from "./lab-removal.js";
import { type LabNumbers, readStatus } from "./lab-status.js";
import type { Page } from "./page.js";

export interface LabsService {
  /** Those the caller sees, oldest first. */
  list(query?: LabsQuery): Promise<Page<LabDocument>>;
  /** By id or slug; `undefined` names the first that the caller sees. */
  get(ref: string | undefined): Promise<LabDocument>;
  /**
   * Its document id, without reading the rest. Refuses a lab that the caller has nothing to do with as if there were none, and one in
   * which it may not do what it is about to do: whatever names a lab goes through here.
   */
  idOf(ref: string | undefined): Promise<string>;
  create(draft: NewLab): Promise<LabDocument>;
  patch(ref: string, changes: LabPatch): Promise<LabDocument>;
  /** Deletes it with everything it has. `confirm` is its slug. Refuses while something runs in it, and for the last lab. */
  remove(ref: string, confirm: string | undefined): Promise<{ readonly id: string; readonly slug: string }>;
  status(ref: string | undefined): Promise<LabStatus>;
}

export interface LabsQuery {
  readonly limit?: number | undefined;
  /** `_id` of the last row of the page before. */
  readonly cursor?: string | undefined;
}

export interface LabsParts {
  /** What the status needs of other services. */
  readonly numbers?: LabNumbers | undefined;
  readonly beforeRemoval?: BeforeRemoval | undefined;
}

type LabRow = Selectable<Schema["labs"]>;

const defaultLimit = 20;

/** Makes the data directory's first lab unless it has one; answers its document id. */
export async function createFirstLab(
  store: LabStore,
  { name, slug }: { readonly name: string; readonly slug: string },
): Promise<string> {
  return store.change(async (change) => {
    const [first] = await readLabs(change.tx).limit(1).execute();
    return first?.id ?? (await insertLab(change, { name, slug, template: null })).id;
  });
}

/**
 * The lab to which the server's own machines belong, and what is found on its accounts: the oldest one. It pays what nobody used of
 * them.
 */
export async function homeLabOf(db: Kysely<Schema>): Promise<string> {
  const [first] = await readLabs(db).limit(1).execute();
  if (first === undefined) throw new Error("the server has no lab");
  return first.id;
}

/** Notes in the same transaction that experiments came or went. */
export async function countExperiments(change: Change, labId: string, difference: number): Promise<void> {
  await change.tx
    .updateTable("labs")
    .set(({ eb }) => ({ experiment_count: eb("experiment_count", "+", difference) }))
    .where("id", "=", labId)
    .execute();
  change.touch("labs");
}

/** Ids and slugs changed their meaning: whoever keeps what they meant asks again. */
const refsTopic = "labs:refs";

/** The labs of this data directory, as far as the caller sees them. */
export function createLabs(store: LabStore, { numbers, beforeRemoval }: LabsParts = {}): LabsService {
  const ids = new Map<string, string>();
  let version = 0;
  store.onChange((topics) => {
    if (!topics.has(refsTopic)) return;
    ids.clear();
    version++;
  });

  const lookUp = async (ref: string): Promise<string> => {
    const known = ids.get(ref);
    if (known !== undefined) return known;
    const before = version;
    const row = await findLab(store.db, ref);
    if (row === undefined) throw missing(ref);
    // What a change has written is not for everybody before it is committed; and there are not more names than labs.
    if (!store.isChanging && version === before) ids.set(ref, row.id);
    return row.id;
  };
  const firstId = async (): Promise<string> => {
    const visible = visibleLabs();
    if (visible === null) return homeLabOf(store.db);
    const [first] = visible.length === 0 ? [] : await readLabs(store.db).where("id", "in", visible).limit(1).execute();
    if (first === undefined) throw missing("");
    return first.id;
  };
  const idOf = async (ref: string | undefined): Promise<string> => {
    if (ref === undefined) return firstId();
    const id = await lookUp(ref);
    needLab(id, missing(ref).message);
    return id;
  };
  const get = async (ref: string | undefined): Promise<LabDocument> => {
    const id = await idOf(ref);
    noteRead("labs", `agents:${id}`);
    const row = await findLab(store.db, id);
    if (row === undefined) throw missing(ref ?? "");
    return toLab(row, await countAgents(store.db, [id]));
  };

  return {
    idOf,
    get,

    async list({ limit = defaultLimit, cursor } = {}) {
      const visible = visibleLabs();
      let query = readLabs(store.db).limit(limit + 1);
      if (visible !== null) query = query.where("id", "in", visible.length === 0 ? [""] : visible);
      if (cursor !== undefined) query = query.where("created_at", ">", await placeOf(store.db, cursor, visible));
      const rows = await query.execute();
      const page = rows.slice(0, limit);
      noteRead("labs", ...page.map(({ id }) => `agents:${id}`));
      const agents = await countAgents(
        store.db,
        page.map(({ id }) => id),
      );
      const hasMore = rows.length > limit;
      return {
        rows: page.map((row) => toLab(row, agents)),
        nextCursor: hasMore ? (page.at(-1)?.id ?? null) : null,
        hasMore,
      };
    },

    async create(draft) {
      const wanted = parseOrRefuse(NewLab, draft);
      if (visibleLabs() !== null) {
        throw new LabError("forbidden", "Only a key that reaches every lab of this server can make one.");
      }
      return store.change(async (change) => {
        const slug = wanted.slug ?? (await freeSlug(change.tx, wanted.name));
        await refuseTakenSlug(change.tx, slug);
        return toLab(await insertLab(change, { ...wanted, slug }), new Map());
      });
    },

    async patch(ref, changes) {
      const { plan, ...fields } = parseOrRefuse(LabPatch, changes);
      const actor = currentActor();
      if (plan !== undefined && actor !== null && actor.kind !== "owner") {
        throw new LabError("forbidden", "plan: only the server's owner sets it");
      }
      return store.change(async (change) => {
        const id = await idOf(ref);
        const row = await findLab(change.tx, id);
        if (row === undefined) throw missing(ref);
        if (fields.slug !== undefined && fields.slug !== row.slug) await refuseTakenSlug(change.tx, fields.slug);
        const set = { ...given(fields), ...(plan === undefined ? {} : { plan }) };
        const updated = await change.tx
          .updateTable("labs")
          .set({ ...set, updated_at: change.at })
          .where("id", "=", id)
          .returningAll()
          .executeTakeFirstOrThrow();
        change.event("lab.updated", id, { labId: id, name: updated.name, slug: updated.slug, changes: set });
        change.touch(refsTopic);
        return toLab(updated, await countAgents(change.tx, [id]));
      });
    },

    async remove(ref, confirm) {
      const id = await idOf(ref);
      const { slug, name } = await get(id);
      if (confirm !== slug) {
        throw new LabError(
          "validation_error",
          `confirm: deletes ${name} with everything in it; write its slug to say so: ?confirm=${slug}`,
        );
      }
      const within = (change: Change) => refuseRemoval(change, id, slug);
      await store.change(within);
      await removeRows(store, id, { before: beforeRemoval, within });
      await store.change(async (change) => {
        await within(change);
        await removeUnnamed(change);
        await change.tx.deleteFrom("labs").where("id", "=", id).execute();
        const home = await homeLabOf(change.tx);
        await change.tx
          .updateTable("pods")
          .set({ lab_id: home, updated_at: change.at })
          .where("lab_id", "=", id)
          .execute();
        // Of the server, since the lab's own activity is gone.
        change.event("lab.deleted", id, { name, slug });
        for (const topic of [refsTopic, "pods", "costs", removedTopic]) change.touch(topic);
      });
      return { id, slug };
    },

    async status(ref) {
      const id = await idOf(ref);
      const { slug } = await get(id);
      return readStatus(store, { labId: id, slug, numbers });
    },
  };
}

/** A lab has gone: sums by lab are none any more. */
export const removedTopic = "labs:removed";

const missing = (ref: string) =>
  new LabError("not_found", ref === "" ? "There is no lab for this key." : `Lab ${ref} does not exist.`);

/** In the order of their creation: no two have the same. */
const readLabs = (db: Kysely<Schema>) => db.selectFrom("labs").selectAll().orderBy("created_at").orderBy("id");

/** By id before slug: nobody gets at a lab's name by calling another like its id. */
async function findLab(db: Kysely<Schema>, ref: string): Promise<LabRow | undefined> {
  const query = db.selectFrom("labs").selectAll();
  return (
    (await query.where("id", "=", ref).executeTakeFirst()) ?? (await query.where("slug", "=", ref).executeTakeFirst())
  );
}

async function placeOf(db: Kysely<Schema>, cursor: string, visible: readonly string[] | null): Promise<number> {
  const row = await findLab(db, cursor);
  if (row === undefined || visible?.includes(row.id) === false) {
    throw new LabError("validation_error", "cursor: not of this list; take `next_cursor` of the page before");
  }
  return row.created_at;
}

async function countAgents(db: Kysely<Schema>, labIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (labIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("agents")
    .select(({ fn }) => ["lab_id", fn.countAll<number>().as("agents")])
    .where("lab_id", "in", labIds)
    .groupBy("lab_id")
    .execute();
  return new Map(rows.map(({ lab_id: labId, agents }) => [labId, Number(agents)]));
}

interface Insert {
  readonly name: string;
  readonly slug: string;
  readonly template: string | null;
  readonly visibility?: "public" | "private";
  readonly description?: string | null;
}

async function insertLab(change: Change, { name, slug, ...more }: Insert): Promise<LabRow> {
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

const longestSlug = 48;

/** `Dark energy (DESI)` → `dark-energy-desi`; `-2` where that is taken. */
async function freeSlug(db: Kysely<Schema>, name: string): Promise<string> {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, longestSlug)
    .replace(/^-+|-+$/g, "");
  const stem = plain === "" ? "lab" : plain;
  for (let count = 1; ; count++) {
    const slug = count === 1 ? stem : `${stem}-${count}`;
    if (!(await isTaken(db, slug))) return slug;
  }
}

const isTaken = async (db: Kysely<Schema>, slug: string) => (await findLab(db, slug)) !== undefined;

async function refuseTakenSlug(db: Kysely<Schema>, slug: string): Promise<void> {
  if (await isTaken(db, slug)) throw new LabError("conflict", `slug: ${slug} is taken; choose another`);
}

/** Without what was not given. */
const given = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;

async function refuseRemoval({ tx }: Change, labId: string, slug: string): Promise<void> {
  const labs = await readLabs(tx).limit(2).execute();
  if (labs.length < 2) throw new LabError("conflict", `${slug} is the only lab of this server: it stays`);
  const running = await tx
    .selectFrom("experiments")
    .select("display_id")
    .where("lab_id", "=", labId)
    .where("status", "=", "running")
    .executeTakeFirst();
  if (running !== undefined) {
    throw new LabError("conflict", `${running.display_id} runs in ${slug}; cancel it, then delete the lab`);
  }
  const rented = await tx
    .selectFrom("pods")
    .select("name")
    .where("lab_id", "=", labId)
    .where("created_by_lab", "=", 1)
    .where("status", "<>", "terminated")
    .executeTakeFirst();
  if (rented !== undefined) {
    throw new LabError("conflict", `${rented.name} is rented by ${slug}; terminate it, then delete the lab`);
  }
}

function toLab(row: LabRow, agents: ReadonlyMap<string, number>): LabDocument {
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
