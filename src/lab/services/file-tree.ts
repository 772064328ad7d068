import type { Kysely } from "kysely";
import { type FileWritten, nameOf, parentOf } from "../../contract/file.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";
import type { Blobs, Staged } from "../uploads/blobs.js";
import { newDocumentId } from "./document-id.js";
import { type FileRow, fileAt, tellFile } from "./file-rows.js";
import type { PageRequest } from "./page.js";

// The rows of a lab's tree. The root has none; every other folder has one, so that each path's parents are rows.

export interface PutFile {
  readonly path: string;
  readonly staged: Staged;
  readonly mimeType: string | null;
}

/** By name; one more than asked for where there is one. */
export async function childrenOf(
  db: Kysely<Schema>,
  labId: string,
  path: string,
  { limit, cursor }: PageRequest,
): Promise<FileRow[]> {
  let rows = db.selectFrom("files").selectAll().where("lab_id", "=", labId).where("parent_path", "=", path);
  if (cursor !== undefined) {
    const last = await rows.where("id", "=", cursor).executeTakeFirst();
    if (last === undefined) {
      throw new LabError("validation_error", "cursor: must be the `next_cursor` of this folder's list");
    }
    rows = rows.where("name", ">", last.name);
  }
  return rows
    .orderBy("name")
    .limit(limit + 1)
    .execute();
}

export async function countChildren(db: Kysely<Schema>, labId: string, path: string): Promise<number> {
  const { count } = await db
    .selectFrom("files")
    .where("lab_id", "=", labId)
    .where("parent_path", "=", path)
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

const insert = (change: Change, labId: string, entry: { path: string; type: "file" | "folder" }) =>
  change.tx
    .insertInto("files")
    .values({
      id: newDocumentId(),
      lab_id: labId,
      ...entry,
      parent_path: parentOf(entry.path),
      name: nameOf(entry.path),
      created_at: change.at,
      updated_at: change.at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();

/** All folders above a path, from the root down; refuses where one of them is a file. */
export async function makeParents(change: Change, labId: string, path: string): Promise<void> {
  const parents = parentsOf(path);
  if (parents.length === 0) return;
  const rows = await change.tx
    .selectFrom("files")
    .select(["path", "type"])
    .where("lab_id", "=", labId)
    .where("path", "in", parents)
    .execute();
  const known = new Map(rows.map((row) => [row.path, row.type]));
  for (const parent of parents) {
    const type = known.get(parent);
    if (type === "file") throw new LabError("conflict", `path: ${parent} is a file, not a folder`);
    if (type === undefined) await insert(change, labId, { path: parent, type: "folder" });
  }
}

export async function makeFolder(change: Change, labId: string, path: string): Promise<FileWritten> {
  const known = await fileAt(change.tx, labId, path);
  if (known?.type === "file") throw new LabError("conflict", `path: ${path} is a file already`);
  if (known !== undefined) return { created: false, path, fileId: known.id, bytes: 0 };
  await makeParents(change, labId, path);
  const row = await insert(change, labId, { path, type: "folder" });
  tellFile(change, "file.created", row);
  return { created: true, path, fileId: row.id, bytes: 0 };
}

/** A new file, or new content of a known one. */
export async function putFile(
  change: Change,
  blobs: Pick<Blobs, "released">,
  labId: string,
  { path, staged, mimeType }: PutFile,
): Promise<{ row: FileRow; created: boolean }> {
  const known = await fileAt(change.tx, labId, path);
  if (known?.type === "folder") throw new LabError("conflict", `path: ${path} is a folder`);
  if (known === undefined) await makeParents(change, labId, path);
  const { id } = known ?? (await insert(change, labId, { path, type: "file" }));
  const row = await change.tx
    .updateTable("files")
    .set({ sha256: staged.sha256, size_bytes: staged.size, mime_type: mimeType, updated_at: change.at })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (known?.sha256 != null && known.sha256 !== row.sha256) blobs.released([known.sha256]);
  tellFile(change, known === undefined ? "file.created" : "file.updated", row);
  return { row, created: known === undefined };
}

export async function setMimeType(change: Change, row: FileRow, mimeType: string): Promise<void> {
  const values = { mime_type: mimeType, updated_at: change.at };
  await change.tx.updateTable("files").set(values).where("id", "=", row.id).execute();
  tellFile(change, "file.updated", row);
}

/** `/a/b/c` is below `/a` and `/a/b`. */
function parentsOf(path: string): string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
}
