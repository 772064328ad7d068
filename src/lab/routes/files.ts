import { z } from "zod";
import { FilePatch, FileUpload, FileWritten, LabFile, NewFile } from "../../contract/file.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation, defineRoute } from "../http/route.js";
import { sendFile } from "../http/send-file.js";

const params = z.object({ fileId: z.string() });
const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);
const samplePath = "/scripts/run_cobaya.py";

export const listFiles = defineOperation({
  method: "get",
  path: "/v1/files",
  needs: "labs:read",
  summary: "What is in a folder (default: the root), by name; of a file, that one with its text",
  query: z.object({
    labId: z.string().min(1),
    path: z.string().optional(),
    limit: z.coerce.number().int().min(1).max(100).default(50),
    cursor: z.string().optional(),
  }),
  result: z.array(LabFile),
  call: { path: "files:list", kind: "query" },
  example: { query: { labId: sampleIds.lab, path: "/" } },
  async handle({ files }, { query }) {
    const { rows, total, nextCursor, hasMore } = await files.list(query);
    return { data: rows, nextCursor, hasMore, meta: { total } };
  },
});

export const writeFile = defineOperation({
  method: "post",
  path: "/v1/files",
  needs: "labs:write",
  summary: "Make a text file or a folder, or replace a file's content; other files go to /v1/files/upload",
  body: NewFile,
  result: FileWritten,
  status: 201,
  call: { path: "files:write", kind: "mutation" },
  example: { body: { labId: sampleIds.lab, path: samplePath, content: "print('hello')\n" } },
  handle: async ({ files }, { body }) => ({ data: await files.write(body) }),
});

export const uploadFile = defineRoute({
  method: "post",
  path: "/v1/files/upload",
  needs: "labs:write",
  summary: "Upload a file: multipart/form-data with labId, path and file",
  form: FileUpload,
  result: FileWritten,
  status: 201,
  example: { form: { labId: sampleIds.lab, path: "/data/planck.csv", file: "l,Cl\n2,1016.7\n" } },
  handle: async ({ services }, { http }) => ({ data: await services.files.upload(http.req.raw) }),
});

export const patchFile = defineOperation({
  method: "patch",
  path: "/v1/files",
  needs: "labs:write",
  summary: "Move or rename a file or a folder, or replace a file's content",
  body: FilePatch,
  result: LabFile,
  call: { path: "files:update", kind: "mutation" },
  example: { body: { labId: sampleIds.lab, path: samplePath, newPath: "/scripts/planck/run_cobaya.py" } },
  handle: async ({ files }, { body }) => ({ data: await files.patch(body) }),
});

export const deleteFile = defineOperation({
  method: "delete",
  path: "/v1/files",
  needs: "labs:write",
  summary: "Delete a file or an empty folder; recursive=true takes all that is in it along",
  query: z.object({ labId: z.string().min(1), path: z.string(), recursive: flag.optional() }),
  result: z.object({ path: z.string(), deleted: z.number() }),
  call: { path: "files:remove", kind: "mutation" },
  example: { query: { labId: sampleIds.lab, path: samplePath } },
  handle: async ({ files }, { query }) => ({ data: await files.remove(query) }),
});

export const getFile = defineOperation({
  method: "get",
  path: "/v1/files/{fileId}",
  needs: "labs:read",
  summary: "One file or folder; text of at most 1 MiB comes along",
  params,
  result: LabFile,
  call: { path: "files:get", kind: "query" },
  example: { params: { fileId: sampleIds.file } },
  handle: async ({ files }, { params: { fileId } }) => ({ data: await files.get(fileId) }),
});

export const downloadFile = defineRoute({
  method: "get",
  path: "/v1/files/{fileId}/download",
  needs: "labs:read",
  summary: "The bytes of a file; takes Range",
  params,
  result: z.string().describe("the bytes"),
  example: { params: { fileId: sampleIds.file } },
  async handle({ services }, { params: { fileId }, http }) {
    const { entry, file } = await services.files.content(fileId);
    const { name: fileName, mimeType, sha256, path } = entry;
    const missing = `The content of ${path} is gone.`;
    const type = mimeType ?? "application/octet-stream";
    return sendFile(http, { file, fileName, mimeType: type, sha256, disposition: "attachment", missing });
  },
});
