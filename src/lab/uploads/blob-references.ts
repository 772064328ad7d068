import type { LabStore } from "../store/store.js";

/** Those of the blobs that no figure and no file names. */
export async function unreferenced({ db }: Pick<LabStore, "db">, sha256: readonly string[]): Promise<string[]> {
  if (sha256.length === 0) return [];
  const rows = await db
    .selectFrom("figures")
    .select("sha256")
    .where("sha256", "in", sha256)
    .union(db.selectFrom("files").select("sha256").$narrowType<{ sha256: string }>().where("sha256", "in", sha256))
    .execute();
  const named = new Set(rows.map((row) => row.sha256));
  return sha256.filter((each) => !named.has(each));
}
