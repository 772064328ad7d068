import { Readable } from "node:stream";
import { FilePatch, FileUpload, type FileWritten, type LabFile, NewFile } from "../../contract/file.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Change, LabStore } from "../store/store.js";
import type { Blobs, Staged } from "../uploads/blobs.js";
import { fileNameOf } from "../uploads/file-name.js";
import { mimeTypeOf } from "../uploads/mime-type.js";
import { readUpload } from "../uploads/multipart.js";
import { textOf } from "../uploads/text.js";
import { moveFile } from "./file-moves.js";
import { type FileRow, needFileAt, toFile } from "./file-rows.js";
import { makeFolder, putFile, setMimeType } from "./file-tree.js";
import type { LabsService } from "./labs.js";

export interface FilesParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly blobs: Blobs;
  /** Largest file, bytes. */
  readonly maxBytes: number;
}

/** How files come and change. */
export function createFileWrites({ store, labs, blobs, maxBytes }: FilesParts) {
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
      const { row, created } = await putFile(change, blobs, labId, { path, ...content });
      return { created, path, fileId: row.id, bytes: row.size_bytes };
    });

  return {
    async write(wanted: NewFile): Promise<FileWritten> {
      const { path, type, content, mimeType, ...draft } = parseOrRefuse(NewFile, wanted);
      const labId = await labs.idOf(draft.labId);
      if (type === "folder") {
        if (content !== "") throw new LabError("validation_error", "content: a folder has none");
        return store.change((change) => makeFolder(change, labId, path));
      }
      const staged = await stageText(content);
      return put(labId, path, { staged, mimeType: mimeType ?? mimeTypeOf(path, true) });
    },

    async upload(request: Request): Promise<FileWritten> {
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

    async patch(wanted: FilePatch): Promise<LabFile> {
      const { path, newPath, content, mimeType, ...given } = parseOrRefuse(FilePatch, wanted);
      if (newPath === undefined && content === undefined && mimeType === undefined) {
        throw new LabError("validation_error", "body: nothing to change; give newPath, content or mimeType");
      }
      const labId = await labs.idOf(given.labId);
      const edit = async (change: Change, staged: Staged | null) => {
        const row = await needFileAt(change.tx, labId, path);
        if (row.type === "folder" && (staged !== null || mimeType !== undefined)) {
          throw new LabError("validation_error", `path: ${path} is a folder; it has only a path`);
        }
        if (staged !== null) await putFile(change, blobs, labId, { path, staged, mimeType: mimeType ?? row.mime_type });
        else if (mimeType !== undefined) await setMimeType(change, row, mimeType);
        if (newPath !== undefined) await moveFile(change, row, newPath);
        return needFileAt(change.tx, labId, newPath ?? path);
      };
      const staged = content === undefined ? null : await stageText(content);
      const row = await (staged === null
        ? store.change((change) => edit(change, null))
        : withStaged(staged, (change) => edit(change, staged)));
      return wholeFile(blobs, row);
    },
  };
}

/** A row with its text. */
export async function wholeFile(blobs: Pick<Blobs, "pathOf">, row: FileRow): Promise<LabFile> {
  return {
    ...toFile(row),
    content: row.sha256 === null ? null : await textOf(blobs.pathOf(row.sha256), row.size_bytes),
  };
}
