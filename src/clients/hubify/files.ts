import { z } from "zod";
import { FileWritten, LabFile } from "../../contract/file.js";
import type { UploadedFile } from "../../core/uploaded-file.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, type PageQuery, pageOf } from "./envelope.js";

/** Files of a lab, by their paths in it. */
export function filesClient(http: Http) {
  return {
    /** What is in a folder; of a file, that one with its text. */
    list: (query: PageQuery & { labId: string; path?: string | undefined }) =>
      http.get("/v1/files", { query: { ...query }, expect: pageOf(LabFile) }),
    get: (id: string) => http.get(path`/v1/files/${id}`, { expect: dataOf(LabFile) }),
    upload: (
      fields: { labId: string; path: string; mimeType?: string },
      { file, signal }: { file: UploadedFile; signal: AbortSignal },
    ) => http.upload("/v1/files/upload", { fields, file, signal, expect: dataOf(FileWritten) }),
    delete: (query: { labId: string; path: string; recursive?: boolean | undefined }) =>
      http.delete("/v1/files", { query, expect: z.unknown() }),
    download: (id: string, signal: AbortSignal) => http.stream(path`/v1/files/${id}/download`, { accept: "", signal }),
  };
}
