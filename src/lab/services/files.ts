import { Readable } from "node:stream";
import type { Selectable } from "kysely";
import {
  FilePatch,
  FileUpload,
  type FileWritten,
  type LabFile,
  LabPath,
  NewFile,
  nameOf,
  parentOf,
} from "../../contract/file.js";
import { needLab, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { FilesTable } from "../store/schema-system.js";
import type { Change, LabStore } from "../store/store.js";
import type { Blobs, Staged } from "../uploads/blobs.js";
import { fileNameOf } from "../uploads/file-name.js";
import { mimeTypeOf } from "../uploads/mime-type.js";
import { readUpload } from "../uploads/multipart.js";
import { textOf } from "../uploads/text.js";
import { createFileTree } from "./file-tree.js";
import type { Page, PageRequest } from "./page.js";
import type { LabsService } from "./service.js";

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

export interface FilesParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly blobs: Blobs;
  /** Largest file, bytes. */
  readonly maxBytes: number;
}

export type FileRow = Selectable<FilesTable>;

const missing = (path: string) => `File ${path} does not exist.`;

/** The files of a lab: a tree of folders whose contents are blobs. */
export function createFiles({ store, labs, blobs, maxBytes }: FilesParts): FilesService {
  const tree = createFileTree(store, blobs);

  const needRow = async (id: string): Promise<FileRow> => {
    const row = await store.db.selectFrom("files").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", missing(id));
    needLab(row.lab_id, missing(id));
    noteRead(`files:${row.lab_id}`);
    return row;
  };

  const needAt = async (labId: string, path: string): Promise<FileRow> => {
    const row = await tree.at(labId, path);
    if (row === undefined) throw new LabError("not_found", missing(path));
    return row;
  };

  const whole = async (row: FileRow): Promise<LabFile> => ({
    ...toFile(row),
    content: row.sha256 === null ? null : await textOf(blobs.pathOf(row.sha256), row.size_bytes),
  });

  const stageText = (text: string) =>
    blobs.stage(Readable.from([Buffer.from(text, "utf8")]), { maxBytes, field: "content" });

  /** Stages first and outside of the transaction where there is none yet; in any case nothing stays behind. */
  const withStaged = async <T>(staged: Staged, work: (change: Change) => Promise<T>): Promise<T> => {
    try {
      return await store.change(async (change) => {
        await blobs.keep(staged);
        return work(change);
      });
    } finally {
      await blobs.discard(staged);
    }
  };

  const put = (labId: string, path: string, content: { staged: Staged; mimeType: string }) =>
    withStaged(content.staged, async (change): Promise<FileWritten> => {
      const { row, created } = await tree.put(change, labId, { path, ...content });
      return { created, path, fileId: row.id, bytes: row.size_bytes };
    });

  return {
    async list(query) {
      const labId = await labs.idOf(query.labId);
      const path = parseOrRefuse(LabPath, query.path ?? "/", "path: ");
      noteRead(`files:${labId}`);
      if (path !== "/") {
        const row = await needAt(labId, path);
        if (row.type === "file") return { rows: [await whole(row)], total: 1, nextCursor: null, hasMore: false };
      }
      const found = await tree.children(labId, path, query);
      const rows = found.slice(0, query.limit).map(toFile);
      const hasMore = found.length > query.limit;
      const nextCursor = hasMore ? (rows.at(-1)?._id ?? null) : null;
      return { rows, total: await tree.count(labId, path), nextCursor, hasMore };
    },

    get: async (id) => whole(await needRow(id)),

    async content(id) {
      const row = await needRow(id);
      if (row.sha256 === null) throw new LabError("validation_error", `fileId: ${row.path} is a folder`);
      return { entry: toFile(row), file: blobs.pathOf(row.sha256) };
    },

    async write(wanted) {
      const { path, type, content, mimeType, ...draft } = parseOrRefuse(NewFile, wanted);
      const labId = await labs.idOf(draft.labId);
      if (type === "folder") {
        if (content !== "") throw new LabError("validation_error", "content: a folder has none");
        return store.change((change) => tree.makeFolder(change, labId, path));
      }
      const staged = await stageText(content);
      return put(labId, path, { staged, mimeType: mimeType ?? mimeTypeOf(path, true) });
    },

    async upload(request) {
      const { fields, fileName, staged } = await readUpload(request, blobs, maxBytes);
      try {
        const { path, mimeType, ...given } = parseOrRefuse(FileUpload, fields);
        const labId = await labs.idOf(given.labId);
        const place = path ?? `/${fileNameOf(fileName, "upload")}`;
        const isText = (await textOf(staged.file, staged.size)) !== null;
        return await put(labId, place, { staged, mimeType: mimeType ?? mimeTypeOf(place, isText) });
      } finally {
        await blobs.discard(staged);
      }
    },

    async patch(wanted) {
      const { path, newPath, content, mimeType, ...given } = parseOrRefuse(FilePatch, wanted);
      if (newPath === undefined && content === undefined && mimeType === undefined) {
        throw new LabError("validation_error", "body: nothing to change; give newPath, content or mimeType");
      }
      const labId = await labs.idOf(given.labId);
      const edit = async (change: Change, staged: Staged | null) => {
        const row = await needAt(labId, path);
        if (row.type === "folder" && (staged !== null || mimeType !== undefined)) {
          throw new LabError("validation_error", `path: ${path} is a folder; it has only a path`);
        }
        if (staged !== null) await tree.put(change, labId, { path, staged, mimeType: mimeType ?? row.mime_type });
        else if (mimeType !== undefined) await tree.setMimeType(change, row, mimeType);
        if (newPath !== undefined) await tree.move(change, row, newPath);
        return needAt(labId, newPath ?? path);
      };
      const staged = content === undefined ? null : await stageText(content);
      const row = await (staged === null
        ? store.change((change) => edit(change, null))
        : withStaged(staged, (change) => edit(change, staged)));
      return whole(row);
    },

    async remove({ recursive = false, ...what }) {
      const path = parseOrRefuse(LabPath, what.path, "path: ");
      const labId = await labs.idOf(what.labId);
      if (path === "/") throw new LabError("validation_error", "path: the root can't be deleted");
      return store.change(async (change) => {
        const row = await needAt(labId, path);
        return { path, deleted: await tree.remove(change, row, recursive) };
      });
    },
  };
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
