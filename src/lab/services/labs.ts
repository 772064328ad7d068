import { type LabDocument, LabPatch, type LabStatus, NewLab } from "../../contract/lab.js";
import { currentActor, needLab, noteRead, visibleLabs } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Change, LabStore } from "../store/store.js";
import { type BeforeRemoval, removeLab } from "./lab-removal.js";
import {
  countAgents,
  findLab,
  freeSlugFor,
  homeLabOf,
  insertLab,
  placeOf,
  readLabs,
  refsTopic,
  refuseTakenSlug,
  toLab,
} from "./lab-rows.js";
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

/** Notes in the same transaction that experiments came or went. */
export async function countExperiments(change: Change, labId: string, difference: number): Promise<void> {
  await change.tx
    .updateTable("labs")
    .set(({ eb }) => ({ experiment_count: eb("experiment_count", "+", difference) }))
    .where("id", "=", labId)
    .execute();
  change.touch("labs");
}

/** The labs of this data directory, as far as the caller sees them. */
export function createLabs(store: LabStore, parts: LabsParts = {}): LabsService {
  const idOf = createLookUp(store);
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
    list: (query = {}) => listLabs(store, query),
    create: (draft) => createLab(store, draft),
    async patch(ref, changes) {
      return store.change(async (change) => patchLab(change, await idOf(ref), changes));
    },
    async remove(ref, confirm) {
      const lab = await get(ref);
      await removeLab(store, lab, { confirm, before: parts.beforeRemoval });
      return { id: lab.id, slug: lab.slug };
    },
    async status(ref) {
      const { id: labId, slug } = await get(ref);
      return readStatus(store, { labId, slug, numbers: parts.numbers });
    },
  };
}

/** `idOf`: a lab is looked up once by each of its names, until one of them means another. */
function createLookUp(store: LabStore): LabsService["idOf"] {
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
  return async (ref) => {
    if (ref === undefined) return firstId();
    const id = await lookUp(ref);
    needLab(id, missingText(ref));
    return id;
  };
}

async function listLabs({ db }: LabStore, { limit = defaultLimit, cursor }: LabsQuery): Promise<Page<LabDocument>> {
  const visible = visibleLabs();
  let query = readLabs(db).limit(limit + 1);
  if (visible !== null) query = query.where("id", "in", visible.length === 0 ? [""] : visible);
  if (cursor !== undefined) query = query.where("created_at", ">", await placeOf(db, cursor, visible));
  const rows = await query.execute();
  const page = rows.slice(0, limit);
  const ids = page.map(({ id }) => id);
  noteRead("labs", ...ids.map((id) => `agents:${id}`));
  const agents = await countAgents(db, ids);
  const hasMore = rows.length > limit;
  return { rows: page.map((row) => toLab(row, agents)), nextCursor: hasMore ? (ids.at(-1) ?? null) : null, hasMore };
}

async function createLab(store: LabStore, draft: NewLab): Promise<LabDocument> {
  const wanted = parseOrRefuse(NewLab, draft);
  if (visibleLabs() !== null) {
    throw new LabError("forbidden", "Only a key that reaches every lab of this server can make one.");
  }
  return store.change(async (change) => {
    const slug = wanted.slug ?? (await freeSlugFor(change.tx, wanted.name));
    await refuseTakenSlug(change.tx, slug);
    return toLab(await insertLab(change, { ...wanted, slug }), new Map());
  });
}

async function patchLab(change: Change, id: string, changes: LabPatch): Promise<LabDocument> {
  const wanted = parseOrRefuse(LabPatch, changes);
  if (wanted.plan !== undefined && (currentActor()?.kind ?? "owner") !== "owner") {
    throw new LabError("forbidden", "plan: only the server's owner sets it");
  }
  const row = await findLab(change.tx, id);
  if (row === undefined) throw missing(id);
  if (wanted.slug !== undefined && wanted.slug !== row.slug) await refuseTakenSlug(change.tx, wanted.slug);
  const set = given(wanted);
  const updated = await change.tx
    .updateTable("labs")
    .set({ ...set, updated_at: change.at })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  change.event("lab.updated", id, { labId: id, name: updated.name, slug: updated.slug, changes: set });
  change.touch(refsTopic);
  return toLab(updated, await countAgents(change.tx, [id]));
}

const missing = (ref: string) => new LabError("not_found", missingText(ref));
const missingText = (ref: string) => (ref === "" ? "There is no lab for this key." : `Lab ${ref} does not exist.`);

/** Without what was not given. */
const given = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
