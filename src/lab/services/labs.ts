import type { Selectable } from "kysely";
import type { Lab } from "../../contract/lab.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { LabStore } from "../store/store.js";
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

/** The labs of this data directory. Counting experiments costs a scan of an index: only `list` and `get` do it. */
export function createLabs(store: LabStore): LabsService {
  const find = async (ref: string | undefined): Promise<LabRow> => {
    let query = store.db.selectFrom("labs").selectAll().orderBy("created_at").limit(1);
    if (ref !== undefined) query = query.where((where) => where.or([where("id", "=", ref), where("slug", "=", ref)]));
    const row = await query.executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", `Lab ${ref ?? ""} does not exist.`);
    return row;
  };
  const toLab = async (row: LabRow): Promise<Lab> => {
    const counted = await store.db
      .selectFrom("experiments")
      .where("lab_id", "=", row.id)
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    return {
      id: row.id,
      name: row.name,
      slug: row.slug,
      template: row.template,
      visibility: row.visibility,
      experiment_count: counted.count,
      agent_count: 0,
      created_at: new Date(row.created_at).toISOString(),
    };
  };
  return {
    async list() {
      const rows = await store.db.selectFrom("labs").selectAll().orderBy("created_at").execute();
      return Promise.all(rows.map(toLab));
    },
    get: async (ref) => toLab(await find(ref)),
    idOf: async (ref) => (await find(ref)).id,
  };
}
