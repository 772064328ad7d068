import { type FilePatch, type FileWritten, type LabFile, LabPath, type NewFile } from "../../contract/file.js";
import { needLab, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import { removeFile } from "./file-moves.js";
import { type FileRow, missingFile, needFileAt, toFile } from "./file-rows.js";
import { childrenOf, countChildren } from "./file-tree.js";
import { createFileWrites, type FilesParts, wholeFile } from "./file-writes.js";
import type { Page, PageRequest } from "./page.js";

export interface FileQuery extends PageRequest {
  readonly labId: string;
  /** A folder: what is in it; a file: that one, with its text. Default: the root. */
  readonly path?: string | undefined;
}

export interface FilePage extends Page<LabFile> {
  /** Of all pages. */
  readonly total: number;
}

export interface FilesService {
  /** By name. */
  list(query: FileQuery): Promise<FilePage>;
  get(id: string): Promise<LabFile>;
  /** Where its bytes lie. */
  content(id: string): Promise<{ readonly entry: LabFile; readonly file: string }>;
  write(draft: NewFile): Promise<FileWritten>;
  /** Reads a multipart body. */
  upload(request: Request): Promise<FileWritten>;
  /** Moves, renames, replaces the content, or some of it together. */
  patch(change: FilePatch): Promise<LabFile>;
  /** A folder with something in it only with `recursive`. Answers how many files and folders went. */
  remove(what: {
    labId: string;
    path: string;
    recursive?: boolean | undefined;
  }): Promise<{ path: string; deleted: number }>;
}

/** The files of a lab: a tree of folders whose contents are blobs. */
export function createFiles(parts: FilesParts): FilesService {
  const { store, labs, blobs } = parts;

  const needRow = async (id: string): Promise<FileRow> => {
    const row = await store.db.selectFrom("files").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", missingFile(id));
    needLab(row.lab_id, missingFile(id));
    noteRead(`files:${row.lab_id}`);
    return row;
  };

  return {
    ...createFileWrites(parts),

    async list(query) {
      const labId = await labs.idOf(query.labId);
      const path = parseOrRefuse(LabPath, query.path ?? "/", "path: ");
      noteRead(`files:${labId}`);
      if (path !== "/") {
        const row = await needFileAt(store.db, labId, path);
        if (row.type === "file")
          return { rows: [await wholeFile(blobs, row)], total: 1, nextCursor: null, hasMore: false };
      }
      const found = await childrenOf(store.db, labId, path, query);
      const rows = found.slice(0, query.limit).map(toFile);
      const hasMore = found.length > query.limit;
      const nextCursor = hasMore ? (rows.at(-1)?._id ?? null) : null;
      return { rows, total: await countChildren(store.db, labId, path), nextCursor, hasMore };
    },

    get: async (id) => wholeFile(blobs, await needRow(id)),

    async content(id) {
      const row = await needRow(id);
      if (row.sha256 === null) throw new LabError("validation_error", `fileId: ${row.path} is a folder`);
      return { entry: toFile(row), file: blobs.pathOf(row.sha256) };
    },

    async remove({ recursive = false, ...what }) {
      const path = parseOrRefuse(LabPath, what.path, "path: ");
      const labId = await labs.idOf(what.labId);
      if (path === "/") throw new LabError("validation_error", "path: the root can't be deleted");
      return store.change(async (change) => {
        const row = await needFileAt(store.db, labId, path);
        return { path, deleted: await removeFile(change, blobs, row, recursive) };
      });
    },
  };
}
