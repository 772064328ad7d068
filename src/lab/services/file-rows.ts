import type { Kysely, Selectable } from "kysely";
import { sql } from "kysely";
import { type LabFile, nameOf, parentOf } from "../../contract/file.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { FilesTable } from "../store/schema-outside.js";
import type { Change } from "../store/store.js";

export type FileRow = Selectable<FilesTable>;

export const missingFile = (path: string) => `File ${path} does not exist.`;

export async function fileAt(db: Kysely<Schema>, labId: string, path: string): Promise<FileRow | undefined> {
  return db.selectFrom("files").selectAll().where("lab_id", "=", labId).where("path", "=", path).executeTakeFirst();
}

/** As `fileAt`; refuses with `not_found`. */
export async function needFileAt(db: Kysely<Schema>, labId: string, path: string): Promise<FileRow> {
  const row = await fileAt(db, labId, path);
  if (row === undefined) throw new LabError("not_found", missingFile(path));
  return row;
}

/** Everything below a folder: a range of the index of paths, since `0` is the character after `/`. */
export const isBelow = (path: string) => sql<boolean>`path > ${`${path}/`} and path < ${`${path}0`}`;

export function tellFile({ event, touch }: Change, topic: string, { lab_id: labId, path, type, id }: FileRow): void {
  event(topic, id, { labId, path, type });
  touch(`files:${labId}`);
}

export function toFile(row: FileRow): LabFile {
  return {
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    labId: row.lab_id,
    name: nameOf(row.path),
    path: row.path,
    type: row.type === "folder" ? "folder" : "file",
    parentPath: parentOf(row.path),
    mimeType: row.mime_type,
    size: row.size_bytes,
    sha256: row.sha256,
    content: null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
