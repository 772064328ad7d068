import { sql } from "kysely";
import { type FileWritten, maxPathBytes, nameOf, parentOf } from "../../contract/file.js";
import { LabError } from "../lab-error.js";
import type { Change, LabStore } from "../store/store.js";
import type { Blobs, Staged } from "../uploads/blobs.js";
import { newDocumentId } from "./document-id.js";
import type { FileRow } from "./files.js";

/** More content than this that goes at once is not remembered one by one: all blobs are looked at instead. */
const maxReleased = 1000;

export interface PutFile {
  readonly path: string;
  readonly staged: Staged;
  readonly mimeType: string | null;
}

/** The rows of a lab's tree. The root has none; every other folder has one, so that each path's parents are rows. */
export function createFileTree(store: LabStore, blobs: Pick<Blobs, "released">) {
  const at = (labId: string, path: string): Promise<FileRow | undefined> =>
    store.db.selectFrom("files").selectAll().where("lab_id", "=", labId).where("path", "=", path).executeTakeFirst();

  const tell = ({ event, touch }: Change, topic: string, { lab_id: labId, path, type, id }: FileRow) => {
    event(topic, id, { labId, path, type });
    touch(`files:${labId}`);
  };

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
  const makeParents = async (change: Change, labId: string, path: string): Promise<void> => {
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
  };

  const release = async (labId: string, path: string): Promise<void> => {
    const rows = await store.db
      .selectFrom("files")
      .select("sha256")
      .distinct()
      .where("lab_id", "=", labId)
      .where(isBelow(path))
      .where("sha256", "is not", null)
      .limit(maxReleased + 1)
      .execute();
    blobs.released(rows.length > maxReleased ? null : rows.flatMap(({ sha256 }) => sha256 ?? []));
  };

  return {
    at,

    /** One more than asked for where there is one. */
    async children(labId: string, path: string, { limit, cursor }: { limit: number; cursor?: string | undefined }) {
      let rows = store.db.selectFrom("files").selectAll().where("lab_id", "=", labId).where("parent_path", "=", path);
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
    },

    async count(labId: string, path: string): Promise<number> {
      const { count } = await store.db
        .selectFrom("files")
        .where("lab_id", "=", labId)
        .where("parent_path", "=", path)
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return count;
    },

    async makeFolder(change: Change, labId: string, path: string): Promise<FileWritten> {
      const known = await at(labId, path);
      if (known?.type === "file") throw new LabError("conflict", `path: ${path} is a file already`);
      if (known !== undefined) return { created: false, path, fileId: known.id, bytes: 0 };
      await makeParents(change, labId, path);
      const row = await insert(change, labId, { path, type: "folder" });
      tell(change, "file.created", row);
      return { created: true, path, fileId: row.id, bytes: 0 };
    },

    /** A new file, or new content of a known one. */
    async put(
      change: Change,
      labId: string,
      { path, staged, mimeType }: PutFile,
    ): Promise<{ row: FileRow; created: boolean }> {
      const known = await at(labId, path);
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
      tell(change, known === undefined ? "file.created" : "file.updated", row);
      return { row, created: known === undefined };
    },

    async setMimeType(change: Change, row: FileRow, mimeType: string): Promise<void> {
      const values = { mime_type: mimeType, updated_at: change.at };
      await change.tx.updateTable("files").set(values).where("id", "=", row.id).execute();
      tell(change, "file.updated", row);
    },

    /** With all that is below it; nothing is overwritten. */
    async move(change: Change, row: FileRow, newPath: string): Promise<void> {
      const { lab_id: labId, path } = row;
      if (newPath === path) return;
      if (newPath.startsWith(`${path}/`))
        throw new LabError("validation_error", `newPath: is inside of ${path} itself`);
      if ((await at(labId, newPath)) !== undefined)
        throw new LabError("conflict", `newPath: ${newPath} exists already`);
      await makeParents(change, labId, newPath);
      if (row.type === "folder") await moveBelow(change, row, newPath);
      const values = { path: newPath, parent_path: parentOf(newPath), name: nameOf(newPath), updated_at: change.at };
      await change.tx.updateTable("files").set(values).where("id", "=", row.id).execute();
      change.event("file.moved", row.id, { labId, path: newPath, from: path, type: row.type });
      change.touch(`files:${labId}`);
    },

    async remove(change: Change, row: FileRow, recursive: boolean): Promise<number> {
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
        await release(labId, path);
        const gone = await change.tx.deleteFrom("files").where("lab_id", "=", labId).where(isBelow(path)).execute();
        below = gone.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0);
      } else if (row.sha256 !== null) blobs.released([row.sha256]);
      await change.tx.deleteFrom("files").where("id", "=", row.id).execute();
      tell(change, "file.deleted", row);
      return below + 1;
    },
  };

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
    const moved = (column: string) => sql<string>`${newPath} || substr(${sql.ref(column)}, ${[...path].length + 1})`;
    await change.tx
      .updateTable("files")
      .set({ path: moved("path"), parent_path: moved("parent_path"), updated_at: change.at })
      .where("lab_id", "=", labId)
      .where(isBelow(path))
      .execute();
  }
}

/** A range of the index of paths: `0` is the character after `/`. */
const isBelow = (path: string) => sql<boolean>`path > ${`${path}/`} and path < ${`${path}0`}`;

/** `/a/b/c` is below `/a` and `/a/b`. */
function parentsOf(path: string): string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
}
