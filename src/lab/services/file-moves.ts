import { sql } from "kysely";
import { maxPathBytes, nameOf, parentOf } from "../../contract/file.js";
import { LabError } from "../lab-error.js";
import type { Change } from "../store/store.js";
import type { Blobs } from "../uploads/blobs.js";
import { type FileRow, fileAt, isBelow, tellFile } from "./file-rows.js";
import { makeParents } from "./file-tree.js";

/** More content than this that goes at once is not remembered one by one: all blobs are looked at instead. */
const maxReleased = 1000;

/** With all that is below it; nothing is overwritten. */
export async function moveFile(change: Change, row: FileRow, newPath: string): Promise<void> {
  const { lab_id: labId, path } = row;
  if (newPath === path) return;
  if (newPath.startsWith(`${path}/`)) throw new LabError("validation_error", `newPath: is inside of ${path} itself`);
  if ((await fileAt(change.tx, labId, newPath)) !== undefined)
    throw new LabError("conflict", `newPath: ${newPath} exists already`);
  await makeParents(change, labId, newPath);
  if (row.type === "folder") await moveBelow(change, row, newPath);
  const values = { path: newPath, parent_path: parentOf(newPath), name: nameOf(newPath), updated_at: change.at };
  await change.tx.updateTable("files").set(values).where("id", "=", row.id).execute();
  change.event("file.moved", row.id, { labId, path: newPath, from: path, type: row.type });
  change.touch(`files:${labId}`);
}

/** A folder with something in it only if `recursive`. Answers how many files and folders went. */
export async function removeFile(
  change: Change,
  blobs: Pick<Blobs, "released">,
  row: FileRow,
  recursive: boolean,
): Promise<number> {
  const { lab_id: labId, path, type } = row;
  let below = 0;
  if (type === "folder") {
    const first = await change.tx
      .selectFrom("files")
      .select("id")
      .where("lab_id", "=", labId)
      .where("parent_path", "=", path)
      .executeTakeFirst();
    if (first !== undefined && !recursive) {
      throw new LabError("conflict", `path: ${path} is not empty; delete it with recursive=true`);
    }
    await release(change, blobs, row);
    const gone = await change.tx.deleteFrom("files").where("lab_id", "=", labId).where(isBelow(path)).execute();
    below = gone.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0);
  } else if (row.sha256 !== null) blobs.released([row.sha256]);
  await change.tx.deleteFrom("files").where("id", "=", row.id).execute();
  tellFile(change, "file.deleted", row);
  return below + 1;
}

async function release(
  { tx }: Change,
  blobs: Pick<Blobs, "released">,
  { lab_id: labId, path }: FileRow,
): Promise<void> {
  const rows = await tx
    .selectFrom("files")
    .select("sha256")
    .distinct()
    .where("lab_id", "=", labId)
    .where(isBelow(path))
    .where("sha256", "is not", null)
    .limit(maxReleased + 1)
    .execute();
  blobs.released(rows.length > maxReleased ? null : rows.flatMap(({ sha256 }) => sha256 ?? []));
}

async function moveBelow(change: Change, { lab_id: labId, path }: FileRow, newPath: string): Promise<void> {
  const longest = await change.tx
    .selectFrom("files")
    .where("lab_id", "=", labId)
    .where(isBelow(path))
    .select(sql<number | null>`max(octet_length(path))`.as("bytes"))
    .executeTakeFirst();
  const grown = Buffer.byteLength(newPath) - Buffer.byteLength(path);
  if ((longest?.bytes ?? 0) + grown > maxPathBytes) {
    throw new LabError(
      "validation_error",
      `newPath: a file below it would have a path of more than ${maxPathBytes} bytes`,
    );
  }
  const moved = (column: string) => sql<string>`${newPath} || substr(${sql.ref(column)}, length(${path}) + 1)`;
  await change.tx
    .updateTable("files")
    .set({ path: moved("path"), parent_path: moved("parent_path"), updated_at: change.at })
    .where("lab_id", "=", labId)
    .where(isBelow(path))
    .execute();
}
