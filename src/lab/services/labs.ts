import type { Selectable } from "kysely";
import type { Lab } from "../../contract/lab.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import type { LabsService } from "./service.js";

type LabRow = Selectable<Schema["labs"]>;

export interface NewLab {
  readonly name: string;
  readonly slug: string;
  readonly template?: string | undefined;
}

/** Makes the data directory's first lab unless it has one; answers its document id. */
export async function createFirstLab(store: LabStore, { name, slug, template }: NewLab): Promise<string> {
  return store.change(async (change) => {
    const first = await change.tx.selectFrom("labs").select("id").orderBy("created_at").executeTakeFirst();
    if (first !== undefined) return first.id;
    const id = newDocumentId();
    await change.tx
      .insertInto("labs")
      .values({ id, name, slug, template: template ?? null, visibility: "private", created_at: change.at })
      .execute();
    change.event("lab.created", id, { name, slug });
    return id;
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

/** The labs of this data directory. */
export function createLabs(store: LabStore): LabsService {
  /** A lab keeps its id and slug as long as it lives, so each is looked up once. */
  const ids = new Map<string | undefined, string>();
  const find = async (ref: string | undefined): Promise<LabRow> => {
    let query = store.db.selectFrom("labs").selectAll().orderBy("created_at").limit(1);
    if (ref !== undefined) query = query.where((where) => where.or([where("id", "=", ref), where("slug", "=", ref)]));
    const row = await query.executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", `Lab ${ref ?? ""} does not exist.`);
    return row;
  };
  return {
    async list() {
      const rows = await store.db.selectFrom("labs").selectAll().orderBy("created_at").execute();
      return rows.map(toLab);
    },
    get: async (ref) => toLab(await find(ref)),
    async idOf(ref) {
      const id = ids.get(ref) ?? (await find(ref)).id;
      ids.set(ref, id);
      return id;
    },
  };
}

function toLab(row: LabRow): Lab {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    template: row.template,
    visibility: row.visibility,
    experiment_count: row.experiment_count,
    agent_count: 0,
    created_at: new Date(row.created_at).toISOString(),
  };
}
